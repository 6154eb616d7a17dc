"""When an article was published, read from the many ways in which sources write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one zone without summer time since 1992; a date without a zone is read in it."""

EARLIEST_YEAR = 1990
_AHEAD = timedelta(days=366)

_WRITTEN = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)"
    r"(?:\s*日)?"
    r"(?:[\sT,，\-（(]*(?:(?:星期|周)[一二三四五六日天]\s*[)）]?\s*)?(?P<half>上午|中午|下午|晚上|凌晨)?\s*"
    r"(?P<hour>\d{1,2})\s*[:：时点]\s*(?P<minute>\d{1,2})(?!\d)(?:\s*[:：分]\s*(?P<second>\d{1,2})?)?"
    r"(?:\.\d+)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_COMPACT = re.compile(r"(?P<date>(?:19|20)\d{6})(?P<time>\d{4}|\d{6})?")
# CST is American Central to e-mail, but feeds of this business mean China Standard Time.
_CHINA_STANDARD = re.compile(r"\b(?:CST|BJT)\b|\(?中国标准时间\)?")


def parse_published(value: object, now: datetime) -> datetime | None:
    """A time in UTC from ISO 8601, RFC 2822, a Chinese date or an epoch (seconds or ms).

    A value without a zone is Chinese time. None where the value is no date, or one before 1990 or
    more than a year after `now`.
    """
    moment: datetime | None = None
    if isinstance(value, str):
        moment = _from_text(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        moment = _from_epoch(value)
    return bounded(moment, now)


def find_published(text: str, now: datetime) -> datetime | None:
    """The first believable date with a time in a text, else the first date (at midnight)."""
    found = [(m, bounded(_from_match(m), now)) for m in _WRITTEN.finditer(text)]
    dated = [(m, moment) for m, moment in found if moment is not None]
    timed = [moment for m, moment in dated if m["hour"]]
    return timed[0] if timed else (dated[0][1] if dated else None)


def bounded(moment: datetime | None, now: datetime) -> datetime | None:
    """`moment` in UTC where it lies between 1990 and a year after `now`, else None."""
    if moment is None:
        return None
    try:
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=CHINA)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment if moment.year >= EARLIEST_YEAR and moment <= now + _AHEAD else None


def _from_text(text: str) -> datetime | None:
    if not 6 <= len(text) <= 100:
        return None
    if text.isascii() and text.isdigit():
        compact = _COMPACT.fullmatch(text)
        return _from_compact(text) if compact else _from_epoch(int(text))
    for read in (_from_iso, _from_written, _from_mail):
        moment = read(text)
        if moment is not None:
            return moment
    return None


def _from_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _from_mail(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(_CHINA_STANDARD.sub("+0800", text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # "-0000" means UTC without a place; no zone at all means Chinese time. Both come back naive.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None and "-0000" in text else moment


def _from_written(text: str) -> datetime | None:
    match = _WRITTEN.search(text)
    return _from_match(match) if match else None


def _from_match(match: re.Match[str]) -> datetime | None:
    hour = int(match["hour"] or 0)
    if match["half"] in ("下午", "晚上") and hour < 12:
        hour += 12
    try:
        moment = datetime(
            int(match["year"]),
            int(match["month"]),
            int(match["day"]),
            hour,
            int(match["minute"] or 0),
            int(match["second"] or 0),
        )
        zone = match["zone"]
        return moment.replace(tzinfo=_zone(zone)) if zone else moment
    except ValueError:
        return None


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _from_compact(text: str) -> datetime | None:
    layout = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}[len(text)]
    try:
        return datetime.strptime(text, layout)
    except ValueError:
        return None


def _from_epoch(number: float) -> datetime | None:
    try:
        seconds = number / 1000 if abs(number) >= 1e11 else number
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
