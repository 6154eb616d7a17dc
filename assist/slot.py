"""Slots: what a flow asks a customer for, and what was read from the customer's answer.

`assist/slot_read.py` reads them. Values are canonical strings, so that a flow can compare, store
and send them: DATE `2026-11-21`; TIME `2026-11-21T15:00`; AMOUNT in yuan and NUMBER as plain
decimals (`30000`, `12.8`); SECURITY `600519.SH`; PHONE 11 digits; ID_NUMBER 18 characters;
YES_NO `yes` or `no`; CHOICE the value of the choice; TEXT the cleaned text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

YES, NO = "yes", "no"


class SlotType(StrEnum):
    """What kind of value a slot holds."""

    DATE = "date"
    TIME = "time"
    AMOUNT = "amount"
    NUMBER = "number"
    SECURITY = "security"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    YES_NO = "yes_no"
    CHOICE = "choice"
    TEXT = "text"


class SlotReason(StrEnum):
    """Why an answer holds no usable value; a flow may word each one differently."""

    AMBIGUOUS = "ambiguous"
    """Several values fit: `options` has them."""
    UNKNOWN = "unknown"
    """A code that no security has."""
    VAGUE = "vague"
    """几千, 三四千, 过几天: less exact than what is asked for."""
    UNSURE = "unsure"
    """不知道, 随便: an answer, but no choice."""
    INCOMPLETE = "incomplete"
    """下个月, 下午: a part is missing."""
    IMPOSSIBLE = "impossible"
    """2月30日, 25点, a birth date in the future."""
    LENGTH = "length"
    """Too few or too many digits or characters."""
    FORMAT = "format"
    """Not of the wanted form: a phone that begins with 2, a pattern that does not match."""
    CHECKSUM = "checksum"
    """The last character of an ID number does not fit the others."""
    CURRENCY = "currency"
    """An amount in another currency than yuan."""
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose: its canonical `value` and the words that mean it, its label first."""

    value: str
    words: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How to say it."""
        return self.words[0] if self.words else self.value


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """What to ask for. `ask`, `reask` and `invalid` are the wordings of the question.

    `minimum` and `maximum` are inclusive and written as values of the type are; a DATE may also
    say `today`, `today+30` or `today-1` (days), a TIME `now`, `now+60` (minutes); for TEXT they
    count characters. `pattern` is a regular expression that the whole value must match.
    `choices` of a YES_NO slot add words to `yes` and `no`.
    """

    name: str
    type: SlotType
    choices: tuple[Choice, ...] = ()
    minimum: str | None = None
    maximum: str | None = None
    pattern: str | None = None
    ask: str = ""
    reask: str = ""
    invalid: str = ""


@dataclass(frozen=True, slots=True)
class SlotValue:
    """What was read: `value` canonical, `spoken` as one says it back, in written Chinese.

    [start, end) is its evidence: offsets in the utterance's text, or in its keys where keys were
    pressed. `confidence` in 0..1 is that of the reading (below 0.7: better confirm), not that of
    the speech recogniser.
    """

    value: str
    spoken: str
    start: int = 0
    end: int = 0
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class SlotProblem:
    """Why the answer will not do. `got` is what was understood, `options` what it may mean."""

    reason: SlotReason
    got: str = ""
    options: tuple[SlotValue, ...] = ()
    start: int = 0
    end: int = 0


Reading = SlotValue | SlotProblem | None
"""A value; a problem with what was said; or None where nothing of the kind was said."""


class Said(Protocol):
    """The part of an utterance that slots are read from."""

    @property
    def text(self) -> str:
        """The words, as typed or recognised."""

    @property
    def keys(self) -> str:
        """Telephone keys pressed: digits, `*` and `#`."""
