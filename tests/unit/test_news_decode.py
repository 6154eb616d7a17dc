"""Bytes become the text that was written, whatever the declaration says."""

from __future__ import annotations

import codecs

import pytest

from news.decode import decode

SIMPLIFIED = "证监会发布公告，上市公司应当披露年度报告，投资者可在交易所网站查阅。"
TRADITIONAL = "證監會發布公告，上市公司應當披露年度報告，投資者可在交易所網站查閱。"


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030", "utf-16", "utf-8-sig", "utf-32"])
@pytest.mark.parametrize("declared", [None, "gb2312", "utf-8", "ISO-8859-1", "no-such-name", "hex"])
def test_simplified_chinese_survives_any_declaration(encoding: str, declared: str | None) -> None:
    """Chinese in the usual encodings is read right even under a wrong or unknown declaration."""
    assert decode(SIMPLIFIED.encode(encoding), declared=declared).text == SIMPLIFIED


@pytest.mark.parametrize("declared", [None, "big5", "gb2312", "utf-8"])
def test_big5_is_not_taken_for_gb18030(declared: str | None) -> None:
    """Bytes of Big5 read as GB18030 give rare characters, which is noticed."""
    assert decode(TRADITIONAL.encode("big5"), declared=declared).text == TRADITIONAL


def test_traditional_characters_in_gbk_are_read() -> None:
    """GBK holds traditional characters too; a page of them needs no declaration."""
    assert decode(TRADITIONAL.encode("gbk")).text == TRADITIONAL


@pytest.mark.parametrize("encoding", ["koi8-r", "cp1251", "shift_jis", "euc_kr"])
def test_other_scripts_follow_their_declaration(encoding: str) -> None:
    """A declared Russian, Japanese or Korean encoding is not overruled by a Chinese reading."""
    text = {"shift_jis": "日経平均株価は続伸した。", "euc_kr": "코스피가 상승했다."}.get(
        encoding, "Первая новость рынка акций сегодня"
    )
    assert decode(text.encode(encoding), declared=encoding).text == text


def test_gb2312_means_gb18030() -> None:
    """A page declared as gb2312 may hold characters that only GB18030 has."""
    raw = '<meta charset="gb2312"><p>镕基、囍、㐂，以及人民币符号¥和欧元€的介绍文字。'.encode(
        "gb18030"
    )
    decoded = decode(raw)
    assert "镕基、囍、㐂" in decoded.text
    assert decoded.encoding == "gb18030"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'<?xml version="1.0" encoding="windows-1252"?><t>Euro \x80</t>', "Euro €"),
        ('<?xml version="1.0" encoding="windows-1252"?><t>Euro €</t>'.encode(), "Euro €"),
        ('<?xml version="1.0" encoding="KOI8-R"?><t>Новости рынка</t>'.encode("koi8-r"), "Новости"),
        ('<?xml version="1.0" encoding="invalid"?><t>新闻</t>'.encode(), "新闻"),
        ('<?xml version="1.0" encoding="utf-16"?><t>新闻</t>'.encode(), "新闻"),
        ("<?xml version='1.0' encoding='utf-16'?><t>新闻</t>".encode("utf-16-le"), "新闻"),
        (b'<?xml version="1.0" encoding="utf-8"?><t>J\xfcrgen</t>', "Jürgen"),
        ("<html><p>Café, Présentation générale".encode("latin-1"), "Café, Présentation"),
    ],
)
def test_declarations_in_the_document_are_weighed(raw: bytes, expected: str) -> None:
    """A right declaration is followed, a wrong one is seen through."""
    assert expected in decode(raw).text


def test_two_characters_that_pass_for_utf8_follow_the_declaration() -> None:
    """联通 in GBK is valid UTF-8 by chance; the declaration decides."""
    assert decode("联通".encode("gbk"), declared="gbk").text == "联通"
    assert decode("联通".encode(), declared="gbk").text == "联通"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_few_damaged_bytes_do_not_spoil_the_encoding(encoding: str) -> None:
    """A byte lost in the middle and one at the end cost two characters, not the text."""
    raw = (SIMPLIFIED * 20).encode(encoding)
    damaged = decode(raw[:300] + b"\xff" + raw[300:-1])
    assert damaged.encoding == encoding
    assert damaged.text.startswith(SIMPLIFIED)
    assert damaged.text.count("\ufffd") <= 3


def test_a_rare_name_keeps_its_declared_encoding() -> None:
    """Characters that are rare are odd but lost ones are worse: the declaration is followed."""
    assert decode("鹮翯踆".encode("gbk"), declared="gb2312").text == "鹮翯踆"


def test_a_byte_order_mark_outranks_a_declaration_and_is_removed() -> None:
    """The mark at the start decides, and is no part of the text."""
    raw = codecs.BOM_UTF8 + b'<meta charset="gbk">' + "公告".encode()
    assert decode(raw, declared="gbk").text == '<meta charset="gbk">公告'


def test_nothing_is_an_empty_text() -> None:
    """An empty body is an empty text, not an error."""
    assert decode(b"").text == ""
