"""Personal data in texts: found and masked before a text reaches a log, a trace or an export.

What is masked keeps its length class and its end, so that support can still compare: 138****8000,
**************002X, 张**. ID numbers and bank cards are proven by their checksums (GB 11643,
ISO/IEC 7812 Luhn); where words say what follows (账号, 身份证, 姓名) none is needed. Digits that
are said one by one (幺三八零零…) are found too. Masking twice changes nothing.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assist.privacy_names import names
from assist.slot_digits import digit_rows
from assist.slot_id import birth_date, check_character
from assist.slot_numerals import DIGITS
from news.comparable import comparable


class Private(StrEnum):
    """Kinds of personal data."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    CARD = "card"
    ACCOUNT = "account"
    NAME = "name"
    EMAIL = "email"
    SPOKEN = "spoken"


@dataclass(frozen=True, slots=True)
class PrivateSpan:
    """Personal data at [start, end) of a text; the part [hide_from, hide_to) is masked."""

    kind: Private
    start: int
    end: int
    hide_from: int
    hide_to: int


_EDGE, _END = r"(?<![0-9A-Z.])", r"(?![0-9A-Z]|\.[0-9])"
_ID = re.compile(rf"{_EDGE}[0-9]{{6}}[ -]?[0-9]{{8}}[ -]?[0-9]{{3}}[0-9X]{_END}")
_OLD_ID = re.compile(rf"{_EDGE}[1-9][0-9]{{5}}[0-9]{{2}}(?:0[1-9]|1[0-2])[0-3][0-9]{{4}}{_END}")
_PHONE = re.compile(
    rf"(?<![0-9A-Z.])(?:(?:\+|00)?86[ -]?)?(1[3-9][0-9])[ -]?[0-9]{{4}}[ -]?[0-9]{{4}}{_END}"
)
_LANDLINE = re.compile(rf"{_EDGE}0[1-9][0-9]{{1,2}}[ -][0-9]{{7,8}}{_END}")
_CARD = re.compile(
    rf"{_EDGE}[1-9][0-9]{{3}}(?:[ -]?[0-9]{{4}}){{2}}(?:[ -]?[0-9]{{1,4}}){{1,2}}{_END}"
)
_SHAREHOLDER = re.compile(rf"{_EDGE}[A-F][0-9]{{9}}{_END}")
_EMAIL = re.compile(r"[A-Z0-9._%+-]{1,64}@[A-Z0-9-]{1,63}(?:\.[A-Z0-9-]{1,63})*\.[A-Z]{2,24}")
_TOLD = re.compile(
    r"(?:身份证|证件号?|护照|通行证|军官证|银行卡|储蓄卡|信用卡|卡号|[账帐]号|[账帐]户|客户号|客户编号|股东代码|股东卡"
    r"|资金号|合约号|合同号|密码|验证码|手机号?|电话|联系方式|微信|QQ)(?:号码|号|代码|编号)?"
    r"[\s:=是为,\"'\]】)”]{0,6}([A-Z]{0,3}[0-9][0-9 -]{2,28}[0-9X])(?![0-9A-Z*]|\s?[元万块股亿%])"
)
_SECRET = re.compile(r"密码|验证码")
_FEWEST_SPOKEN = 7
_KEPT = 4
"""Characters at the end that stay."""


def mask(text: str) -> str:
    """The text with personal data replaced by `*`, character by character."""
    masked = list(text)
    for span in private_spans(text):
        for place in range(span.hide_from, span.hide_to):
            if not masked[place].isspace() and masked[place] != "-":
                masked[place] = "*"
    return "".join(masked)


def private_spans(text: str) -> tuple[PrivateSpan, ...]:
    """Personal data in a text, in reading order; the first finder of a place counts."""
    form = comparable(text)
    found, taken = list[PrivateSpan](), bytearray(len(form))
    for finder in _FINDERS:
        for span in finder(form):
            if not any(taken[span.start : span.end]):
                found.append(span)
                taken[span.start : span.end] = b"\1" * (span.end - span.start)
    return tuple(sorted(found, key=lambda span: span.start))


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _id_numbers(form: str) -> Iterator[PrivateSpan]:
    for match in _ID.finditer(form):
        number = re.sub("[ -]", "", match.group())
        born = birth_date(number)
        # A slip in the last character does not make it public.
        plausible = born is not None and 1900 <= born.year <= date.max.year // 4
        if plausible or check_character(number[:-1]) == number[-1]:
            yield _but_end(Private.ID_NUMBER, *match.span())
    for match in _OLD_ID.finditer(form):
        yield _but_end(Private.ID_NUMBER, *match.span())


def _phones(form: str) -> Iterator[PrivateSpan]:
    for match in _PHONE.finditer(form):
        yield PrivateSpan(Private.PHONE, *match.span(), match.end(1), match.end() - _KEPT)
    for match in _LANDLINE.finditer(form):
        yield PrivateSpan(Private.PHONE, *match.span(), match.start() + 3, match.end() - _KEPT)


def _cards(form: str) -> Iterator[PrivateSpan]:
    for match in _CARD.finditer(form):
        digits = re.sub("[ -]", "", match.group())
        if 16 <= len(digits) <= 19 and luhn(digits):
            yield _but_end(Private.CARD, *match.span())


def _accounts(form: str) -> Iterator[PrivateSpan]:
    """Numbers of which the words before them say what they are; secrets vanish whole."""
    for match in _TOLD.finditer(form):
        start, end = match.span(1)
        kept = 0 if _SECRET.search(match.group()) else min(_KEPT, (end - start) // 3)
        yield PrivateSpan(Private.ACCOUNT, start, end, start, end - kept)
    for match in _SHAREHOLDER.finditer(form):
        yield _but_end(Private.ACCOUNT, *match.span())


def _emails(form: str) -> Iterator[PrivateSpan]:
    for match in _EMAIL.finditer(form):
        at = form.index("@", match.start())
        yield PrivateSpan(Private.EMAIL, *match.span(), match.start() + 1, at)


def _spoken(form: str) -> Iterator[PrivateSpan]:
    """Long rows of digits that were said, not typed."""
    for row in digit_rows(form):
        said = sum(c in DIGITS for c in form[row.start : row.end])
        if len(row.digits) >= _FEWEST_SPOKEN and said >= _FEWEST_SPOKEN:
            yield _but_end(Private.SPOKEN, row.start, row.end)


def _names(form: str) -> Iterator[PrivateSpan]:
    for start, end, hide_from in names(form):
        yield PrivateSpan(Private.NAME, start, end, hide_from, end)


def _but_end(kind: Private, start: int, end: int) -> PrivateSpan:
    return PrivateSpan(kind, start, end, start, end - _KEPT)


_FINDERS: tuple[Callable[[str], Iterator[PrivateSpan]], ...] = (
    _id_numbers,
    _cards,
    _phones,
    _accounts,
    _emails,
    _spoken,
    _names,
)


class MaskFilter(logging.Filter):
    """Masks the message and the traceback of every log record; lets all pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask in place, so that every handler behind sees the masked record."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            return True  # the handler reports a malformed record in its own way
        masked = mask(message)
        if masked != message:
            record.msg, record.args = masked, None
        if record.exc_info and not record.exc_text:
            record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)).rstrip())
        if record.stack_info:
            record.stack_info = mask(record.stack_info)
        return True


def mask_logs() -> None:
    """Mask every log record of this process, whatever logger and handler it goes through.

    Libraries (a web server, a console) bring handlers of their own, so records are masked when
    they are made.
    """
    made = logging.getLogRecordFactory()
    if isinstance(made, _MaskedRecords):
        return
    logging.setLogRecordFactory(_MaskedRecords(made))


class _MaskedRecords:
    """A record factory around another one."""

    def __init__(self, made: Callable[..., logging.LogRecord]) -> None:
        self._made = made
        self._mask = MaskFilter()

    def __call__(self, *args: object, **extra: object) -> logging.LogRecord:
        record = self._made(*args, **extra)
        self._mask.filter(record)
        return record
