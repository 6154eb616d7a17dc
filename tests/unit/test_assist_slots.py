"""Slots: what is read from typed, spoken and keyed answers, and what is refused and why."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from assist.slot import (
    Choice,
    Reading,
    SlotProblem,
    SlotReason,
    SlotSpec,
    SlotType,
    SlotValue,
)
from assist.slot_bounds import bounds_fault
from assist.slot_id import check_character
from assist.slot_read import SlotReader
from assist.utterance import Event, Utterance
from news.link import EntityLinker
from news.securities import SecuritiesMaster

NOW = datetime(2026, 11, 20, 10, 15)  # a Friday
TABLE = Path(__file__).resolve().parents[1] / "data" / "slots.tsv"
ROWS = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()[1:]]
YEARS = (
    Choice("year1", ("一年以内", "不到一年")),
    Choice("year3", ("一到三年", "1-3年")),
    Choice("more", ("三年以上", "超过三年")),
)


@pytest.fixture(scope="module")
def master(data: Path) -> SecuritiesMaster:
    """All listed securities."""
    return SecuritiesMaster.load(data / "securities.tsv")


@pytest.fixture(scope="module")
def reader(master: SecuritiesMaster) -> SlotReader:
    """A reader on a Friday morning."""
    return SlotReader(lambda: NOW, master)


def plain(reading: Reading) -> str:
    """A reading as the table writes it: the value, `!reason` or `-`."""
    if isinstance(reading, SlotProblem):
        return f"!{reading.reason}"
    return reading.value if reading else "-"


@pytest.mark.parametrize(("kind", "said", "expected"), ROWS)
def test_reads_as_people_say_it(reader: SlotReader, kind: str, said: str, expected: str) -> None:
    """Every row of the table is read as a person would."""
    assert plain(reader.read(SlotSpec("x", SlotType(kind)), Utterance(said))) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("一年以内", "year1"),
        ("我不到一年", "year1"),
        ("第二个", "year3"),
        ("2", "year3"),
        ("三", "more"),
        ("B", "year3"),
        ("我选第三个吧", "more"),
        ("前者", "year1"),
        ("最后一个", "more"),
        ("不是一年以内是三年以上", "more"),
        ("一年以内，不对，一到三年", "year3"),
        ("一年以内还是三年以上", "!ambiguous"),
        ("都不是", "!unsure"),
        ("随便", "!unsure"),
        ("第五个", "!format"),
        ("一年以内是什么意思？", "-"),
        ("今天天气不错", "-"),
    ],
)
def test_reads_choices(reader: SlotReader, said: str, expected: str) -> None:
    """A choice is made by its words, its number, its letter or its place."""
    spec = SlotSpec("years", SlotType.CHOICE, YEARS)
    assert plain(reader.read(spec, Utterance(said))) == expected


@pytest.mark.parametrize(
    ("kind", "keys", "expected"),
    [
        (SlotType.PHONE, "13800138000#", "13800138000"),
        (SlotType.PHONE, "1380013800#", "!length"),
        (SlotType.PHONE, "138#13800138000#", "13800138000"),
        (SlotType.AMOUNT, "3000#", "3000"),
        (SlotType.AMOUNT, "12*5#", "12.5"),
        (SlotType.AMOUNT, "1*2*3#", "!format"),
        (SlotType.ID_NUMBER, "11010519491231002*#", "11010519491231002X"),
        (SlotType.DATE, "20261201", "2026-12-01"),
        (SlotType.DATE, "1201", "2026-12-01"),
        (SlotType.DATE, "25#", "2026-11-25"),
        (SlotType.DATE, "1332", "!impossible"),
        (SlotType.DATE, "20260230", "!impossible"),
        (SlotType.TIME, "1530", "2026-11-20T15:30"),
        (SlotType.TIME, "2530", "!impossible"),
        (SlotType.SECURITY, "600519#", "600519.SH"),
        (SlotType.YES_NO, "1", "yes"),
        (SlotType.YES_NO, "2", "no"),
        (SlotType.YES_NO, "7", "!format"),
        (SlotType.CHOICE, "3", "more"),
        (SlotType.CHOICE, "4", "!format"),
        (SlotType.NUMBER, "#", "-"),
    ],
)
def test_reads_keys(reader: SlotReader, kind: SlotType, keys: str, expected: str) -> None:
    """Keys are read up to #, the last entry counts, * is a decimal point or an X."""
    choices = YEARS if kind is SlotType.CHOICE else ()
    spec = SlotSpec("x", kind, choices)
    assert plain(reader.read(spec, Utterance(event=Event.KEYS, keys=keys))) == expected


@pytest.mark.parametrize(
    ("spec", "said", "expected"),
    [
        (SlotSpec("a", SlotType.AMOUNT, minimum="1000"), "九百九", "!too_small"),
        (SlotSpec("a", SlotType.AMOUNT, minimum="1000"), "一千", "1000"),
        (SlotSpec("a", SlotType.AMOUNT, maximum="50000"), "五万", "50000"),
        (SlotSpec("a", SlotType.AMOUNT, maximum="50000"), "五万零一块", "!too_large"),
        (SlotSpec("n", SlotType.NUMBER, minimum="1", maximum="10"), "11", "!too_large"),
        (SlotSpec("n", SlotType.NUMBER, pattern="[0-9]+00"), "五百股", "500"),
        (SlotSpec("n", SlotType.NUMBER, pattern="[0-9]+00"), "五百五十股", "!format"),
        (SlotSpec("d", SlotType.DATE, minimum="today"), "昨天", "!too_small"),
        (SlotSpec("d", SlotType.DATE, minimum="today", maximum="today+30"), "明年底", "!too_large"),
        (SlotSpec("d", SlotType.DATE, maximum="2026-12-01"), "12月2号", "!too_large"),
        (SlotSpec("d", SlotType.DATE, maximum="today"), "三号", "2026-11-03"),
        (SlotSpec("d", SlotType.DATE, maximum="today"), "周三", "2026-11-18"),
        (SlotSpec("d", SlotType.DATE, maximum="today"), "12月1号", "2025-12-01"),
        (SlotSpec("t", SlotType.TIME, minimum="now+60"), "半小时后", "!too_small"),
        (SlotSpec("t", SlotType.TIME, maximum="now+60"), "半小时后", "2026-11-20T10:45"),
        (SlotSpec("w", SlotType.TEXT, minimum="2", maximum="5"), " 张三 ", "张三"),
        (SlotSpec("w", SlotType.TEXT, maximum="5"), "北京市朝阳区", "!length"),
        (SlotSpec("w", SlotType.TEXT, pattern="[A-Z]{3}"), "abc", "!format"),
    ],
)
def test_minds_bounds(reader: SlotReader, spec: SlotSpec, said: str, expected: str) -> None:
    """A value outside the slot's bounds or pattern is refused with the reason."""
    assert plain(reader.read(spec, Utterance(said))) == expected


@pytest.mark.parametrize(
    ("kind", "said", "evidence"),
    [
        (SlotType.AMOUNT, "我想转三千块钱给他", "三千块钱"),
        (SlotType.PHONE, "号码是138 0013 8000，别打错", "138 0013 8000"),
        (SlotType.DATE, "那就下周三吧", "下周三"),
        (SlotType.TIME, "好，明天下午三点半打给我", "明天下午三点半"),
        (SlotType.SECURITY, "我持有贵州茅台很久了", "贵州茅台"),
        (SlotType.YES_NO, "嗯，是的", "是的"),
        (SlotType.ID_NUMBER, "号码11010519491231002X哈", "11010519491231002X"),
    ],
)
def test_keeps_evidence(reader: SlotReader, kind: SlotType, said: str, evidence: str) -> None:
    """The span of a value shows the customer's own words for it."""
    reading = reader.read(SlotSpec("x", kind), Utterance(said))
    assert isinstance(reading, SlotValue)
    assert said[reading.start : reading.end] == evidence


@pytest.mark.parametrize(
    ("kind", "sure", "unsure"),
    [
        (SlotType.AMOUNT, "三千", "大概三千"),
        (SlotType.DATE, "明天", "应该是明天"),
        (SlotType.TIME, "下午三点", "九点"),
        (SlotType.SECURITY, "宁德时代", "宁德时带"),
        (SlotType.YES_NO, "没有", "好像没有"),
        (SlotType.YES_NO, "是的", "不对，是的"),
        (SlotType.YES_NO, "不用", "不，红烧肉怎么做？"),
        (SlotType.DATE, "今天吧", "今天有什么新闻"),
        (SlotType.NUMBER, "我有三个孩子", "给我讲一个谜语"),
        (SlotType.AMOUNT, "我要转五千", "打开4399网站"),
    ],
)
def test_doubts_what_is_hedged(reader: SlotReader, kind: SlotType, sure: str, unsure: str) -> None:
    """A hedged or guessed value has a confidence below 0.7, a plain one has not."""
    readings = [reader.read(SlotSpec("x", kind), Utterance(said)) for said in (sure, unsure)]
    confidences = [r.confidence for r in readings if isinstance(r, SlotValue)]
    assert confidences[0] >= 0.7 > confidences[1]


def test_offers_what_an_ambiguous_name_may_mean(reader: SlotReader) -> None:
    """A name of several securities comes with all of them, ready to be said."""
    reading = reader.read(SlotSpec("s", SlotType.SECURITY), Utterance("平安"))
    assert isinstance(reading, SlotProblem)
    assert reading.reason is SlotReason.AMBIGUOUS
    assert {"中国平安（601318）", "平安银行（000001）"} <= {o.spoken for o in reading.options}


def test_reads_spoken_names_with_a_linker(master: SecuritiesMaster, data: Path) -> None:
    """Nicknames from the editors' table are understood where a linker is given."""
    linker = EntityLinker(master, data / "lexicons" / "ambiguous_names.yaml")
    reader = SlotReader(lambda: NOW, master, linker)
    spec = SlotSpec("s", SlotType.SECURITY)
    said = {"宁王": "300750.SZ", "招行": "600036.SH", "贵州茅台": "600519.SH", "平安": "!ambiguous"}
    assert {w: plain(reader.read(spec, Utterance(w))) for w in said} == said


def test_words_of_the_slot_win(reader: SlotReader) -> None:
    """An editor's words for yes and no are read before the general ones."""
    choices = (Choice("yes", ("清楚", "没问题")), Choice("no", ("不清楚", "没有问题")))
    spec = SlotSpec("risk", SlotType.YES_NO, choices)
    said = {"不清楚": "no", "我清楚": "yes", "没有问题": "no", "是的": "yes"}
    assert {w: plain(reader.read(spec, Utterance(w))) for w in said} == said


@pytest.mark.parametrize(
    ("kind", "minimum", "maximum", "fault"),
    [
        (SlotType.DATE, "today", "today+30", None),
        (SlotType.DATE, "2026-01-01", "today", None),
        (SlotType.DATE, "tomorrow", None, "cannot be read; write today"),
        (SlotType.DATE, "2026-02-30", None, "cannot be read"),
        (SlotType.DATE, "today+3", "today", "no value would fit"),
        (SlotType.TIME, "now", "now+60", None),
        (SlotType.TIME, "soon", None, "cannot be read; write now"),
        (SlotType.AMOUNT, "1000", "500", "no value would fit"),
        (SlotType.AMOUNT, "一千", None, "cannot be read"),
        (SlotType.TEXT, "2", "20", None),
        (SlotType.YES_NO, "1", None, "has no bounds"),
    ],
)
def test_checks_bounds_before_use(
    kind: SlotType, minimum: str | None, maximum: str | None, fault: str | None
) -> None:
    """A bound that cannot be read, or leaves no value, is named with what is allowed."""
    found = bounds_fault(SlotSpec("x", kind, minimum=minimum, maximum=maximum))
    assert (found is None) == (fault is None)
    assert fault is None or fault in str(found)


def test_takes_the_moment_it_is_told() -> None:
    """`now` of the call decides what 明天 is; without it the reader's own clock does."""
    reader = SlotReader(lambda: date(2026, 1, 1))
    spec = SlotSpec("d", SlotType.DATE)
    assert plain(reader.read(spec, Utterance("明天"), now=NOW)) == "2026-11-21"
    assert plain(reader.read(spec, Utterance("明天"))) == "2026-01-02"


def test_says_an_id_number_back_by_its_end(reader: SlotReader) -> None:
    """Somebody may be listening: only the last four characters are said."""
    reading = reader.read(SlotSpec("i", SlotType.ID_NUMBER), Utterance("11010519491231002X"))
    assert isinstance(reading, SlotValue)
    assert reading.spoken == "尾号002X的身份证"


def test_checks_as_the_standard_does() -> None:
    """The example of GB 11643-1999 has the check character X."""
    assert check_character("11010519491231002") == "X"


def test_names_what_a_security_slot_lacks() -> None:
    """A reader without securities says what to give it."""
    with pytest.raises(ValueError, match="securities master"):
        SlotReader(lambda: NOW).read(SlotSpec("s", SlotType.SECURITY), Utterance("600519"))
