"""Times of publication are read in the forms that sources write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from news.published import find_published, parse_published

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HALF_PAST_NINE = datetime(2021, 11, 15, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2021年11月15日 09:30",
        "2021年11月15日（星期一）上午9:30",
        "2021年11月15日9时30分",
        "2021-11-15 09:30:00",
        "2021/11/15 9:30",
        "2021-11-15T09:30:00+08:00",
        "2021-11-15T01:30:00Z",
        "2021-11-15T01:30:00.000Z",
        "2021-11-15 09:30:00 +0800",
        "Mon, 15 Nov 2021 09:30:00 +0800",
        "Mon, 15 Nov 2021 01:30:00 GMT",
        "Mon, 15 Nov 2021 09:30:00 CST",
        "20211115093000",
        "1636939800",
        1636939800,
        1636939800000,
        1636939800.0,
    ],
)
def test_usual_forms_name_the_same_moment(value: object) -> None:
    """ISO 8601, RFC 2822, Chinese dates and epochs agree; without a zone it is Chinese time."""
    assert parse_published(value, NOW) == HALF_PAST_NINE


def test_a_day_alone_begins_at_midnight_in_china() -> None:
    """A date without a time is the start of that day in Shanghai."""
    assert parse_published("2021年11月15日", NOW) == datetime(2021, 11, 14, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "昨天",
        "",
        "2021-13-45",
        "2021-02-30 10:00",
        "0000-00-00 00:00:00",
        "1970-01-01",
        "1989-12-31",
        "2199-01-01",
        0,
        -1,
        10**400,
        float("nan"),
        float("inf"),
        True,
        None,
        [],
        "9" * 90,
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_nonsense_is_no_date(value: object) -> None:
    """What is no date, or none between 1990 and a year ahead, is None and never an error."""
    assert parse_published(value, NOW) is None


def test_a_date_with_a_time_is_found_before_one_without() -> None:
    """In the line under a headline the full time of publication wins over a bare date."""
    text = "更新于2021-11-16 发布时间：2021-11-15 09:30 来源：证券报"
    assert find_published(text, NOW) == HALF_PAST_NINE
