"""Mandarin that eSpeak NG 1.52 says wrongly, and what to hand it instead.

Found by asking the library for its phonemes: every syllable in -iong (熊市, 英雄, 琼) falls through
to spelled English letters, and some words get the other reading of a character (招行 as xing).
"""

from __future__ import annotations

import re

# [[...]] holds eSpeak's own phonemes: j + ong is the final that its Mandarin rules lack.
_MISSING = {
    "S;jong55": "兄凶胸匈汹芎",
    "S;jong35": "雄熊",
    "tS;hjong35": "穷琼穹邛茕筇跫蛩銎",
    "tS;jong214": "炯窘迥囧",
    "tS;jong55": "扃",
}
_PHONEMES = str.maketrans(
    {
        character: f"[[{sound}]]"
        for sound, characters in _MISSING.items()
        for character in characters
    }
)

# A homophone of the right reading stands in for the character that is misread.
_HOMOPHONES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"还(?=款|钱|券|贷)|(?<=返)还", "环"),
        (r"(?<=[招建中交农商同])行(?![为使动政走进驶程权文事李人军贿])", "航"),
        (r"调(?=仓)", "条"),
        (r"角(?=色)", "决"),
        (r"便宜", "骈移"),
        (r"称(?=职)", "趁"),
        (r"莞", "管"),
    )
)


def corrected(text: str) -> str:
    """Spoken Mandarin for eSpeak's phoneme mode: homophones, and [[phonemes]] where it has none."""
    for pattern, replacement in _HOMOPHONES:
        text = pattern.sub(replacement, text)
    return text.translate(_PHONEMES)
