"""Events by rules, in invented texts about listed companies."""

from __future__ import annotations

from pathlib import Path

import pytest

from news.article import content_of
from news.errors import DataFileError
from news.event import ArticleEvent, EventKind
from news.event_extract import EventExtractor
from news.fact import FactStatus
from news.link import EntityLinker
from news.securities import SecuritiesMaster


@pytest.fixture(scope="module")
def extractor(data: Path) -> EventExtractor:
    """The shipped rules."""
    return EventExtractor.load(data / "lexicons" / "events.yaml")


@pytest.fixture(scope="module")
def linker(data: Path) -> EntityLinker:
    """The shipped names."""
    master = SecuritiesMaster.load(data / "securities.tsv")
    return EntityLinker(master, data / "lexicons" / "ambiguous_names.yaml")


def events(
    extractor: EventExtractor, linker: EntityLinker, headline: str, text: str = ""
) -> tuple[ArticleEvent, ...]:
    """Events of an article whose companies are linked."""
    return extractor.extract(headline, text, linker.link(content_of(headline, text)))


@pytest.mark.parametrize(
    ("headline", "kind", "company"),
    [
        ("宁德时代：拟以20亿元至30亿元回购股份", EventKind.REPURCHASE, "company:300750"),
        ("股东拟减持贵州茅台不超过1%股份", EventKind.HOLDING_DECREASE, "company:600519"),
        ("五粮液控股股东完成增持", EventKind.HOLDING_INCREASE, "company:000858"),
        ("证监会对格力电器立案调查", EventKind.INVESTIGATION, "company:000651"),
        ("万科A被处以罚款200万元", EventKind.PENALTY, "company:000002"),
        ("比亚迪：中标城市公交采购项目", EventKind.CONTRACT, "company:002594"),
        ("中国石油董事长辞职", EventKind.EXECUTIVE_CHANGE, "company:601857"),
        ("海康威视：每10股派7元现金分红", EventKind.DIVIDEND, "company:002415"),
        ("隆基绿能停牌一天", EventKind.SUSPENSION, "company:601012"),
        ("紫金矿业拟收购一座铜矿", EventKind.MERGER, "company:601899"),
    ],
)
def test_kind_and_company(
    extractor: EventExtractor, linker: EntityLinker, headline: str, kind: EventKind, company: str
) -> None:
    """A headline gives the kind of its event and the company that it happened to."""
    assert (kind, company) in {(e.kind, e.subject) for e in events(extractor, linker, headline)}


def test_evidence_is_the_trigger(extractor: EventExtractor, linker: EntityLinker) -> None:
    """The span of an event is its trigger word in the content."""
    headline, text = "宁德时代公告", "公司拟回购股份，回购价格不超过300元/股。"
    (event,) = events(extractor, linker, headline, text)
    assert content_of(headline, text)[event.start : event.end] == "拟回购"
    assert event.subject == "company:300750"


def test_figures_become_arguments(extractor: EventExtractor, linker: EntityLinker) -> None:
    """Amounts come in yuan, shares in shares, days as ISO 8601, sorted by name."""
    text = "格力电器公告，截至2026年11月18日，累计回购1,200.5万股，成交总额4.8亿元，占1.2%。"
    (event,) = events(extractor, linker, "", text)
    assert event.arguments == (
        ("amount", "480000000"),
        ("day", "2026-11-18"),
        ("percent", "1.2"),
        ("shares", "12005000"),
    )


def test_losses_are_negative(extractor: EventExtractor, linker: EntityLinker) -> None:
    """An amount behind 亏损 is negative."""
    (event,) = events(extractor, linker, "万科A：预计全年净亏损12亿元")
    assert event.kind is EventKind.EARNINGS_PREVIEW
    assert dict(event.arguments)["amount"] == "-1200000000"


def test_rumour_denial_plan_and_end(extractor: EventExtractor, linker: EntityLinker) -> None:
    """The words around an event say how far it is to be believed, and how far it has come."""
    rumour = events(extractor, linker, "市场传闻比亚迪收购一家电池厂")
    denied = events(extractor, linker, "比亚迪否认收购一家电池厂")
    ended = events(extractor, linker, "比亚迪终止重大资产重组")
    planned = events(extractor, linker, "比亚迪筹划重大资产重组")
    merger = [
        next(e for e in found if e.kind is EventKind.MERGER)
        for found in (rumour, denied, ended, planned)
    ]
    assert [e.status for e in merger] == [
        FactStatus.RUMOUR,
        FactStatus.DENIED,
        FactStatus.ASSERTED,
        FactStatus.ASSERTED,
    ]
    assert [dict(e.arguments).get("stage") for e in merger] == [None, None, "ended", "planned"]


@pytest.mark.parametrize(
    "text",
    [
        "央行今日开展100亿元逆回购操作。",
        "贵州茅台股东承诺半年内不减持。",
        "宁德时代未收到任何行政处罚。",
        "今天天气晴朗。",
        "",
    ],
)
def test_no_event(extractor: EventExtractor, linker: EntityLinker, text: str) -> None:
    """Hidden, negated and absent words tell of no event."""
    assert events(extractor, linker, "", text) == ()


def test_one_event_a_kind_and_company(extractor: EventExtractor, linker: EntityLinker) -> None:
    """The same event in headline and text is one event, surest in the headline."""
    found = events(extractor, linker, "宁德时代：拟回购股份", "宁德时代公告，拟回购股份5亿元。")
    assert [(e.kind, e.start < 10, dict(e.arguments)["amount"]) for e in found] == [
        (EventKind.REPURCHASE, True, "500000000")
    ]


def test_each_company_its_own_event(extractor: EventExtractor, linker: EntityLinker) -> None:
    """Two clauses about two companies give two events of two companies."""
    found = events(extractor, linker, "", "宁德时代完成增持，格力电器拟减持。")
    assert [(e.kind, e.subject) for e in found] == [
        (EventKind.HOLDING_INCREASE, "company:300750"),
        (EventKind.HOLDING_DECREASE, "company:000651"),
    ]


def test_broken_lexicon_is_named(tmp_path: Path) -> None:
    """A lexicon with an unknown kind is refused with its place."""
    file = tmp_path / "events.yaml"
    file.write_text("events: [{kind: party, sure: [庆典]}]\n", encoding="utf-8")
    with pytest.raises(DataFileError, match="kind"):
        EventExtractor.load(file)


def test_results_beside_a_surer_forecast(extractor: EventExtractor, linker: EntityLinker) -> None:
    """Last year's results, named for comparison in a forecast, are no event of their own."""
    text = "公司预计全年盈利5亿元。去年实现净利润3亿元。"
    found = events(extractor, linker, "格力电器：全年净利预增六成", text)
    assert [e.kind for e in found] == [EventKind.EARNINGS_PREVIEW]
