"""Markup that a page shows and nobody says: Markdown, HTML, addresses, citation marks."""

from __future__ import annotations

import html
import re
import unicodedata

# Chinese marks stay as they are: NFKC would turn ， into the comma of 1,688.
_KEEP_WIDE = re.compile(r"[^，。！？；：（）、…～]+")
_UNSPOKEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Sk", "So"})

_HAN = r"[\u4e00-\u9fff]"

_STEPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), replacement)
    for pattern, replacement in (
        (r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,500})?/?>|<!--[^<>]{0,500}-->", " "),
        (r"```[a-zA-Z]*", " "),
        (r"!\[[^\[\]]{0,200}\]\([^()\s]{0,2000}\)", " "),
        (r"\[([^\[\]]{1,200})\]\([^()]{0,2000}\)", r"\1"),
        (r"(?:https?|ftp)://[\x21-\x7e]+|www\.[\x21-\x7e]+", " "),
        (r"[\[【]\^?[0-9]{1,2}[\]】]", ""),
        (r"^[ \t]*[|:\- ]*-{3,}[|:\- ]*$", ""),
        (r"^[ \t]*#{1,6}[ \t]+|^[ \t]*>+[ \t]?|^[ \t]*[-*+•·][ \t]+", ""),
        (r"^[ \t]*([0-9]{1,2})[.)][ \t]+", r"\1、"),
        (r"\*\*|__|~~|`", ""),
        (r"(?<![\w*])\*(?!ST)([^*\n]{1,200})\*(?![\w*])", r"\1"),
        (r"[【】|]+|-{2,}", "，"),
        # 行长被查 股价大跌: a blank between Chinese words parts clauses, as in headlines.
        (rf"(?<={_HAN}{_HAN})[ \t\u3000]+(?={_HAN}{_HAN})", "，"),
    )
)


def plain(text: str) -> str:
    """`text` as half-width digits and letters, without markup, addresses, emoji or control marks.

    Line breaks stay; the words of a link stay, its address goes; 【1】 and [1] go.
    """
    text = html.unescape(text)
    text = _KEEP_WIDE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    return "".join(_plain_character(character) for character in text)


def _plain_character(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() or character == "\n" else " "
    if (decimal := unicodedata.decimal(character, None)) is not None:
        return str(decimal)
    if unicodedata.category(character) in _UNSPOKEN_CATEGORIES:
        return "°" if character == "°" else ""
    return "-" if character == "−" else character
