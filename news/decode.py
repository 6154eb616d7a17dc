"""Bytes of a page, feed or file to text, whatever the declared encoding claims.

Declarations are often wrong on Chinese sites: `gb2312` on a UTF-8 page, `ISO-8859-1` in the HTTP
header of a GBK page. So a declaration is believed only where the text it gives looks like writing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARATION_BYTES = 8_192
_XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.I)
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
# The codecs that turn bytes into text; hex, zlib, unicode_escape and the like are none of ours.
_TEXT_CODEC = re.compile(
    r"utf-8|gb|big5|euc|shift_jis|iso|cp\d|koi8|mac|ascii|hz|johab|tis|kz1048|ptcp"
)
# What a declared name stands for in practice: the superset that its users really write.
_REAL = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-8-sig": "utf-8",
}
_WESTERN = frozenset({"cp1252", "iso8859-15", "latin-1"})
_SAMPLE = 65_536
_HAN_BETWEEN_LATIN = re.compile(r"(?<=[A-Za-z])[\u3400-\u9fff]{1,2}(?=[A-Za-z\s])")
_ACCENTS_IN_A_ROW = re.compile(r"[\u00c0-\u00ff\u0152\u0153\u0160\u0161\u0178]{3}")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text without its byte order mark, and the Python name of the encoding that gave it."""

    text: str
    encoding: str


def decode(raw: bytes, *, declared: str | None = None) -> Decoded:
    """Decode with the first encoding that fits; never fails.

    `declared` is what the transport says (the charset of an HTTP header). Order: byte order mark,
    `declared`, XML or HTML declaration, UTF-8, GB18030, the guess of charset-normalizer. An
    encoding that fails or gives mojibake is passed over. A few damaged bytes (up to 2 %) become
    U+FFFD rather than spoil the encoding.
    """
    marked = _by_mark(raw)
    if marked is not None:
        return marked
    utf8 = _strict(raw, "utf-8")
    if utf8 is not None and (raw.isascii() or not _is_short_double_byte(raw, declared)):
        return Decoded(utf8, "utf-8")
    for encoding in _declared(raw, declared):
        text = _strict(raw, encoding)
        if text is not None and not _is_mojibake(text, raw, encoding):
            return Decoded(text, encoding)
    if utf8 is not None:
        return Decoded(utf8, "utf-8")
    for encoding in ("gb18030", "big5hkscs"):
        text = _strict(raw, encoding)
        if text is not None and _han(text) and _reads_as_chinese(text):
            return Decoded(text, encoding)
    return _damaged(raw, declared) or _trusted(raw, declared) or _guessed(raw)


def declared_encodings(raw: bytes) -> Iterator[str]:
    """Names in the XML declaration and in HTML `meta` elements, as written."""
    head = raw[:_DECLARATION_BYTES]
    for pattern in (_XML_DECLARATION, _META):
        found = pattern.search(head)
        if found:
            yield found.group(1).decode("ascii", "ignore")


def _by_mark(raw: bytes) -> Decoded | None:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return Decoded(raw.decode(encoding, "replace"), encoding.removesuffix("-sig"))
    for start, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if raw.startswith(start):
            return Decoded(raw.decode(encoding, "replace"), encoding)
    return None


def _declared(raw: bytes, declared: str | None) -> Iterator[str]:
    names = ([declared] if declared else []) + list(declared_encodings(raw))
    seen = set()
    for name in names:
        encoding = _codec(name)
        if encoding and encoding not in seen:
            seen.add(encoding)
            yield encoding


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    return _REAL.get(found, found) if _TEXT_CODEC.match(found) else None


def _strict(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_short_double_byte(raw: bytes, declared: str | None) -> bool:
    """Whether a text that passes as UTF-8 is so short that a declared GBK or Big5 may be right.

    "联通" in GBK is valid UTF-8; with ten such letters or more the coincidence is past belief.
    """
    if sum(map(_is_high, raw[:_SAMPLE])) >= 20:
        return False
    for encoding in _declared(raw, declared):
        text = _strict(raw, encoding) if encoding in ("gb18030", "big5hkscs") else None
        if text is not None and _reads_as_chinese(text):
            utf8 = raw.decode("utf-8")
            return not (_reads_as_chinese(utf8) and _han(utf8))
    return False


def _is_high(byte: int) -> bool:
    return byte >= 0x80


def _is_mojibake(text: str, raw: bytes, encoding: str) -> bool:
    if encoding == "gb18030":
        return not _reads_as_chinese(text)
    if encoding in _WESTERN:
        # Every byte means something in a Western encoding, so GBK pages pass for it unnoticed.
        chinese = _strict(raw, "gb18030")
        return chinese is not None and not raw.isascii() and _reads_as_chinese(chinese)
    return any("\x80" <= c <= "\x9f" for c in text[:_SAMPLE])


def _reads_as_chinese(text: str) -> bool:
    """Whether most Han characters are common ones (level 1 of GB 2312 or Big5) and stand in runs.

    Bytes of other encodings read as GB18030 give rare characters, or lone ones inside Latin words.
    """
    sample = text[:_SAMPLE]
    han = _han(sample)
    private = sum("\ue000" <= c <= "\uf8ff" for c in sample)
    if private * 20 > len(han):
        return False
    lone = sum(len(m) for m in _HAN_BETWEEN_LATIN.findall(sample))
    common = sum(map(_is_common, han))
    return lone * 2 < len(han) and common >= 0.6 * len(han)


def _han(text: str) -> str:
    return "".join(c for c in text[:_SAMPLE] if "\u3400" <= c <= "\u9fff")


@lru_cache(maxsize=16_384)
def _is_common(char: str) -> bool:
    simplified, traditional = char.encode("gb2312", "ignore"), char.encode("big5", "ignore")
    if simplified and 0xB0 <= simplified[0] <= 0xD7:
        return True
    return bool(traditional) and 0xA4 <= traditional[0] <= 0xC6


def _damaged(raw: bytes, declared: str | None) -> Decoded | None:
    """A text in the declared encoding, UTF-8 or GB18030 in which a few bytes are broken."""
    for encoding in (*_declared(raw, declared), "utf-8", "gb18030"):
        text = raw.decode(encoding, "replace")
        letters = sum(not c.isascii() for c in text[:_SAMPLE])
        lost = text.count("\ufffd", 0, _SAMPLE)
        chinese = encoding != "gb18030" or _reads_as_chinese(text)
        if chinese and lost <= max(1, letters // 50) and lost * 3 <= letters:
            return Decoded(text, encoding)
    return None


def _trusted(raw: bytes, declared: str | None) -> Decoded | None:
    """The declared encoding where it decodes at all: odd writing is better than lost writing."""
    for encoding in _declared(raw, declared):
        text = _strict(raw, encoding)
        if text is not None and encoding not in _WESTERN:
            return Decoded(text, encoding)
    return None


def _guessed(raw: bytes) -> Decoded:
    western = _strict(raw, "cp1252")
    # Single accented letters inside Latin words: the one case that a guesser often gets wrong.
    if western is not None and not _ACCENTS_IN_A_ROW.search(western[:_SAMPLE]):
        high = sum(not c.isascii() for c in western[:_SAMPLE])
        if high * 4 <= len(western[:_SAMPLE]):
            return Decoded(western, "cp1252")
    best = from_bytes(raw[:_SAMPLE]).best()
    encoding = _codec(best.encoding) if best else None
    if encoding is None:
        encoding = "utf-8" if _strict(raw, "gb18030") is None else "gb18030"
    return Decoded(raw.decode(encoding, "replace"), encoding)
