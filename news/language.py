"""The language of a text, told by its script where that is enough."""

from __future__ import annotations

import re

UNDETERMINED = "und"
"""ISO 639-2 code for a text that is too short to tell."""
_LOOKED_AT = 2_000
_FEWEST = 8
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_KANA = re.compile(r"[\u3040-\u30ff]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_CHINESE = 0.2


def language_of(text: str) -> str:
    """ISO 639-1 code of a text's language, `und` under 8 letters.

    A fifth of Han characters makes a text Chinese, for names in Latin letters abound in its news;
    kana make it Japanese. Other scripts are told apart by py3langid (BSD-3-Clause), which knows 97
    languages.
    """
    head = text[:_LOOKED_AT]
    letters = _count(_LETTERS, head)
    han = _count(_HAN, head)
    if letters < _FEWEST:
        return "zh" if han else UNDETERMINED
    if _count(_KANA, head) * 10 > letters:
        return "ja"
    if _count(_HANGUL, head) * 5 > letters:
        return "ko"
    if han > _CHINESE * letters:
        return "zh"
    import py3langid  # its table takes 0.1 s to load, which news in Chinese need not wait for

    return str(py3langid.classify(head)[0])


def _count(script: re.Pattern[str], text: str) -> int:
    return sum(map(len, script.findall(text)))
