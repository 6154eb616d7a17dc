"""When a campaign may call, whom next, and what a call's result means for the customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from assist.call_result import FINAL, CallCode, CallResult, Evidence
from assist.campaign import Callee, Campaign, CampaignStatus, after_call, called
from assist.campaign_file import read_campaign, rules_from_json, rules_to_json
from assist.campaign_rules import CallRules, Days, Hours, Retries, allows, next_allowed
from assist.campaign_schedule import CampaignState, plan
from assist.errors import KnowledgeError
from assist.trading_days import TradingDays, write_year
from news.published import CHINA

# 2025-09-30 is a Tuesday and the last trading day before the holidays; 2025-10-09 the next one.
TRADING = TradingDays({date(2025, 10, d): d >= 9 for d in range(1, 10)} | {date(2025, 9, 30): True})
RULES = CallRules(lines=2)


def china(text: str) -> datetime:
    """A Chinese time such as 2025-09-30 10:00."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def campaign(rules: CallRules = RULES) -> Campaign:
    """A running campaign."""
    return Campaign("c", "测试", "ipo-allotment", rules, CampaignStatus.RUNNING)


def people(*ids: str) -> tuple[Callee, ...]:
    """Customers with telephones of their own."""
    return tuple(Callee(i, f"1380000{n:04d}", f"k{i}") for n, i in enumerate(ids))


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("2025-09-30 09:00", True),
        ("2025-09-30 08:59", False),
        ("2025-09-30 11:30", False),
        ("2025-09-30 12:00", False),
        ("2025-09-30 13:30", True),
        ("2025-09-30 17:59", True),
        ("2025-09-30 18:00", False),
        ("2025-10-01 10:00", False),
        ("2025-10-08 10:00", False),
        ("2025-10-09 10:00", True),
        ("2025-10-11 10:00", False),
    ],
)
def test_calls_only_within_hours_of_trading_days(moment: str, wanted: bool) -> None:
    """Lunch, evening, holidays and week-ends are out; the end of an interval does not belong."""
    assert allows(RULES, china(moment), TRADING) is wanted


def test_no_rule_allows_calls_at_night() -> None:
    """Hours that a program sets past the lawful ones are cut off."""
    rules = replace(RULES, hours=(Hours(time(0), time(23, 59)),), days=Days.EVERY)
    assert not allows(rules, china("2025-09-30 07:59"), TRADING)
    assert allows(rules, china("2025-09-30 20:59"), TRADING)
    assert not allows(rules, china("2025-09-30 21:00"), TRADING)


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("2025-09-30 10:00", "2025-09-30 10:00"),
        ("2025-09-30 12:00", "2025-09-30 13:30"),
        ("2025-09-30 18:00", "2025-10-09 09:00"),
        ("2025-10-03 10:00", "2025-10-09 09:00"),
    ],
)
def test_next_allowed_moment_skips_the_holidays(moment: str, wanted: str) -> None:
    """The next call after the last trading day is on the first one after the holidays."""
    assert next_allowed(RULES, china(moment), TRADING) == china(wanted)


def test_nothing_is_allowed_after_the_deadline() -> None:
    """A deadline within a holiday leaves no moment."""
    rules = replace(RULES, deadline=china("2025-10-03 16:00"))
    assert next_allowed(rules, china("2025-09-30 18:00"), TRADING) is None


def test_pauses_grow_with_each_attempt() -> None:
    """The second pause is `growth` times the first, and codes have pauses of their own."""
    retries = Retries(pause=timedelta(minutes=30), growth=3)
    assert retries.pause_after(CallCode.NO_ANSWER, 1) == timedelta(minutes=30)
    assert retries.pause_after(CallCode.NO_ANSWER, 3) == timedelta(minutes=270)
    assert retries.pause_after(CallCode.LINE_BUSY, 1) == timedelta(minutes=10)


@pytest.mark.parametrize("code", sorted(FINAL))
def test_final_results_end_the_calling(code: CallCode) -> None:
    """After a final result nobody is called again."""
    callee = called(people("a")[0], china("2025-09-30 10:00"))
    after = after_call(callee, CallResult(code), RULES, china("2025-09-30 10:05"))
    assert after.code is code
    assert not after.in_call


@pytest.mark.parametrize("code", sorted(set(CallCode) - FINAL))
def test_other_results_lead_to_a_later_call_until_attempts_run_out(code: CallCode) -> None:
    """After each there is a pause; the last attempt's result is the customer's."""
    now = china("2025-09-30 10:00")
    callee = people("a")[0]
    for attempt in (1, 2, 3):
        callee = after_call(called(callee, now), CallResult(code), RULES, now)
        assert (callee.code is code) == (attempt == 3)
        assert callee.code or (callee.next_at and callee.next_at > now)


def test_call_back_is_kept_to_the_minute() -> None:
    """A customer who names a time is called then, whatever the pause would be."""
    now, at = china("2025-09-30 10:00"), china("2025-09-30 15:20")
    result = CallResult(CallCode.CALL_BACK, call_back_at=at)
    assert after_call(called(people("a")[0], now), result, RULES, now).next_at == at


def test_no_third_call_on_one_day() -> None:
    """Two calls a day at most: the third comes on the next day."""
    now = china("2025-09-30 10:00")
    callee = people("a")[0]
    for _ in range(2):
        callee = after_call(called(callee, now), CallResult(CallCode.LINE_BUSY), RULES, now)
    assert callee.next_at == china("2025-10-01 00:00")


def test_plan_fills_the_lines_by_priority_then_deadline_then_order() -> None:
    """The most important first; never more than there are lines."""
    first, second, third = people("a", "b", "c")
    third = replace(third, priority=5)
    second = replace(second, deadline=china("2025-09-30 16:00"))
    planned = plan(
        CampaignState(campaign(), (first, second, third)), china("2025-09-30 10:00"), TRADING
    )
    assert [callee.id for callee in planned.calls] == ["c", "b"]


def test_plan_calls_one_number_once_and_none_that_is_barred_or_busy() -> None:
    """Shared numbers wait, busy ones too, and barred ones get their result without a call."""
    a, b, c, d = people("a", "b", "c", "d")
    state = CampaignState(
        campaign(replace(RULES, lines=9)),
        (a, replace(b, phone=a.phone), c, d),
        busy_phones=frozenset({c.phone}),
        do_not_call=frozenset({d.phone}),
    )
    planned = plan(state, china("2025-09-30 10:00"), TRADING)
    assert [callee.id for callee in planned.calls] == ["a"]
    assert [(callee.id, code) for callee, code in planned.closed] == [("d", CallCode.DO_NOT_CALL)]
    assert planned.wake_at is not None


def test_plan_outside_hours_sleeps_until_they_begin() -> None:
    """Nobody is called at noon; the plan says when to look again."""
    planned = plan(CampaignState(campaign(), people("a")), china("2025-09-30 12:00"), TRADING)
    assert planned.calls == ()
    assert planned.wake_at == china("2025-09-30 13:30")


def test_late_customers_get_their_last_result_or_expired() -> None:
    """Past the deadline everybody has exactly one result."""
    a, b = people("a", "b")
    rules = replace(RULES, deadline=china("2025-09-30 10:00"))
    state = CampaignState(campaign(rules), (a, replace(b, last=CallCode.BUSY)))
    planned = plan(state, china("2025-09-30 10:00"), TRADING)
    assert [code for _, code in planned.closed] == [CallCode.EXPIRED, CallCode.BUSY]


def test_paused_campaign_calls_nobody() -> None:
    """No new calls while a campaign is paused."""
    paused = replace(campaign(), status=CampaignStatus.PAUSED)
    planned = plan(CampaignState(paused, people("a")), china("2025-09-30 10:00"), TRADING)
    assert planned.calls == ()


def test_rules_survive_the_database() -> None:
    """Rules read back are the rules that were kept."""
    rules = replace(RULES, deadline=datetime(2026, 3, 5, 8, tzinfo=UTC), days=Days.EVERY)
    assert rules_from_json(rules_to_json(rules)) == rules


def test_results_survive_the_database() -> None:
    """A result read back has its evidence and its times."""
    evidence = Evidence("will_pay", "缴款打算", "pay", "会按时缴款", 0, 5, 4, 100, 2300)
    at = datetime(2026, 3, 5, 8, tzinfo=UTC)
    result = CallResult(CallCode.CALL_BACK, "x", at, (evidence,), (("pay_notice", "t"),), 5)
    assert CallResult.from_json(result.to_json()) == result


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('hours: ["07:00-12:00"]', "calls are allowed from 08:00 to 21:00"),
        ('hours: ["9-12"]', "write"),
        ("days: never", "days"),
        ("lines: 0", "lines"),
        ("attempts: 99", "attempts"),
        ("pauses: {refused: 10}", "nobody is called again after refused"),
        ("deadline: soon", "is no time"),
        ("colour: red", "colour"),
        ("{starts_at: 2026-03-05T10:00, deadline: 2026-03-04T10:00}", "deadline"),
    ],
)
def test_bad_campaign_files_are_refused_with_the_reason(
    tmp_path: Path, line: str, message: str
) -> None:
    """The error names the field and what is allowed."""
    path = tmp_path / "c.yaml"
    extra = "\n".join(line.strip("{}").split(", ")) if line.startswith("{") else line
    path.write_text(f"title: 测试\nflow: ipo-allotment\n{extra}\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        read_campaign(path)


def test_days_beyond_the_calendar_are_weekdays(data: Path) -> None:
    """The calendar ends some day; then Monday to Friday count as open."""
    days = TradingDays.load(data / "trading_calendar.tsv")
    assert days.last is not None
    beyond = days.last + timedelta(days=30)
    while beyond.weekday() != 5:
        beyond += timedelta(days=1)
    assert not days.is_open(beyond)
    assert days.is_open(beyond + timedelta(days=2))
    assert not days.is_open(date(2025, 10, 1))


def test_the_calendar_reaches_to_the_end_of_2026(data: Path) -> None:
    """National Day of 2026 is closed; the Saturday that people work on stays closed, too."""
    days = TradingDays.load(data / "trading_calendar.tsv")
    assert days.last == date(2026, 12, 31)
    assert len(days.closed_weekdays(2026)) == 19
    assert not days.is_open(date(2026, 10, 7))
    assert not days.is_open(date(2026, 10, 10))
    assert days.is_open(date(2026, 10, 8))


def test_holidays_on_fixed_days_need_no_calendar() -> None:
    """Nobody is called on New Year, Labour Day or National Day, whatever the file knows."""
    days = TradingDays({})
    assert not any(days.is_open(date(2031, *day)) for day in ((1, 1), (5, 1), (10, 1)))
    assert days.is_open(date(2031, 10, 9))


SPANS = [date(2027, 1, 1), *(date(2027, 2, n) for n in range(5, 17)), date(2027, 4, 5),
         date(2027, 5, 3), date(2027, 6, 9), date(2027, 9, 15)]  # fmt: skip


def test_a_year_is_added_and_can_be_mended(data: Path, tmp_path: Path) -> None:
    """The closed days and all weekends are closed, the years before stay as they are."""
    path = tmp_path / "days.tsv"
    path.write_bytes((data / "trading_calendar.tsv").read_bytes())
    write_year(path, 2027, SPANS)
    days = write_year(path, 2027, [*SPANS, date(2027, 10, 4)])
    assert TradingDays.load(path).known == days.known
    assert days.last == date(2027, 12, 31)
    assert not days.is_open(date(2027, 10, 4))
    assert not days.is_open(date(2027, 2, 8))
    assert days.is_open(date(2027, 2, 17))
    assert not days.is_open(date(2026, 10, 7))


@pytest.mark.parametrize(
    ("year", "closed", "message"),
    [
        (2028, SPANS, "give that year or the next"),
        (2027, SPANS[:3], "give all of them"),
        (2027, [*SPANS, date(2026, 1, 1)], "is no day of 2027"),
    ],
)
def test_a_year_that_cannot_be_is_refused(
    data: Path, tmp_path: Path, year: int, closed: list[date], message: str
) -> None:
    """A gap, too few days, another year's days: nothing is written."""
    path = tmp_path / "days.tsv"
    path.write_bytes((data / "trading_calendar.tsv").read_bytes())
    with pytest.raises(KnowledgeError, match=message):
        write_year(path, year, closed)
    assert TradingDays.load(path).last == date(2026, 12, 31)
