"""Slots: a value is read back from whatever form it is written in, and no text breaks a reader."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from assist.slot import Choice, SlotProblem, SlotReason, SlotSpec, SlotType, SlotValue
from assist.slot_id import check_character, fault
from assist.slot_read import SlotReader
from assist.utterance import Utterance
from news.securities import SecuritiesMaster
from speech.numerals import cardinal, digits, number

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 10, 15)
CAPITALS = str.maketrans("一二三四五六七八九两十百千", "壹贰叁肆伍陆柒捌玖贰拾佰仟")
CHOICES = (Choice("buy", ("买入", "买")), Choice("sell", ("卖出", "卖")), Choice("hold", ("不动",)))
PIECES = [
    *"零一二三四五六七八九十百千万亿两半多几点元块毛分年月日号天周星期时刻个股手第",
    *"1234567890.,:-/%#*XKW$¥ ，。？吗",
    *["上午", "下午", "晚上", "明天", "下周", "不是", "不对", "嗯", "大概", "还是", "以后"],
    *["小时", "过", "差", "是的", "没有", "知道", "600519", "茅台", "138", "身份证", "负"],
    *["百分之", "\ud800", "　", "１"],
]  # fmt: skip
said = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=40)


@cache
def reader() -> SlotReader:
    """One reader for all tests; the master takes a moment to load."""
    return SlotReader(lambda: NOW, master())


@cache
def master() -> SecuritiesMaster:
    """All listed securities."""
    return SecuritiesMaster.load(ROOT / "data" / "securities.tsv")


def value(kind: SlotType, text: str, **bounds: str) -> str | None:
    """The value that is read from a text."""
    reading = reader().read(SlotSpec("x", kind, **bounds), Utterance(text))
    assert isinstance(reading, SlotValue), (text, reading)
    return reading.value


def whole_forms(amount: int) -> list[str]:
    """Ways to write or say a whole amount."""
    spoken = cardinal(str(amount))
    forms = [str(amount), f"{amount:,}", f"{amount}元", f"¥{amount:,}.00", f"{spoken}块钱"]
    forms += [spoken, f"转{spoken}元", f"嗯，{spoken}吧", f"{spoken.translate(CAPITALS)}元整"]
    forms += ["".join(chr(ord(c) + 0xFEE0) for c in str(amount)) + "元"]
    if amount % 1000 == 0 and amount >= 10_000:
        forms += [f"{Decimal(amount) / 10_000:f}万", f"{number(f'{Decimal(amount) / 10_000:f}')}万"]
    if amount >= 10_000 and amount % 1000 == 0 and amount // 1000 % 10 and amount < 10**8:
        forms += [f"{spoken[:-1]}", f"{amount // 10_000}万{amount // 1000 % 10}"]
    return forms


@given(st.integers(1, 9_999_999) | st.integers(1, 999).map(lambda n: n * 1000))
def test_reads_back_whole_amounts(amount: int) -> None:
    """An amount is the same in digits, in words, in capitals, with 万 and shortened."""
    for form in whole_forms(amount):
        assert value(SlotType.AMOUNT, form) == str(amount), form


@given(st.integers(1, 99_999), st.integers(1, 9), st.integers(1, 9))
def test_reads_back_small_money(yuan: int, jiao: int, fen: int) -> None:
    """元, 角 and 分 and 块, 毛 say the same as decimals."""
    expected = f"{yuan}.{jiao}{fen}"
    spoken = cardinal(str(yuan))
    small = f"{digits(str(jiao))}角{digits(str(fen))}分"
    for form in (f"{expected}元", f"{number(expected)}元", f"{spoken}元{small}"):
        assert value(SlotType.AMOUNT, form) == expected, form
    assert value(SlotType.AMOUNT, f"{spoken}块{digits(str(jiao))}") == f"{yuan}.{jiao}"


@given(st.integers(0, 99_999_999), st.sampled_from(["股", "手", "个", "份", ""]))
def test_reads_back_numbers(count: int, unit: str) -> None:
    """A count is the same in digits and in words, with its measure or alone."""
    for form in (f"{count}{unit}", f"{cardinal(str(count))}{unit}"):
        assert value(SlotType.NUMBER, form) == str(count), form


@given(st.dates(date(1930, 1, 1), date(2045, 12, 31)))
def test_reads_back_dates(day: date) -> None:
    """A full date is the same in every notation."""
    month, dom = cardinal(str(day.month)), cardinal(str(day.day))
    spoken = f"{digits(str(day.year))}年{month}月{dom}"
    for form in (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day:%Y/%m/%d}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{spoken}号",
        f"{spoken}日",
        f"大概是{spoken}号吧",
    ):
        assert value(SlotType.DATE, form) == day.isoformat(), form


@given(st.integers(0, 364), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_reads_near_days(ahead: int, today: date) -> None:
    """A day of the coming year without its year, or counted from today, is that day."""
    day = today + timedelta(days=ahead)
    now = datetime.combine(today, NOW.time())
    forms = [f"{cardinal(str(ahead))}天后", f"{ahead}天以后"] if ahead else ["今天"]
    next_year = date(today.year + 1, day.month, 28)
    if (day.month, day.day) != (2, 29) and next_year:
        forms += [f"{day.month}月{day.day}日", f"{cardinal(str(day.month))}月{day.day}号"]
    for form in forms:
        reading = reader().read(SlotSpec("d", SlotType.DATE), Utterance(form), now=now)
        assert isinstance(reading, SlotValue), (form, reading)
        assert reading.value == day.isoformat(), (form, today)


@given(st.integers(1, 13), st.integers(1, 31), st.integers(2026, 2029))
def test_refuses_days_that_no_calendar_has(month: int, day: int, year: int) -> None:
    """A full date is read or called impossible, exactly as the calendar says."""
    reading = reader().read(SlotSpec("d", SlotType.DATE), Utterance(f"{year}年{month}月{day}日"))
    try:
        exists = bool(date(year, month, day))
    except ValueError:
        exists = False
    assert isinstance(reading, SlotValue if exists else SlotProblem)
    assert exists or reading.reason is SlotReason.IMPOSSIBLE


@given(st.integers(0, 23), st.integers(0, 59), st.integers(1, 300))
def test_reads_back_times(hour: int, minute: int, ahead: int) -> None:
    """A moment on another day is the same by the clock of 24 and by 上午, 下午, 晚上."""
    moment = datetime.combine(NOW.date() + timedelta(days=ahead), NOW.time())
    moment = moment.replace(hour=hour, minute=minute)
    part = ["凌晨", "上午", "下午", "晚上"][hour // 6]
    said_hour = cardinal(str(hour % 12 or (12 if hour == 12 else 0)))
    day = f"{moment.year}年{moment.month}月{moment.day}日"
    minutes = f"{cardinal(str(minute))}分" if minute else ""
    for form in (f"{day}{hour:02d}:{minute:02d}", f"{day}{part}{said_hour}点{minutes}"):
        assert value(SlotType.TIME, form) == moment.isoformat(timespec="minutes"), form


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "-", "，嗯，"]))
def test_reads_back_phones(phone: str, pause: str) -> None:
    """A phone number is the same typed, said with 一 or 幺, whole or in groups."""
    groups = pause.join((phone[:3], phone[3:7], phone[7:]))
    spoken = digits(groups, one="幺")
    for form in (groups, spoken, digits(groups), f"+86 {phone}", f"我的号码是{spoken}"):
        assert value(SlotType.PHONE, form) == phone, form


@given(
    st.sampled_from(["110105", "440524", "830000", "650102", "931156"]),
    st.dates(date(1920, 1, 1), NOW.date()),
    st.integers(0, 999),
    st.integers(0, 16),
    st.integers(1, 9),
)
def test_reads_back_id_numbers(
    region: str, born: date, order: int, place: int, change: int
) -> None:
    """An ID number is the same typed or said; one wrong digit is always noticed."""
    body = f"{region}{born:%Y%m%d}{order:03d}"
    whole = body + check_character(body)
    spoken = digits(whole).replace("X", "叉")
    for form in (whole, whole.lower(), f"{whole[:6]} {whole[6:14]} {whole[14:]}", spoken):
        assert value(SlotType.ID_NUMBER, form) == whole, form
    wrong = f"{whole[:place]}{(int(whole[place]) + change) % 10}{whole[place + 1 :]}"
    assert fault(wrong, NOW.date()) is not None


@given(st.data())
def test_reads_back_securities(data: st.DataObject) -> None:
    """A security is the same by code, by symbol, said digit by digit, and by a name of its own."""
    security = data.draw(st.sampled_from(master().securities))
    forms = [security.code, security.symbol, f"{security.exchange}{security.code}"]
    forms += [digits(security.code), f"我买的是{security.code}"]
    if master().by_name(security.short_name) == (security,):
        forms += [security.short_name, f"{security.short_name}股票"]
    for form in forms:
        assert value(SlotType.SECURITY, form) == security.symbol, form


@given(st.sampled_from(list(SlotType)), said)
def test_no_text_breaks_a_reader(kind: SlotType, text: str) -> None:
    """Whatever is said, there is a value with evidence in it, a problem, or nothing."""
    reading = reader().read(SlotSpec("x", kind, CHOICES), Utterance(text))
    if reading is not None:
        assert 0 <= reading.start <= reading.end <= len(text)
    if isinstance(reading, SlotValue):
        assert 0.5 <= reading.confidence <= 1
        assert reading.value
        assert reading.spoken
        check(kind, reading.value)


@given(st.sampled_from(list(SlotType)), st.text("0123456789*#", max_size=24))
def test_no_keys_break_a_reader(kind: SlotType, keys: str) -> None:
    """Whatever is keyed in, there is a canonical value, a problem, or nothing."""
    reading = reader().read(SlotSpec("x", kind, CHOICES), Utterance(keys=keys))
    if isinstance(reading, SlotValue):
        check(kind, reading.value)


def check(kind: SlotType, value: str) -> None:
    """The canonical form of a type."""
    if kind is SlotType.DATE:
        assert date.fromisoformat(value).isoformat() == value
    elif kind is SlotType.TIME:
        assert datetime.fromisoformat(value).isoformat(timespec="minutes") == value
    elif kind is SlotType.AMOUNT:
        assert Decimal(value) >= 0
        assert Decimal(value) == round(Decimal(value), 2)
    elif kind is SlotType.NUMBER:
        assert Decimal(value).is_finite()
    elif kind is SlotType.PHONE:
        assert len(value) == 11
        assert value[0] == "1"
    elif kind is SlotType.ID_NUMBER:
        assert fault(value, NOW.date()) is None
    elif kind is SlotType.SECURITY:
        assert master().by_code(value) is not None
    elif kind is SlotType.YES_NO:
        assert value in ("yes", "no", "buy", "sell", "hold")
    elif kind is SlotType.CHOICE:
        assert value in ("buy", "sell", "hold")
