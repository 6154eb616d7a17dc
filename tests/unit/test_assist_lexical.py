"""Plain forms, terms and the synonym lexicon."""

from __future__ import annotations

from pathlib import Path

import pytest

from assist.errors import KnowledgeError
from assist.lexical import Family, Phrases, Tokeniser, load_synonyms, plain


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("創業板 怎麼 開通？？", "创业板怎么开通"),
        ("Ｔ＋０", "t 0"),
        ("年化5.5%吗", "年化5.5吗"),
        ("how  to\topen", "how to open"),
        ("\u200b！。…", ""),
        ("\ud800开户", "开户"),
    ],
)
def test_plain_keeps_only_what_decides(written: str, meant: str) -> None:
    """Blanks between Han characters, marks, width and script vanish; Latin words stay apart."""
    assert plain(written) == meant


def test_plain_is_bounded() -> None:
    """However long a text, its plain form is short."""
    assert len(plain("股" * 100_000)) == 200


def test_longest_phrase_wins() -> None:
    """A long phrase hides the shorter ones inside it."""
    phrases = Phrases([("密码", "密码"), ("资金密码", "取款密码"), ("转出", "取款")])
    assert [span.names for span in phrases.find(plain("取款密码忘了"))] == [("资金密码",)]


def test_synonyms_become_the_same_term() -> None:
    """Two ways to say a thing give one TERM, and the words around them stay."""
    tokeniser = Tokeniser(Phrases([("融资融券", "两融"), ("融资融券", "融资融券")]))
    one = tokeniser.terms(plain("两融利率"))[Family.TERM]
    other = tokeniser.terms(plain("融资融券利率"))[Family.TERM]
    assert one == other == ("#融资融券", "利率")


def test_terms_of_nothing_are_empty() -> None:
    """A text without words has no terms in any family."""
    assert Tokeniser().terms("") == ((), (), ())


def test_sample_synonyms_load(data: Path) -> None:
    """The project's lexicon is readable and knows the trade's abbreviations."""
    synonyms = load_synonyms(data / "lexicons" / "synonyms.yaml")
    assert [span.names for span in synonyms.find("两融")] == [("融资融券",)]


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: b\n", "a: [\n"])
def test_broken_synonyms_name_the_file(tmp_path: Path, text: str) -> None:
    """A lexicon that is no mapping of lists is refused with its path."""
    path = tmp_path / "synonyms.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"synonyms\.yaml"):
        load_synonyms(path)
