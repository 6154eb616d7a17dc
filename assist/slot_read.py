"""Reading slots from what a customer typed, said or keyed in.

Everything here is a pure function of the slot, the utterance and the moment. What an answer says
besides (fillers, hedges, a correction of itself) is weighed in `assist/slot_text.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time

from assist.slot import (
    Reading,
    Said,
    SlotProblem,
    SlotReason,
    SlotSpec,
    SlotType,
    SlotValue,
)
from assist.slot_choice import (
    YES_NO_KEYS,
    read_choice,
    read_choice_keys,
    read_yes_no,
)
from assist.slot_dates import read_date, read_date_keys
from assist.slot_digits import read_phone, read_phone_keys
from assist.slot_id import read_id_keys, read_id_number
from assist.slot_numbers import read_amount, read_number, read_number_keys
from assist.slot_security import SecuritySlots
from assist.slot_text import UNSURE_CONFIDENCE, alone, is_question
from assist.slot_times import read_time, read_time_keys
from news.comparable import comparable
from news.link import EntityLinker
from news.securities import SecuritiesMaster
from news.text import clean

_IN_PASSING = (SlotType.DATE, SlotType.TIME, SlotType.AMOUNT, SlotType.NUMBER)
_LONGEST = 500
"""Characters of an answer that are read: nobody gives a value after more."""


_NOT_KNOWN = re.compile(
    "(?:我|这个?|那|也|还|真|都|现在|暂时|具体|嗯|呃|啊|哦|有点|[，,、])*(?:不知道|不晓得|不太?清楚|不太?确定|说不好|说不准"
    "|不好说|忘了|忘记|记不清|记不得|不记得|想不起来?|没想好|拿不准|看情况)(?:了|啊|呢|吧|的|呀|诶|[。，,.!！])*"
)


class SlotReader:
    """Reads the value of a slot from an utterance.

    `today` gives the moment by which 明天 and 半小时后 count, where `read` is told none.
    `master` is needed for SECURITY slots; a `linker` adds spoken names (宁王, 招行).
    """

    def __init__(
        self,
        today: Callable[[], date | datetime],
        master: SecuritiesMaster | None = None,
        linker: EntityLinker | None = None,
    ) -> None:
        self._today = today
        self._securities = SecuritySlots(master, linker) if master else None

    def read(self, spec: SlotSpec, utterance: Said, *, now: datetime | None = None) -> Reading:
        """The slot's value; a problem with it; None where the answer says nothing of the kind.

        Keys count where they were pressed; `#` ends them, and only the last entry counts.
        Raises ValueError for a SECURITY slot without a securities master.
        """
        moment = now or _moment(self._today())
        entries = [entry for entry in utterance.keys.split("#") if entry]
        if entries:
            return _matching(spec, self._from_keys(spec, entries[-1], moment))
        text = utterance.text[:_LONGEST]
        if not text.strip():
            return None
        reading = self._from_words(spec, text, moment) or _unknown(spec, comparable(text))
        return _matching(spec, _doubted(spec, reading, comparable(text)))

    def _from_words(self, spec: SlotSpec, text: str, now: datetime) -> Reading:
        form = comparable(text)
        match spec.type:
            case SlotType.DATE:
                return read_date(spec, form, now.date())
            case SlotType.TIME:
                return read_time(spec, form, now)
            case SlotType.AMOUNT:
                return read_amount(spec, form)
            case SlotType.NUMBER:
                return read_number(spec, form)
            case SlotType.SECURITY:
                return self._of_securities().read(form)
            case SlotType.PHONE:
                return read_phone(spec, form)
            case SlotType.ID_NUMBER:
                return read_id_number(spec, form, now.date())
            case SlotType.YES_NO:
                return read_yes_no(spec, form)
            case SlotType.CHOICE:
                return read_choice(spec, form)
            case SlotType.TEXT:
                return _text(spec, text)

    def _from_keys(self, spec: SlotSpec, keys: str, now: datetime) -> Reading:
        match spec.type:
            case SlotType.DATE:
                return read_date_keys(spec, keys, now.date())
            case SlotType.TIME:
                return read_time_keys(spec, keys, now)
            case SlotType.AMOUNT | SlotType.NUMBER:
                return read_number_keys(spec, keys)
            case SlotType.SECURITY:
                return self._of_securities().read_keys(keys)
            case SlotType.PHONE:
                return read_phone_keys(spec, keys)
            case SlotType.ID_NUMBER:
                return read_id_keys(spec, keys, now.date())
            case SlotType.YES_NO:
                return read_choice_keys(YES_NO_KEYS, keys)
            case SlotType.CHOICE:
                return read_choice_keys(spec.choices, keys)
            case SlotType.TEXT:
                return _text(spec, keys)

    def _of_securities(self) -> SecuritySlots:
        if self._securities is None:
            raise ValueError("a SECURITY slot needs the securities master; give SlotReader one")
        return self._securities


def _moment(today: date | datetime) -> datetime:
    return today if isinstance(today, datetime) else datetime.combine(today, time())


def _text(spec: SlotSpec, text: str) -> Reading:
    value = clean(text)
    if not value:
        return None
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    short = spec.minimum is not None and len(value) < int(spec.minimum)
    long = spec.maximum is not None and len(value) > int(spec.maximum)
    if short or long:
        return SlotProblem(SlotReason.LENGTH, value, (), start, end)
    return SlotValue(value, value, start, end)


def _unknown(spec: SlotSpec, form: str) -> SlotProblem | None:
    """我也不知道 is an answer to the question, not a question of its own."""
    found = _NOT_KNOWN.fullmatch(form) if spec.type is not SlotType.TEXT else None
    return SlotProblem(SlotReason.UNSURE, form, (), *found.span()) if found else None


def _doubted(spec: SlotSpec, reading: Reading, form: str) -> Reading:
    """A number or day inside a question (今天有什么新闻) may well be no answer: to be confirmed."""
    if not isinstance(reading, SlotValue) or spec.type not in _IN_PASSING:
        return reading
    if not is_question(form) or alone(form, reading.start, reading.end):
        return reading
    return replace(reading, confidence=min(reading.confidence, UNSURE_CONFIDENCE))


def _matching(spec: SlotSpec, reading: Reading) -> Reading:
    """The reading, or FORMAT where its value does not match the slot's pattern."""
    if spec.pattern is None or not isinstance(reading, SlotValue):
        return reading
    if re.fullmatch(spec.pattern, reading.value):
        return reading
    return SlotProblem(SlotReason.FORMAT, reading.value, (), reading.start, reading.end)
