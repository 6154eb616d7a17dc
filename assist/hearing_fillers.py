"""Words that say nothing: hesitation, stutter and repetition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from assist.errors import KnowledgeError

_LONGEST_REPEAT = 8
_CLAUSE = r"(?:^|(?<=[，,。.！!？?；;：:、\s]))"
_GAP = r"[，,、。.…\s]*"
_REPEATED = re.compile(
    rf"(?P<word>[\u3400-\u9fff][\u3400-\u9fffa-zA-Z]{{1,{_LONGEST_REPEAT - 1}}}?){_GAP}(?P=word)"
)
_NUMERAL = re.compile(r"[零〇一二三四五六七八九十百千万亿两幺点\d]+")
_KEYS = ("anywhere", "opening", "before", "stuttered", "doubled")


@dataclass(frozen=True)
class Fillers:
    """What is dropped, and where; without words nothing is."""

    anywhere: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    stuttered: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Fillers:
        """Read a YAML mapping with the five lists of `fillers.yaml`."""
        try:
            raw = yaml.safe_load(path.read_text(encoding="utf-8"))
            return cls(*(tuple(str(word) for word in raw[key]) for key in _KEYS))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
            raise KnowledgeError(
                f"{path}: needs the lists {', '.join(_KEYS)} ({error!r})"
            ) from error

    @cached_property
    def _words(self) -> re.Pattern[str] | None:
        if not self.anywhere and not self.opening:
            return None
        anywhere, opening, before = map(_either, (self.anywhere, self.opening, self.before))
        return re.compile(
            rf"(?:{anywhere}|{_CLAUSE}(?:{opening})(?={_GAP}(?:{before}|{opening}|{anywhere}|[，,])))"
            rf"{_GAP}"
        )

    @cached_property
    def _stutter(self) -> re.Pattern[str] | None:
        if not self.stuttered:
            return None
        return re.compile(rf"(?P<one>{_either(self.stuttered)})(?:{_GAP}(?P=one))+")

    def drop(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The text without fillers, and each (before, after); a text of fillers only stays."""
        said = self._dropped(text)
        return said if said[0].strip() else (text, ())

    def _dropped(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        changes: list[tuple[str, str]] = []

        def without(match: re.Match[str]) -> str:
            changes.append((match.group(), ""))
            return ""

        def once(match: re.Match[str]) -> str:
            word = match.groupdict().get("word") or match.groupdict().get("one") or ""
            if _is_word(match.group(), self.doubled) or _NUMERAL.fullmatch(word):
                return match.group()
            changes.append((match.group(), word))
            return word

        if self._words:
            text = self._words.sub(without, text)
        if self._stutter:
            text = self._stutter.sub(once, text)
            text = _REPEATED.sub(once, text)
        return text, tuple(changes)


def _either(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"


def _is_word(doubled: str, words: tuple[str, ...]) -> bool:
    return doubled in words or (len(set(doubled)) == 1 and len(doubled) > 3)
