"""Choosing a company and telling what the graph knows of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from news.article import Article, EntityTone, Sentiment, SourceTier
from news.event import EventKind
from news.fact import Entity, Fact, FactStatus, Predicate
from news.graph import CompanyProfile
from news.graph_affected import Affected, AffectedReport, Step
from news.graph_impact import Sign
from news.graph_view import NOW
from news.happening import Happening
from news.securities import SecuritiesMaster
from ui.console.company_affected import table
from ui.console.company_choice import company_choices, initials, resolve
from ui.console.company_news import stories_of, tone_history
from ui.console.company_timeline import EventRow, event_html
from ui.console.company_view import company_head, ends_of, fact_lines, relations_html

CATL = "company:300750"
AT = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def master(data: Path) -> SecuritiesMaster:
    """The real securities master."""
    return SecuritiesMaster.load(data / "securities.tsv")


def fact(subject: str, predicate: Predicate, object_: str, **more: object) -> Fact:
    """A fact from a file."""
    return Fact(subject, predicate, object_, "data/x.tsv#1", "file", AT, **more)  # type: ignore[arg-type]


def test_a_company_is_found_by_code_name_initials_and_former_name(
    master: SecuritiesMaster,
) -> None:
    """All that people type stands in the label, code first."""
    label = company_choices(master).label("company:300104")
    assert label is not None
    assert label.startswith("300104 ")
    assert "乐视网" in label
    assert "lst" in label


def test_a_label_leads_back_to_its_company(master: SecuritiesMaster) -> None:
    """Every company has one label and every label one company."""
    choices = company_choices(master)
    assert all(choices.label(c) == label for label, c in choices.company_of.items())
    assert choices.company(None) is None
    assert choices.company("no such label") is None


def test_initials_keep_latin_letters() -> None:
    """ST and TCL are typed as they are written."""
    assert initials("TCL科技") == "tclkj"


@pytest.mark.parametrize("text", ["300750", "300750.SZ", "SZ300750", "宁德时代"])
def test_an_address_names_a_company(master: SecuritiesMaster, text: str) -> None:
    """Codes, symbols and names in the address mean the same company."""
    assert resolve(master, text) == "company:300750"


def test_an_unknown_company_is_none(master: SecuritiesMaster) -> None:
    """Rubbish in the address is no company, and no error."""
    assert resolve(master, "<script>") is None


def test_the_head_leads_from_the_widest_industry_down(master: SecuritiesMaster) -> None:
    """The chain of the profile is turned round; former names come from the aliases."""
    company = Entity("company:300750", "宁德时代")
    kind = {"qualifiers": (("kind", "former_name"),)}
    head = company_head(
        CompanyProfile(
            company=company,
            securities=master.listings(company.id),
            listings=(),
            industry_chain=(
                (
                    Entity("industry:2", "电池"),
                    fact(company.id, Predicate.IN_INDUSTRY, "industry:2"),
                ),
                (Entity("industry:1", "设备"), fact("industry:2", Predicate.PART_OF, "industry:1")),
            ),
            upstream=(),
            downstream=(),
            concepts=(),
            aliases=(
                fact(company.id, Predicate.ALIAS, "text:旧名", **kind),
                fact(company.id, Predicate.ALIAS, "text:全名"),
            ),
        )
    )
    assert head.industries == ("设备", "电池")
    assert head.former_names == ("旧名",)
    assert head.symbols == "300750.SZ"
    assert head.listed == "2018-06-11"


def test_a_fact_is_told_in_words_with_its_source() -> None:
    """Names stand for ids, a literal for itself; mentions of articles are left out."""
    facts = (
        fact("article:1", Predicate.MENTIONS, "company:1"),
        fact("company:1", Predicate.ALIAS, "text:旧名"),
        fact(
            "company:1",
            Predicate.ISSUES,
            "security:1.SZ",
            valid_from=date(2018, 6, 11),
            status=FactStatus.RUMOUR,
        ),
    )
    issues, alias = fact_lines(facts, {"company:1": "甲", "security:1.SZ": "甲"})
    assert (issues.subject, issues.predicate, issues.object) == ("甲", "发行", "甲 1.SZ")
    assert (issues.status, issues.since, issues.source) == (
        "传闻",
        date(2018, 6, 11),
        "data/x.tsv#1",
    )
    assert alias.object == "旧名"


def test_literals_are_no_entities_to_look_up() -> None:
    """Only ids are asked for, each once."""
    facts = (fact("company:1", Predicate.ALIAS, "text:旧名"),) * 2
    assert ends_of(facts) == ("company:1",)


def article(number: int, headline: str, day: int, **more: object) -> Article:
    """An article of May 2024 about 宁德时代."""
    at = datetime(2024, 5, day, 4, tzinfo=UTC)
    told: dict[str, object] = {
        "id": f"a{number}", "headline": headline, "text": "正文", "source": "源", "origin": "t",
        "url": None, "published_at": at, "dated": True, "ingested_at": at, "version": 1,
        "content_hash": str(number), "sentiment": Sentiment.NEUTRAL, "sentiment_score": 0.0,
        "tags": (), "mentions": (), "duplicate_of": None,
    }  # fmt: skip
    return Article(**told | more)  # type: ignore[arg-type]


def tone(sentiment: Sentiment) -> tuple[EntityTone, ...]:
    """The tone towards 宁德时代."""
    return (EntityTone(CATL, sentiment, 0.5, 0.9, 0.9),)


def event(status: FactStatus, **more: object) -> Happening:
    """A contract that is told of on the first and the third of May."""
    at = datetime(2024, 5, 1, 4, tzinfo=UTC)
    told: dict[str, object] = {
        "id": "event:1", "kind": EventKind.CONTRACT, "subject": CATL, "story_id": None,
        "headline": "澄清公告", "lead_id": "a2", "tier": SourceTier.OFFICIAL, "first_id": "a1",
        "first_source": "<b>股吧</b>", "first_at": at, "last_at": at, "count": 2,
        "arguments": (("amount", "4547000000"), ("stage", "planned")), "status": status,
    }  # fmt: skip
    return Happening(**told | more)  # type: ignore[arg-type]


def test_the_tone_is_counted_by_month_towards_the_company() -> None:
    """The company's own tone counts; the whole text's only where nobody looked, and it is said."""
    articles = (
        article(1, "好", 1, tones=tone(Sentiment.POSITIVE), sentiment=Sentiment.NEGATIVE),
        article(2, "坏", 2, sentiment=Sentiment.NEGATIVE),
        article(3, "重复", 3, duplicate_of="a1"),
        article(4, "撤回", 4, withdrawn_at=AT),
        article(5, "无日期", 5, dated=False),
    )
    history = tone_history(articles, CATL)
    assert (history.articles, history.whole) == (2, 1)
    may = {c.sentiment: c.count for c in history.counts if c.month == date(2024, 5, 1)}
    assert may == {Sentiment.POSITIVE: 1, Sentiment.NEUTRAL: 0, Sentiment.NEGATIVE: 1}
    assert tone_history((), CATL).counts == ()


def test_reports_of_one_matter_stand_together_under_the_announcement() -> None:
    """The weightiest source leads; what has no date stands alone."""
    media = article(1, "媒体", 2, story_id="s")
    official = article(2, "公告", 3, story_id="s", tier=SourceTier.OFFICIAL)
    undated = article(3, "旧闻", 4, story_id="s", dated=False)
    assert stories_of((undated, official, media)) == ((undated,), (official, media))


def test_a_denied_event_shows_the_claim_and_who_denied_it() -> None:
    """Figures are told in 亿, every report is a link, and sources are escaped."""
    claim, denial = article(1, "网传签约 <img>", 1), article(2, "澄清公告", 3)
    row = EventRow(event(FactStatus.DENIED, status_by="a2"), (claim, denial), denial)
    told = event_html(row)
    assert '<span class="fl-what">网传签约 &lt;img&gt;</span>' in told
    assert "已否认：2024-05-03" in told
    assert "金额 45.47亿" in told
    assert "计划中" in told
    assert told.count('href="articles?article=') == 3
    assert "<b>股吧" not in told


def test_a_relation_leads_to_the_article_that_says_so() -> None:
    """Both companies are links, a rumour is marked, and the source can be opened."""
    evidence = "article:a9#3-8"
    rumour = Fact(
        "company:002709", Predicate.SUPPLIES, CATL, evidence, "x", AT, status=FactStatus.RUMOUR
    )
    told = relations_html((rumour,), {"company:002709": "天赐<材料>", CATL: "宁德时代"})
    assert 'href="company?company=002709"' in told
    assert "天赐&lt;材料&gt;" in told
    assert "供应（传闻）" in told
    assert 'href="articles?article=a9"' in told


def test_who_is_affected_stands_in_a_table_with_reasons() -> None:
    """A sign as what may be; the step from the event to its subject is not repeated."""
    happened = fact(CATL, Predicate.PARTICIPATES_IN, "event:1")
    supply = Fact("company:002709", Predicate.SUPPLIES, CATL, "article:a9#1-2", "x", AT)
    steps = (
        Step("event:1", CATL, "subject", "当事方", happened, "发生", "主体", Sign.HURTS, 0.9),
        Step(
            CATL, "company:002709", "supplier", "供应商", supply, "供应", "少采购", Sign.HURTS, 0.4
        ),
    )  # fmt: skip
    reached = Affected(Entity("company:002709", "<天赐>"), 0.4, Sign.HURTS, steps)
    source = Entity("event:1", "停产")
    told = table(AffectedReport(source, EventKind.ACCIDENT, "事故", NOW, (reached,), 0), CATL)
    assert "可能承压" in told
    assert "&lt;天赐&gt;" in told
    assert told.count("<li>") == 1
    assert 'href="articles?article=a9"' in told
