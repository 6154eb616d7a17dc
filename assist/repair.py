"""Remarks that steer a conversation: 再说一遍, 等一下, 不对是三千, 我在开车.

The wordings are data (`data/lexicons/dialogue.yaml`); a remark is recognised by a whole message or
by a pattern in it, never by what a model guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assist.errors import KnowledgeError
from assist.lexical import plain


class Repair(StrEnum):
    """What a remark wants; the order is that in which they are tried."""

    REPEAT = "repeat"
    SLOWER = "slower"
    HOLD = "hold"
    CANCEL = "cancel"
    BACK = "back"
    NEVER_MIND = "never_mind"
    WRONG = "wrong"
    WHAT_CAN_I_SAY = "what_can_i_say"
    BACKCHANNEL = "backchannel"


@dataclass(frozen=True, slots=True)
class Correction:
    """What follows 不对 or 说错了: the new words, where they begin in the message.

    `before` is what stood in front, as in 3月10日，不对，3月12日. `explicit`: the customer said
    that something was wrong that they had said (说错了, 改成).
    """

    words: str
    start: int
    explicit: bool
    before: str = ""


_BEFORE = re.compile(
    "^(?:嗯|啊|哦|噢|呃|额|唉|哎|诶|那个|那|请|麻烦|你好|您好|喂|不好意思|对不起|抱歉|好的|是的|就是)+"
)
_AFTER = re.compile("(?:啊|呀|吧|呢|哦|嘛|啦|了|谢谢|行吗|好吗|可以吗|行不行|一下|哈|的|你|您)+$")
_MARKER = re.compile(
    r"(?P<no>不是(?:的)?[^，,。是不]{1,14}[，,。\s]*(?:而)?是)"
    r"|(?P<wrong>(?:我)?(?:刚才|刚刚)?(?:(?:说|讲|输|填|选|弄|搞|念)错了?|报错了)"
    r"|更正(?:一下|为)?|纠正一下|改(?:成|为|一下)|应该(?:是|为))"
    r"|(?P<mild>^[哦啊嗯哎诶唉，,。\s]*(?:不对|错了)|不对[，,。\s]*(?:应该)?是|(?<=[，,。；;\s])不对[，,。\s])"
)
_LINK = re.compile(
    r"^[，,。、：:；;！!\s]*(?:我要|我想)?(?:不对)?[，,\s]*(?:应该)?(?:是|改成|改为|为)?"
)
_QUESTION = re.compile(
    "怎么|如何|什么(?!都|问题)|多少|为什么|为啥|咋|哪(?!怕)|几(?:天|点|个|时|块|号)|多久|多长|多大|是否|"
    "是.{1,6}还是|能不能|可不可以|可以不|是不是|有没有|会不会|要不要|算不算|行不行|吗|么$|呢$|谁"
)


class Remarks:
    """Recognises remarks."""

    def __init__(self, repairs: Mapping[str, Wordings], interjections: Mapping[str, Wordings]):
        self._repairs = tuple(
            (Repair(name), repairs[name]) for name in Repair if name.value in repairs
        )
        self._interjections = dict(interjections)

    @classmethod
    def load(cls, path: Path) -> Remarks:
        """Read the lexicon; raises KnowledgeError naming the file and the place in it."""
        try:
            form = _LexiconForm.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
            unknown = form.repairs.keys() - set(Repair)
            if unknown:
                raise KnowledgeError(
                    f"{path}: {sorted(unknown)} are no repairs; known are {', '.join(Repair)}"
                )
            return cls(_wordings(form.repairs), _wordings(form.interjections))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError, re.error) as error:
            raise KnowledgeError(f"{path}: is no lexicon of remarks ({error})") from error

    @property
    def interjections(self) -> tuple[str, ...]:
        """Names of the known interjections; where several fit, the first counts."""
        return tuple(self._interjections)

    def repair(self, text: str, *, whole: bool = False) -> Repair | None:
        """The repair that a message asks for; `whole`: only where it says nothing else."""
        said = plain(text)
        for repair, wordings in self._repairs:
            if wordings.fit(said, whole=whole):
                return repair
        return None

    def interjection(self, text: str, names: Iterable[str]) -> str | None:
        """Which of the named interjections a message is, the first in the lexicon's order."""
        wanted = set(names)
        said = plain(text)
        for name, wordings in self._interjections.items():
            if name in wanted and wordings.fit(said):
                return name
        return None


class Wordings:
    """Whole messages, patterns and exceptions that mean one remark."""

    def __init__(self, words: Iterable[str], patterns: Iterable[str], unless: Iterable[str] = ()):
        self._words = {core(word) for word in words} | {plain(word) for word in words}
        self._pattern = _any(patterns)
        self._unless = _any(unless)

    def fit(self, said: str, *, whole: bool = False) -> bool:
        """Whether a plain text means it."""
        if not said:
            return False
        if said in self._words or core(said) in self._words:
            return True
        if whole or self._pattern is None or not self._pattern.search(said):
            return False
        return not (self._unless and self._unless.search(said))


def core(text: str) -> str:
    """A plain text without the particles and courtesies around it; itself where nothing is left."""
    said = plain(text)
    inner = _AFTER.sub("", _BEFORE.sub("", said))
    return inner or said


def correction(text: str) -> Correction | None:
    """What a message puts right, None where it puts nothing right."""
    markers = tuple(_MARKER.finditer(text))
    if not markers:
        return None
    last = markers[-1]  # 我说错了，不对，应该是三千: the value stands behind the last one
    rest = text[last.end() :]
    link = _LINK.match(rest)
    value = rest[link.end() if link else 0 :].lstrip()
    explicit = any(marker.lastgroup == "wrong" for marker in markers)
    before = text[: markers[0].start()]
    return Correction(value.rstrip(), len(text) - len(value), explicit, before)


def is_question(text: str) -> bool:
    """Whether a message asks something rather than answers."""
    return "?" in text or "？" in text or bool(_QUESTION.search(plain(text)))


class _WordingForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    words: list[str] = []
    patterns: list[str] = []
    unless: list[str] = []


class _LexiconForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    repairs: dict[str, _WordingForm]
    interjections: dict[str, _WordingForm]


def _wordings(forms: Mapping[str, _WordingForm]) -> dict[str, Wordings]:
    return {name: Wordings(f.words, f.patterns, f.unless) for name, f in forms.items()}


def _any(patterns: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined) if joined else None
