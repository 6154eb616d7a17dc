"""Base facts and typed questions to the graph, on the real fact files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from news.base_facts import FILES, load_base_facts
from news.errors import DataFileError
from news.fact import Entity, Fact, Predicate
from news.graph import NewsGraph
from news.graph_picture import chinese_font, draw
from news.securities import SecuritiesMaster
from news.store import NewsStore
from news.transaction import transaction

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, data: Path) -> NewsStore:
    """A workspace with the base facts loaded."""
    store = NewsStore.open(tmp_path_factory.mktemp("graph") / "workspace.db")
    load_base_facts(store, data, now=NOW)
    return store


@pytest.fixture(scope="module")
def graph(store: NewsStore, data: Path) -> NewsGraph:
    return NewsGraph(store, SecuritiesMaster.load(data / "securities.tsv"))


def test_loading_the_same_files_again_changes_nothing(store: NewsStore, data: Path) -> None:
    """A second load costs a checksum and adds no fact."""
    before = store.facts.count()
    assert load_base_facts(store, data, now=LATER) == 0
    assert store.facts.count() == before > 30_000


def test_a_row_that_goes_away_is_retracted_and_stays_readable(tmp_path: Path, data: Path) -> None:
    """The graph keeps what it once held: gone for today, present for a moment before."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_bytes((data / name).read_bytes())
    store = NewsStore.open(tmp_path / "workspace.db")
    load_base_facts(store, folder, now=NOW)
    upstream = folder / "industry_upstream.tsv"
    kept = [x for x in upstream.read_text("utf-8").splitlines() if not x.startswith("锂电池\t")]
    upstream.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert load_base_facts(store, folder, now=LATER) == 11
    ask = {"side": "object", "predicates": [Predicate.UPSTREAM_OF]}
    assert store.facts.facts_of(["industry:630701"], **ask) == ()
    assert len(store.facts.facts_of(["industry:630701"], known_at=NOW, **ask)) == 11
    upstream.write_bytes((data / "industry_upstream.tsv").read_bytes())
    load_base_facts(store, folder, now=LATER)
    assert len(store.facts.facts_of(["industry:630701"], **ask)) == 11


def test_a_broken_fact_file_changes_nothing(tmp_path: Path, store: NewsStore) -> None:
    """A missing file is named and the stored facts stay."""
    before = store.facts.count()
    with pytest.raises(DataFileError, match=r"securities\.tsv"):
        load_base_facts(store, tmp_path, now=LATER)
    assert store.facts.count() == before


@pytest.mark.parametrize("name", ["宁德时代", "300750", "300750.SZ", "company:300750"])
def test_a_company_is_found_by_name_code_and_id(graph: NewsGraph, name: str) -> None:
    """Every usual way to name a company leads to the same entity."""
    assert graph.find(name)[0] == Entity("company:300750", "宁德时代")


def test_a_name_with_two_meanings_gives_both(graph: NewsGraph) -> None:
    """锂电池 is an industry and a concept board."""
    assert {e.kind for e in graph.find("锂电池")} == {"industry", "concept"}


def test_an_unknown_name_is_not_found(graph: NewsGraph) -> None:
    """No match is a value, not an error."""
    assert graph.find("没有这家公司") == ()
    assert graph.neighbourhood("company:999999") is None
    assert graph.profile("company:999999") is None


def test_a_profile_answers_industry_upstream_and_listing(graph: NewsGraph) -> None:
    """Each part of a profile names its evidence."""
    profile = graph.profile("company:300750")
    assert profile is not None
    assert [e.name for e, _ in profile.industry_chain] == ["锂电池", "电池", "电力设备"]
    names = [e.name for e, _ in profile.upstream]
    assert names[0] == "输变电设备"  # named by two reports, the others by one
    assert set(names) >= {"铝", "纯碱"}
    assert profile.listings[0].valid_from == date(2018, 6, 11)
    assert profile.listings[0].evidence == "data/securities.tsv#300750"


def test_former_names_are_aliases(graph: NewsGraph) -> None:
    """深圳中国农大科技 was 国农科技 and 国华网安."""
    facts = graph.facts_about("company:000004", predicates=[Predicate.ALIAS])
    former = {f.object for f in facts if ("kind", "former_name") in f.qualifiers}
    assert former == {"text:国农科技", "text:国华网安"}


def test_a_question_as_of_a_day_leaves_out_what_came_later(graph: NewsGraph) -> None:
    """宁德时代 was not listed in 2017."""
    before = graph.profile("company:300750", as_of=date(2017, 1, 1))
    assert before is not None
    assert before.listings == ()


def test_a_neighbourhood_keeps_every_kind_of_fact(graph: NewsGraph) -> None:
    """Upstream, downstream, parents and peers all stay in the limit."""
    around = graph.neighbourhood("company:300750", hops=2, each=4)
    assert around is not None
    groups = {(f.predicate, f.object == "industry:630701") for f in around.facts}
    assert {(Predicate.UPSTREAM_OF, True), (Predicate.UPSTREAM_OF, False)} <= groups
    assert (Predicate.PART_OF, False) in groups
    assert len(around.facts) < 40
    network = around.to_networkx()
    assert network.nodes["company:300750"]["name"] == "宁德时代"


def test_peers_share_the_industry(graph: NewsGraph) -> None:
    """亿纬锂能 makes batteries too."""
    assert "亿纬锂能" in {e.name for e in graph.peers("company:300750")}


def test_the_picture_is_a_png_with_chinese_letters(graph: NewsGraph, tmp_path: Path) -> None:
    """The file is a PNG of a sensible size, in a font that has the characters."""
    around = graph.neighbourhood("company:300750", hops=2)
    assert around is not None
    path = tmp_path / "picture.png"
    draw(around, path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 50_000
    assert chinese_font()


def test_a_hostile_headline_is_drawn_as_it_is(graph: NewsGraph, tmp_path: Path) -> None:
    """A dollar sign, a broken formula or control marks in a name do not break the picture."""
    around = graph.neighbourhood("company:300750")
    assert around is not None
    center = replace(around.center, name="涨 $\\frac{1$ <b>\t")
    hostile = replace(around, center=center, entities=(center, *around.entities[1:]))
    draw(hostile, tmp_path / "hostile.png")
    assert (tmp_path / "hostile.png").stat().st_size > 10_000


def test_a_fact_stated_twice_is_one_row(tmp_path: Path) -> None:
    """The same statement from the same evidence has the same id."""
    store = NewsStore.open(tmp_path / "workspace.db")
    fact = Fact("company:1", Predicate.OWNS, "company:2", "article:x#0-2", "test", NOW)
    with transaction(store.connection):
        assert store.facts.put_facts([fact, fact]) == 1
        assert store.facts.put_facts([fact]) == 0
    assert store.facts.fact(fact.id) == fact
