"""SECURITY slots: 600519, 600519.SH, 六零零五一九, 贵州茅台, 茅台, and names that only sound right.

A name of several securities (平安, 京东方 with its A and B shares) is a choice for the customer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from assist.company_question import without_politeness
from assist.hearing_sounds import folded, readings
from assist.slot import Reading, SlotProblem, SlotReason, SlotValue
from assist.slot_digits import DigitRow, digit_rows
from assist.slot_text import UNSURE_CONFIDENCE, Found, alone, settle
from news.comparable import comparable
from news.link import EntityLinker
from news.securities import SecuritiesMaster, Security

_CODE = re.compile(
    r"(?<![0-9A-Z.])(?:(SH|SZ|BJ)[.:]?\s?)?([0-9]{6})(?:[.:\s]?(SH|SZ|BJ|SS))?(?![0-9A-Z])"
)
_CODE_DIGITS = 6
_FEWEST, _MOST = 5, 8
"""Digits of a row that was meant as a code."""
_LONGEST_NAME = 24
_MOST_OPTIONS = 6
_MIN_PART = 2
_PART_CONFIDENCE = 0.65
_DOUBTFUL = 0.5
_CODE_LIKE = re.compile(r"[0-9.A-Z]+")
_NO_NAME = re.compile(
    r"我的?|买的|持有|是|叫|名字|名称|代码|那只|这个|就是|嗯|啊|呃|应该|好像|大概|要|想|查"
)


class SecuritySlots:
    """Reads securities; a `linker` adds spoken names and the sense for ambiguous ones."""

    def __init__(self, master: SecuritiesMaster, linker: EntityLinker | None = None) -> None:
        self._master = master
        self._linker = linker

    def read(self, form: str) -> Reading:
        """The security that a `comparable` text names, by code, name, part of a name or sound."""
        for finds in (self._named, self._coded, self._partly, self._sounding):
            reading = settle(finds(form), form)
            if reading is not None:
                return reading
        return None

    def read_keys(self, keys: str) -> Reading:
        """A code in telephone keys."""
        return self._code(DigitRow(keys, 0, len(keys))) if keys else None

    def _coded(self, form: str) -> Iterator[Found]:
        written = list(_CODE.finditer(form))
        for match in written:
            before, digits, after = match.groups()
            letters = before or {"SS": "SH"}.get(after or "", after or "")
            yield self._code(DigitRow(digits, *match.span()), letters)
        for row in digit_rows(form):
            inside = any(m.start() < row.end and row.start < m.end() for m in written)
            meant = len(row.digits) == _CODE_DIGITS or alone(form, row.start, row.end)
            if not inside and meant and _FEWEST <= len(row.digits) <= _MOST:
                yield self._code(row)

    def _code(self, row: DigitRow, exchange: str = "") -> Found:
        if len(row.digits) != _CODE_DIGITS:
            return SlotProblem(SlotReason.LENGTH, row.digits, (), row.start, row.end)
        security = self._master.by_code(exchange + row.digits)
        if security is None:
            return SlotProblem(SlotReason.UNKNOWN, exchange + row.digits, (), row.start, row.end)
        return _value(security, row.start, row.end)

    def _named(self, form: str) -> Iterator[Found]:
        """Whole names; those of the linker first, because it knows words that are no names."""
        taken: list[tuple[int, int]] = []
        for mention in self._linker.find(form) if self._linker else ():
            # 平安 alone could be several: then the customer chooses.
            if mention.confidence > _DOUBTFUL and not _CODE_LIKE.fullmatch(mention.surface):
                taken.append((mention.start, mention.end))
                listings = self._master.listings(mention.entity_id)
                start, end = mention.start, mention.end
                yield from self._listed(listings, form, start, end, mention.confidence)
        for start, end, listings in self._exact(form):
            if not any(s < end and start < e for s, e in taken):
                taken.append((start, end))
                yield from self._listed(listings, form, start, end, 1.0)

    def _exact(self, form: str) -> Iterator[tuple[int, int, tuple[Security, ...]]]:
        """Names of the master inside the text, longest first."""
        for length in range(min(_LONGEST_NAME, len(form)), _MIN_PART - 1, -1):
            for start in range(len(form) - length + 1):
                piece, end = form[start : start + length], start + length
                # Inside other words two characters mean nothing, and a linker knows better.
                if (length == _MIN_PART or self._linker) and not alone(form, start, end):
                    continue
                found = self._master.by_name(piece) if piece == piece.strip() else ()
                if found and not _in_row(form, start, end):
                    yield start, end, found

    def _listed(
        self, listings: tuple[Security, ...], form: str, start: int, end: int, confidence: float
    ) -> Iterator[Found]:
        """The listing that is meant: by its exact name, by A股 or B股, or all of them."""
        exact = [s for s in listings if comparable(s.short_name) == form[start:end]]
        if not exact and len(listings) > 1:
            wanted = re.search(r"([AB])\s?股", form)
            exact = [s for s in listings if wanted and s.short_name.endswith(wanted[1])]
        for security in exact or listings:
            yield _value(security, start, end, confidence)

    def _partly(self, form: str) -> Iterator[Found]:
        """Short names that hold what the answer says (茅台), if they are few enough to read out."""
        core = _core(form)
        if len(core) < _MIN_PART or core.isascii():  # ST is in too many names
            return
        found = [s for name, s in self._short_names if core in name]
        yield from _possible(found, form, core, _PART_CONFIDENCE)

    def _sounding(self, form: str) -> Iterator[Found]:
        """Short names that sound like the answer (宁德时带), as recognisers and typists err."""
        core = _core(form)
        if len(core) > _MIN_PART:
            found = self._by_sound.get(_sound(core), [])
            yield from _possible(found, form, core, UNSURE_CONFIDENCE)

    @cached_property
    def _short_names(self) -> tuple[tuple[str, Security], ...]:
        return tuple(
            (comparable(s.short_name).replace(" ", ""), s) for s in self._master.securities
        )

    @cached_property
    def _by_sound(self) -> dict[str, list[Security]]:
        found: dict[str, list[Security]] = {}
        for name, security in self._short_names:
            found.setdefault(_sound(name), []).append(security)
        return found


def _in_row(form: str, start: int, end: int) -> bool:
    """Whether a name of numerals (七一二) is only a part of a code that is said."""
    return any(
        row.start < end and start < row.end and len(row.digits) >= _FEWEST
        for row in digit_rows(form)
    )


def _core(form: str) -> str:
    """What the answer says beside politeness."""
    return comparable(without_politeness(_NO_NAME.sub(" ", form)))


def _sound(name: str) -> str:
    return " ".join(folded(readings(c)[0]) if readings(c) else c for c in name)


def _possible(found: list[Security], form: str, core: str, confidence: float) -> Iterator[Found]:
    start = max(form.find(core), 0)
    end = start + len(core) if core in form else len(form)
    for security in found[:_MOST_OPTIONS]:
        yield _value(security, start, end, confidence)


def _value(security: Security, start: int, end: int, confidence: float = 1.0) -> SlotValue:
    spoken = f"{security.short_name}（{security.code}）"
    return SlotValue(security.symbol, spoken, start, end, confidence)
