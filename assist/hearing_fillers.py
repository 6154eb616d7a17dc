"""Words that say nothing: hesitation, stutter, repetition, and courtesy around the question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from assist.errors import KnowledgeError

_LONGEST_REPEAT = 8
_CLAUSE = r"(?:^|(?<=[，,。.！!？?；;：:、\s]))"
_MARKS = "，,、。.…！!～~ "
_GAP = rf"[{_MARKS}\s]*"
_LEAST_QUESTION = 4
_REPEATED = re.compile(
    rf"(?P<word>[\u3400-\u9fff][\u3400-\u9fffa-zA-Z]{{1,{_LONGEST_REPEAT - 1}}}?){_GAP}(?P=word)"
)
_NUMERAL = re.compile(r"[零〇一二三四五六七八九十百千万亿两幺点\d]+")
_KEYS = ("anywhere", "opening", "before", "stuttered", "doubled", "greeting", "thanks")


@dataclass(frozen=True)
class Fillers:
    """What is dropped, and where; without words nothing is."""

    anywhere: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    stuttered: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    greeting: tuple[str, ...] = ()
    thanks: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Fillers:
        """Read a YAML mapping with the seven lists of `fillers.yaml`."""
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
    def _greeting(self) -> re.Pattern[str] | None:
        if not self.greeting:
            return None
        return re.compile(rf"{_GAP}(?:(?:{_either(self.greeting)}){_GAP})+", re.IGNORECASE)

    @cached_property
    def _thanks(self) -> re.Pattern[str] | None:
        if not self.thanks:
            return None
        return re.compile(rf"{_GAP}(?:(?:{_either(self.thanks)}){_GAP}[?？]?{_GAP})+$")

    @cached_property
    def _stutter(self) -> re.Pattern[str] | None:
        if not self.stuttered:
            return None
        return re.compile(rf"(?P<one>{_either(self.stuttered)})(?:{_GAP}(?P=one))+")

    def drop(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The text without fillers, and each (before, after); a text of fillers only stays."""
        said, changes = self._dropped(text)
        if not said.strip():
            return text, ()
        begin, end = self._question(said)
        frame = [(part, "") for part in (said[:begin], said[end:]) if part.strip(_MARKS)]
        return (said[begin:end] if frame else said), (*changes, *frame)

    def _question(self, text: str) -> tuple[int, int]:
        """[start, end) of what is left without courtesy; all of it where too little would be."""
        if not self._greeting or not self._thanks:
            return 0, len(text)
        begin = self._greeting.match(text)
        end = self._thanks.search(text)
        cut = (begin.end() if begin else 0), (end.start() if end else len(text))
        for start, stop in (cut, (cut[0], len(text)), (0, cut[1])):
            if stop - start >= _LEAST_QUESTION:
                return start, stop
        return 0, len(text)

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

        while self._words:  # what one filler hid becomes the beginning
            shorter = self._words.sub(without, text)
            if shorter == text:
                break
            text = shorter
        if self._stutter:
            text = self._stutter.sub(once, text)
            text = _REPEATED.sub(once, text)
        return text, tuple(changes)


def _either(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"


def _is_word(doubled: str, words: tuple[str, ...]) -> bool:
    return doubled in words or (len(set(doubled)) == 1 and len(doubled) > 3)
