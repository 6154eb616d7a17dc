"""Who is affected, how two hang together, what counts as one: on the real fact files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from matplotlib.patches import FancyBboxPatch

from news.base_facts import load_base_facts
from news.errors import DataFileError, StoreError
from news.event import EventKind
from news.fact import Entity, Fact, FactStatus, Predicate
from news.graph import NewsGraph
from news.graph_affected import NO_ADVICE, Affected, AffectedBy, AffectedReport, shock_named
from news.graph_affected_picture import affected_picture, draw_affected
from news.graph_central import central
from news.graph_impact import Change, ImpactRules, Sign
from news.graph_paths import PathFinder
from news.graph_view import When
from news.securities import SecuritiesMaster
from news.store import NewsStore

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 2, 1, tzinfo=UTC)
MAKER, PARTS, CARS, RIVAL, OWNER = (
    "company:300750",
    "company:002709",
    "company:600104",
    "company:300014",
    "company:600519",
)
FIRE = "event:fire"
ARTICLE = "article:a1"


def _said(
    subject: str,
    predicate: Predicate,
    object_: str,
    status: FactStatus = FactStatus.ASSERTED,
    **more: str,
) -> Fact:
    return Fact(
        subject=subject,
        predicate=predicate,
        object=object_,
        evidence=f"{ARTICLE}#0-9",
        method="relations",
        recorded_at=NOW,
        qualifiers=tuple(sorted(more.items())),
        valid_from=date(2026, 1, 5),
        confidence=0.9,
        status=status,
    )


SAID = (
    _said(PARTS, Predicate.SUPPLIES, MAKER),
    _said(MAKER, Predicate.SUPPLIES, CARS),
    _said(MAKER, Predicate.COMPETES_WITH, RIVAL),
    _said(MAKER, Predicate.PARTICIPATES_IN, FIRE, kind="accident"),
    _said(ARTICLE, Predicate.REPORTS, FIRE),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, data: Path) -> NewsStore:
    store = NewsStore.open(tmp_path_factory.mktemp("questions") / "workspace.db")
    load_base_facts(store, data, now=NOW)
    store.facts.put_entities([Entity(FIRE, "工厂起火"), Entity(ARTICLE, "电池厂起火停产")])
    return store


@pytest.fixture
def store(base: NewsStore) -> Iterator[NewsStore]:
    """The base facts and what an invented article says; changes are undone after each test."""
    base.connection.execute("BEGIN")
    base.facts.put_facts(SAID)
    yield base
    base.connection.execute("ROLLBACK")


@pytest.fixture(scope="module")
def rules(data: Path) -> ImpactRules:
    return ImpactRules.load(data / "lexicons" / "impact.yaml")


@pytest.fixture
def asked(store: NewsStore, rules: ImpactRules) -> AffectedBy:
    return AffectedBy(store, rules)


@pytest.fixture(scope="module")
def master(data: Path) -> SecuritiesMaster:
    return SecuritiesMaster.load(data / "securities.tsv")


def _by_id(report: AffectedReport | None) -> dict[str, Affected]:
    assert report is not None
    return {one.entity.id: one for one in report.affected}


def test_an_accident_hurts_customers_and_helps_rivals(asked: AffectedBy) -> None:
    """Each with its path in words, the article that says so, and the reason."""
    found = _by_id(asked.affected(FIRE))
    assert found[MAKER].sign is Sign.HURTS
    assert found[CARS].sign is Sign.HURTS
    assert found[RIVAL].sign is Sign.HELPS
    assert found[MAKER].score > found[CARS].score > found[PARTS].score
    assert "宁德时代 向 上汽集团 供应（《电池厂起火停产》），供货可能中断" in found[CARS].reason


def test_an_article_affects_by_the_events_it_reports(asked: AffectedBy) -> None:
    """One step further away, the same signs."""
    event, article = _by_id(asked.affected(FIRE)), _by_id(asked.affected(ARTICLE))
    assert article[CARS].sign is event[CARS].sign
    assert article[CARS].score < event[CARS].score
    assert [step.way for step in article[CARS].path] == ["report", "subject", "customer"]


def test_without_a_shock_no_direction_is_told(asked: AffectedBy) -> None:
    """That two hang together does not say what is good for whom."""
    report = asked.affected(MAKER)
    assert report is not None
    assert {one.sign for one in report.affected} == {Sign.UNCLEAR}
    assert report.shock_name == "未指明"


def test_dearer_aluminium_helps_its_makers_and_costs_its_users(
    store: NewsStore, asked: AffectedBy, master: SecuritiesMaster
) -> None:
    """A price rise is income in the industry and cost downstream."""
    industry = NewsGraph(store, master).find("铝")[0].id
    report = asked.affected(industry, shock=Change.PRICE_RISE)
    signs = {(one.path[-1].way, one.sign) for one in _by_id(report).values() if one.steps == 1}
    assert ("member", Sign.HELPS) in signs
    assert ("downstream", Sign.HURTS) in signs


def test_a_penalty_of_a_subsidiary_reaches_its_parent(store: NewsStore, asked: AffectedBy) -> None:
    """The parent more than the rest; the subsidiary of the punished one only unclearly."""
    store.facts.put_facts([_said(MAKER, Predicate.SUBSIDIARY_OF, OWNER)])
    up = _by_id(asked.affected(MAKER, shock=EventKind.PENALTY))
    down = _by_id(asked.affected(OWNER, shock=EventKind.PENALTY))
    assert up[OWNER].sign is Sign.HURTS
    assert up[OWNER].score == max(one.score for one in up.values())
    assert down[MAKER].sign is Sign.UNCLEAR


def test_what_was_denied_carries_nothing_and_a_rumour_less(
    store: NewsStore, asked: AffectedBy
) -> None:
    """A rumour is marked in words; a denial cancels it, and ended relations are none."""
    rumour = _said(MAKER, Predicate.SUPPLIES, OWNER, FactStatus.RUMOUR)
    store.facts.put_facts([rumour])
    found = _by_id(asked.affected(MAKER, shock=EventKind.ACCIDENT))
    assert found[OWNER].score < found[CARS].score / 2
    assert "（传闻）" in found[OWNER].reason
    store.facts.put_facts([replace(rumour, status=FactStatus.DENIED)])
    assert OWNER not in _by_id(asked.affected(MAKER, shock=EventKind.ACCIDENT))
    ended = _said(MAKER, Predicate.COOPERATES_WITH, "company:000858", stage="ended")
    store.facts.put_facts([ended])
    assert "company:000858" not in _by_id(asked.affected(MAKER))


def test_effects_are_told_as_of_a_day(asked: AffectedBy) -> None:
    """Before the article nothing was supplied."""
    before = asked.affected(MAKER, when=When(as_of=date(2026, 1, 4)))
    assert CARS not in _by_id(before)
    assert CARS in _by_id(asked.affected(MAKER, when=When(as_of=date(2026, 1, 5))))


def test_boards_of_who_holds_a_share_carry_nothing(asked: AffectedBy) -> None:
    """基金重仓 says how a share is held, not what its company does."""
    report = asked.affected("company:600519", shock=EventKind.PENALTY, limit=100)
    assert not [i for i in _by_id(report) if "重仓" in i]


def test_the_limit_counts_what_it_leaves_out(asked: AffectedBy) -> None:
    """A shorter answer is the beginning of the longer one."""
    many, few = asked.affected(MAKER, limit=20), asked.affected(MAKER, limit=3)
    assert many is not None
    assert few is not None
    assert few.affected == many.affected[:3]
    assert few.left_out == many.left_out + len(many.affected) - 3


def test_an_unknown_source_is_none(asked: AffectedBy) -> None:
    """No match is a value, not an error."""
    assert asked.affected("company:999999") is None


@pytest.mark.parametrize(
    ("word", "kind"), [("涨价", Change.PRICE_RISE), ("accident", EventKind.ACCIDENT), ("怪", None)]
)
def test_shocks_are_known_by_key_and_by_name(
    rules: ImpactRules, word: str, kind: Change | EventKind | None
) -> None:
    """As people type them."""
    assert shock_named(word, rules) is kind


def test_every_kind_of_event_has_its_rule(rules: ImpactRules) -> None:
    """A new kind of event needs a line in impact.yaml."""
    assert set(rules.shocks) == {*EventKind, *Change}


def test_a_wrong_rule_names_file_and_entry(tmp_path: Path, data: Path) -> None:
    """An editor finds the place."""
    text = (data / "lexicons" / "impact.yaml").read_text("utf-8")
    wrong = tmp_path / "impact.yaml"
    wrong.write_text(text.replace("not_after: [supplier]", "not_after: [suplier]"), "utf-8")
    with pytest.raises(DataFileError, match=r"impact\.yaml: ways\.customer: 'suplier'"):
        ImpactRules.load(wrong)
    wrong.write_text(text.replace("decay: 0.6,", "decay: 1.6,"), "utf-8")
    with pytest.raises(DataFileError, match="decay"):
        ImpactRules.load(wrong)


def test_a_path_is_told_in_sentences_with_sources(store: NewsStore, rules: ImpactRules) -> None:
    """The direct statement first, then the industry that both are in."""
    found = PathFinder(store.facts, rules).paths(MAKER, RIVAL)
    assert found is not None
    assert found[0].explanation == "宁德时代 与 亿纬锂能 竞争（《电池厂起火停产》）。"
    assert found[1].explanation == (
        "宁德时代 所属行业 锂电池（data/securities.tsv）；"
        "亿纬锂能 所属行业 锂电池（data/securities.tsv）。"
    )
    assert found[0].strength > found[1].strength


def test_a_path_of_three_edges_is_found_from_both_ends(
    store: NewsStore, rules: ImpactRules
) -> None:
    """A supplier's supplier's customer; with fewer edges allowed there is none."""
    finder = PathFinder(store.facts, rules)
    store.facts.put_facts([_said(CARS, Predicate.OWNS, "person:x")])
    store.facts.put_entities([Entity("person:x", "某人")])
    found = finder.paths(PARTS, "person:x", most=3)
    assert found
    assert [entity.id for entity in found[0].entities] == [PARTS, MAKER, CARS, "person:x"]
    assert finder.paths(PARTS, "person:x", most=2) == ()
    assert finder.paths(PARTS, PARTS) == ()
    assert finder.paths(PARTS, "company:999999") is None


def test_a_merged_entity_is_one_in_every_question(
    store: NewsStore, rules: ImpactRules, master: SecuritiesMaster
) -> None:
    """Facts of both, also of days before; who asks for the one gets the other; then as before."""
    twin = Entity("institution:贵州茅台集团", "贵州茅台集团")
    store.facts.put_entities([twin])
    store.facts.put_facts([_said(MAKER, Predicate.SUPPLIES, twin.id)])
    kept = store.facts.entity(OWNER)
    assert kept is not None
    graph, digest = NewsGraph(store, master), store.facts.digest()
    made = store.facts.merges.merge(twin, kept, why="同一集团", by="甲", at=LATER)
    assert graph.find("贵州茅台集团") == (kept,)
    assert graph.aliases(OWNER) == (twin,)
    about = graph.facts_about(twin.id, as_of=date(2026, 1, 6))
    assert any(f.subject == MAKER and f.object == OWNER for f in about)
    assert ("said_of_object", twin.id) in next(f for f in about if f.subject == MAKER).qualifiers
    assert OWNER in _by_id(AffectedBy(store, rules).affected(MAKER))
    assert not graph.view(When(known_at=NOW)).merged(OWNER)
    assert store.facts.digest() != digest
    store.facts.merges.split(twin.id, why="误并", by="乙", at=LATER)
    assert store.facts.digest() == digest
    assert graph.find("贵州茅台集团") == (twin,)
    history = store.facts.merges.history()
    assert [(m.id, m.by, m.undone_by, m.undone_why) for m in history] == [
        (made.id, "甲", "乙", "误并")
    ]


def test_what_cannot_be_the_same_is_not_merged(store: NewsStore) -> None:
    """An industry is no company, an event is never merged, and a reason is asked for."""
    maker, fire = store.facts.entity(MAKER), store.facts.entity(FIRE)
    rival, industry = store.facts.entity(RIVAL), store.facts.entity("industry:630701")
    assert maker
    assert fire
    assert rival
    assert industry
    merges = store.facts.merges
    with pytest.raises(StoreError, match="cannot be the same"):
        merges.merge(industry, maker, why="x", by="甲", at=NOW)
    with pytest.raises(StoreError, match="cannot be the same"):
        merges.merge(fire, replace(fire, id="event:other"), why="x", by="甲", at=NOW)
    with pytest.raises(StoreError, match="needs its reason"):
        merges.merge(rival, maker, why=" ", by="甲", at=NOW)
    merges.merge(rival, maker, why="x", by="甲", at=NOW)
    with pytest.raises(StoreError, match="already"):
        merges.merge(maker, rival, why="x", by="甲", at=NOW)
    with pytest.raises(StoreError, match=f"name one of these|{RIVAL}"):
        merges.split(MAKER, why="x", by="甲", at=NOW)


def test_an_industry_is_central_among_its_members(
    store: NewsStore, master: SecuritiesMaster
) -> None:
    """Ranks sum to one, and the answer is the same every time."""
    around = NewsGraph(store, master).neighbourhood(MAKER, hops=2)
    assert around is not None
    found = central(around)
    assert found[0].entity.name == "锂电池"
    assert sum(c.score for c in found) == pytest.approx(1, abs=1e-3)
    assert {c.entity.id for c in found} == {e.id for e in around.entities}
    assert central(around) == found


def test_the_affected_are_drawn_source_left(asked: AffectedBy, tmp_path: Path) -> None:
    """PNG and SVG of a sensible size; names, signs and the note are in it, no two boxes overlap."""
    report = asked.affected(FIRE)
    assert report is not None
    for name in ("affected.png", "affected.svg"):
        draw_affected(report, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 20_000
    axes = affected_picture(report).axes[0]
    texts = {text.get_text() for text in axes.texts}
    assert {"上汽集团", "客户", "可能受益", "可能承压"} <= texts
    assert any(NO_ADVICE in text for text in texts)
    boxes = [p.get_bbox() for p in axes.patches if isinstance(p, FancyBboxPatch)]
    assert len(boxes) > 5
    assert not [1 for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
