"""The form in which names and trigger words are looked for: as long as the text it comes from."""

from __future__ import annotations

from functools import lru_cache

from news.text import simplify


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)):
        simple = simplify(chr(code))
        if len(simple) == 1 and ord(simple) != code:
            table[code] = simple
    table |= {code: chr(code - 32) for code in range(ord("a"), ord("z") + 1)}
    table |= {code: chr(code - 0xFEE0 - 32) for code in range(0xFF41, 0xFF5B)}
    # Lone surrogates, which no encoder accepts, must not stop a search.
    table |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
    return table | {0x3000: " ", 0xA0: " ", 0x09: " "}


def comparable(text: str) -> str:
    """Half-width, upper-case, simplified, character by character: offsets stay the same."""
    return text.translate(_table())


def is_cut_latin(form: str, start: int, end: int) -> bool:
    """Whether a find that begins or ends with a Latin letter or digit is cut from a longer one."""
    return (_alnum(form[start]) and _alnum(form[start - 1 : start])) or (
        _alnum(form[end - 1]) and _alnum(form[end : end + 1])
    )


def _alnum(character: str) -> bool:
    return character.isascii() and character.isalnum()
