"""Texts of articles and customers stay texts."""

from __future__ import annotations

import pytest

from ui.console.escape import escape_html, escape_markdown, web_address


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "$latex$ and $$x$$",
        "**b** _i_ `c` ~~s~~ # h | a",
        "![i](http://evil.example/x.png)",
        "&lt;b&gt;",
    ],
)
def test_every_mark_of_markdown_is_escaped(text: str) -> None:
    """No ASCII punctuation is left without a backslash, and nothing else is lost."""
    escaped = escape_markdown(text)
    plain = escaped.replace("\\", "").replace("\u2060", "")
    assert plain == text
    marks = [i for i, c in enumerate(escaped) if c in "<>[]()$*_`~#|!&"]
    assert marks
    assert all(escaped[i - 1] == "\\" for i in marks)


@pytest.mark.parametrize("text", [":smile:", ":material/home:", "a->b", "a--b"])
def test_words_that_streamlit_replaces_are_broken_up(text: str) -> None:
    """An invisible joiner keeps icons and arrows from being recognised."""
    assert "\u2060" in escape_markdown(text)


@pytest.mark.parametrize("text", ["12:30", "2024-05-20", "<script>", "a:b"])
def test_ordinary_marks_get_no_joiner(text: str) -> None:
    """Times and dates stay searchable: nothing invisible is put into them."""
    assert "\u2060" not in escape_markdown(text)


def test_a_backslash_is_kept() -> None:
    """A backslash of the text itself is escaped too, so that it cannot eat ours."""
    assert escape_markdown("\\*") == "\\\\\\*"


def test_lines_become_one() -> None:
    """A label has one line: breaks and indents cannot start a list or a code block."""
    assert escape_markdown("a\n\n    b\t c") == "a b c"


def test_chinese_is_left_alone() -> None:
    """Full-width text has no meaning in Markdown and reads as it was written."""
    assert escape_markdown("宁德时代：一季度净利润增长——公告") == "宁德时代：一季度净利润增长——公告"


def test_quotes_cannot_leave_an_attribute() -> None:
    """HTML escaping covers both kinds of quotes."""
    assert escape_html("\"'<>&") == "&quot;&#x27;&lt;&gt;&amp;"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc", "http://[", None],
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    """Anything but http and https with a host is no address to link to."""
    assert web_address(url) is None


def test_a_web_address_is_kept() -> None:
    """An https address is linked as it is."""
    assert web_address("https://a.example/x?y=1") == "https://a.example/x?y=1"
