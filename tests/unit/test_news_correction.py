"""Editors' corrections: what they change, where, for how long, and as test cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from news.article import Mention, RawArticle
from news.correction import Corrections, LinkCorrection
from news.correction_store import CorrectionStore
from news.errors import StoreError
from news.fact import Predicate
from news.link import EntityLinker
from news.store import NewsStore
from ui.cli.main import app
from ui.settings import Settings
from ui.wiring import Wiring

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
NIL = LinkCorrection("机器人", None, "a1", "li", AT)
ROBOT = replace(NIL, entity_id="company:300024", everywhere=True)


def mention(text: str, surface: str, entity: str = "company:300024") -> Mention:
    """A mention of the first place of a surface."""
    start = text.index(surface)
    return Mention(entity, surface, start, start + len(surface), "short_name", 0.9)


def meant(mentions: tuple[Mention, ...]) -> list[tuple[str, str]]:
    """(surface, entity) of each mention."""
    return [(m.surface, m.entity_id) for m in mentions]


def test_correction_of_an_article_counts_there_only() -> None:
    """What an editor says of one article leaves the others alone."""
    text = "机器人午后涨停"
    found = (mention(text, "机器人"),)
    assert Corrections([NIL]).apply(text, found, article_id="a1") == ()
    assert Corrections([NIL]).apply(text, found, article_id="a2") == found


def test_correction_for_everywhere_adds_what_the_linker_leaves_out() -> None:
    """A word becomes a mention, sure and with the editors' method."""
    (made,) = Corrections([ROBOT]).apply("该机器人的订单增长", ())
    assert (made.surface, made.method, made.confidence) == ("机器人", "correction", 1.0)


def test_longer_name_around_the_surface_stays() -> None:
    """NIL for 平安 does not take 中国平安 away, nor does a company for 平安 double it."""
    text = "中国平安公告，平安建设活动"
    found = (mention(text, "中国平安", "company:601318"),)
    nil = LinkCorrection("平安", None, "a1", "li", AT, everywhere=True)
    assert Corrections([nil]).apply(text, found) == found
    company = replace(nil, entity_id="company:000001")
    changed = Corrections([company]).apply(text, found)
    assert meant(changed) == [("中国平安", "company:601318"), ("平安", "company:000001")]
    assert changed[1].start == text.rindex("平安")


def test_narrower_correction_wins_then_the_newer_one() -> None:
    """Of one article before everywhere, with a context before without, new before old."""
    text = "机器人走强，机器人产业升温"
    context = replace(ROBOT, entity_id=None, context="机器人产业")
    both = Corrections([ROBOT, context])
    assert [m.start for m in both.apply(text, ())] == [0]
    newer = replace(ROBOT, entity_id="company:000001", at=AT + timedelta(days=1))
    assert meant(Corrections([newer, ROBOT]).apply("机器人走强", ())) == [
        ("机器人", "company:000001")
    ]
    assert Corrections([newer, NIL]).apply("机器人走强", (), article_id="a1") == ()


def test_surface_in_another_width_or_script_is_the_same() -> None:
    """Full-width, traditional and lower-case writing is corrected too."""
    assert len(Corrections([ROBOT]).apply("機器人走強", ())) == 1


def test_correction_without_words_or_with_a_foreign_context_is_refused() -> None:
    """The message says what to give."""
    with pytest.raises(ValueError, match="empty"):
        replace(NIL, surface=" ")
    with pytest.raises(ValueError, match="does not hold"):
        replace(NIL, context="太阳能产业")


def test_linker_applies_corrections_last(data: Path) -> None:
    """The linker's own mention is replaced, the rest of its work stays."""
    from news.securities import SecuritiesMaster

    master = SecuritiesMaster.load(data / "securities.tsv")
    linker = EntityLinker(master, data / "lexicons" / "ambiguous_names.yaml")
    text = "宁德时代与机器人午后涨停"
    assert len(linker.link(text)) == 2
    assert meant(linker.link(text, Corrections([NIL]), article_id="a1")) == [
        ("宁德时代", "company:300750")
    ]


def test_store_keeps_replaces_and_undoes(tmp_path: Path) -> None:
    """One decision counts for each scope; what was undone stays known but counts no more."""
    path = tmp_path / "w.db"
    store = CorrectionStore(NewsStore.open(path).connection)
    first = store.add(ROBOT)
    version = store.version()
    second = store.add(replace(ROBOT, entity_id=None, by="wang"))
    store.add(NIL)
    again = CorrectionStore(NewsStore.open(path).connection)
    assert [c.id for c in again.all()] == [second.id, second.id + 1]
    assert again.all()[0].by == "wang"
    assert again.version() != version
    again.undo(second.id, by="li", at=AT)
    assert [c.everywhere for c in store.all()] == [False]
    with pytest.raises(StoreError, match=r"no correction 1 .* latest"):
        store.undo(first.id, by="li", at=AT)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Iterator[Wiring]:
    """A workspace with two articles in which 机器人 is linked and one in which it is not."""
    folder = tmp_path_factory.mktemp("corrections")
    wiring = Wiring(Settings(home=folder, data=data, workspace="demo"))
    texts = ("机器人午后涨停，市场关注", "机器人：拟回购股份用于股权激励", "智能制造里的机器人很多")
    wiring.ingester.ingest(
        RawArticle(f"快讯{n}", text, f"t:{n}", f"https://e.com/a/{n}", AT, "测试")
        for n, text in enumerate(texts)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORELAND_HOME", str(folder))
        yield wiring


def run(*arguments: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["news", *arguments])


def linked(wiring: Wiring) -> list[int]:
    """How many mentions of the company each article has, in order of arrival."""
    store = NewsStore.open(wiring.settings.database)
    changes = sorted(store.changes_after(0, 10), key=lambda c: c.seq)
    return [sum(m.entity_id == "company:300024" for m in c.article.mentions) for c in changes]


def test_correct_changes_stored_articles_and_their_facts(home: Wiring, tmp_path: Path) -> None:
    """One article or every one with these words; undone, exported as a test case."""
    ids = [c.article.id for c in home.news_store.changes_after(0, 10)]
    assert linked(home) == [1, 1, 0]
    result = run("correct", ids[0], "机器人", "--nil", "--by", "li")
    assert result.exit_code == 0, result.output
    assert linked(home) == [0, 1, 0]
    facts = home.news_store.facts.facts_of([f"article:{ids[0]}"], side="subject")
    assert [f for f in facts if f.predicate is Predicate.MENTIONS and f.retracted_at is None] == []
    run("correct", ids[2], "机器人", "--entity", "300024", "--everywhere", "--by", "li")
    assert linked(home) == [0, 1, 1]
    assert run("corrections", "--undo", "2").exit_code == 0
    assert linked(home) == [0, 1, 0]

    gold = tmp_path / "gold.jsonl"
    assert run("corrections", "--as-gold", str(gold)).exit_code == 0
    (row,) = [json.loads(line) for line in gold.read_text("utf-8").splitlines()]
    assert row["text"][row["entities"][0]["start"] :].startswith("机器人")
    scores = json.loads(CliRunner().invoke(app, ["eval", "link", str(gold)]).stdout)
    assert (scores["nil"], scores["nil_linked"]) == (1, 1)
    run("corrections", "--undo", "1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ARTICLE", "机器人"), "--nil"),
        (("ARTICLE", "机器人", "--nil", "--entity", "300024"), "one of both"),
        (("nowhere", "机器人", "--nil"), "no article"),
        (("ARTICLE", "太阳能", "--nil"), "does not stand"),
        (("ARTICLE", "机器人", "--entity", "某某"), "no listed company"),
    ],
)
def test_impossible_correction_says_what_to_do(
    home: Wiring, arguments: tuple[str, ...], message: str
) -> None:
    """Nothing is stored where the article, the words or the company do not exist."""
    first = home.news_store.changes_after(0, 1)[0].article.id
    result = run("correct", *(first if a == "ARTICLE" else a for a in arguments))
    assert result.exit_code != 0
    assert message in str(result.exception)
    assert CorrectionStore(home.news_store.connection).all() == ()
