"""Relations by patterns, in invented sentences about listed companies."""

from __future__ import annotations

from pathlib import Path

import pytest

from news.article import Mention
from news.errors import DataFileError
from news.fact import FactStatus, Predicate
from news.link import EntityLinker
from news.relation import RelationExtractor, RelationFound
from news.securities import SecuritiesMaster

CATL, BYD, MOUTAI, GREE = "company:300750", "company:002594", "company:600519", "company:000651"


@pytest.fixture(scope="module")
def extractor(data: Path) -> RelationExtractor:
    """The shipped patterns."""
    return RelationExtractor.load(data / "lexicons" / "relations.yaml")


@pytest.fixture(scope="module")
def linker(data: Path) -> EntityLinker:
    """The shipped names."""
    master = SecuritiesMaster.load(data / "securities.tsv")
    return EntityLinker(master, data / "lexicons" / "ambiguous_names.yaml")


def relations(
    extractor: RelationExtractor, linker: EntityLinker, text: str
) -> tuple[RelationFound, ...]:
    """Relations of a text whose companies are linked."""
    return extractor.extract(text, linker.link(text))


@pytest.mark.parametrize(
    ("text", "subject", "predicate", "other"),
    [
        ("宁德时代向比亚迪供应电芯。", CATL, Predicate.SUPPLIES, BYD),
        ("宁德时代是比亚迪的供应商。", CATL, Predicate.SUPPLIES, BYD),
        ("宁德时代的主要客户包括比亚迪。", CATL, Predicate.SUPPLIES, BYD),
        ("比亚迪供应商宁德时代昨日公告。", CATL, Predicate.SUPPLIES, BYD),
        ("宁德时代向比亚迪采购整车。", BYD, Predicate.SUPPLIES, CATL),
        ("贵州茅台持有格力电器3%股份。", MOUTAI, Predicate.OWNS, GREE),
        ("贵州茅台股东格力电器发布公告。", GREE, Predicate.OWNS, MOUTAI),
        ("贵州茅台是格力电器的第二大股东。", MOUTAI, Predicate.OWNS, GREE),
        ("贵州茅台(600519)收购格力电器(000651)。", MOUTAI, Predicate.ACQUIRES, GREE),
        ("贵州茅台被格力电器收购。", GREE, Predicate.ACQUIRES, MOUTAI),
        ("贵州茅台旗下子公司格力电器发布公告。", GREE, Predicate.SUBSIDIARY_OF, MOUTAI),
        ("贵州茅台系格力电器的全资子公司。", MOUTAI, Predicate.SUBSIDIARY_OF, GREE),
        ("贵州茅台战略投资格力电器。", MOUTAI, Predicate.INVESTS_IN, GREE),
        ("贵州茅台起诉格力电器侵权。", MOUTAI, Predicate.SUES, GREE),
        ("贵州茅台遭格力电器起诉。", GREE, Predicate.SUES, MOUTAI),
        ("贵州茅台为格力电器的贷款提供连带责任担保。", MOUTAI, Predicate.GUARANTEES, GREE),
        ("贵州茅台与格力电器签署战略合作协议。", GREE, Predicate.COOPERATES_WITH, MOUTAI),
        ("格力电器与贵州茅台签署战略合作协议。", GREE, Predicate.COOPERATES_WITH, MOUTAI),
        ("贵州茅台的竞争对手格力电器降价。", GREE, Predicate.COMPETES_WITH, MOUTAI),
        ("贵州茅台与格力电器合并。", GREE, Predicate.MERGES_WITH, MOUTAI),
    ],
)
def test_direction(
    extractor: RelationExtractor,
    linker: EntityLinker,
    text: str,
    subject: str,
    predicate: Predicate,
    other: str,
) -> None:
    """A sentence gives its predicate the right way round; symmetric ones have one way only."""
    assert [(r.subject, r.predicate, r.object) for r in relations(extractor, linker, text)] == [
        (subject, predicate, other)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "贵州茅台、格力电器今日上涨。",
        "贵州茅台收购格力电器旗下酒店。",
        "贵州茅台未持有格力电器股份。",
        "贵州茅台股东拟减持，格力电器股份上涨。",
        "贵州茅台发布公告。格力电器的股东减持。",
        "银行与贵州茅台和格力电器达成合作。",
        "贵州茅台等公司的业绩好于格力电器。",
        "",
    ],
)
def test_no_relation(extractor: RelationExtractor, linker: EntityLinker, text: str) -> None:
    """Names side by side, other sentences, negations and other objects give no relation."""
    assert relations(extractor, linker, text) == ()


def test_status_and_stage(extractor: RelationExtractor, linker: EntityLinker) -> None:
    """Rumours, denials, plans and ends are told from what is stated."""
    texts = (
        "贵州茅台收购格力电器。",
        "有消息称，贵州茅台收购格力电器。",
        "贵州茅台否认将收购格力电器，称消息不实。",
        "贵州茅台拟收购格力电器。",
        "贵州茅台收购格力电器失败。",
    )
    found = [relations(extractor, linker, text) for text in texts]
    assert [[(r.status, r.stage) for r in each] for each in found] == [
        [(FactStatus.ASSERTED, None)],
        [(FactStatus.RUMOUR, None)],
        [],
        [(FactStatus.ASSERTED, "planned")],
        [(FactStatus.ASSERTED, "ended")],
    ]


def test_evidence_span(extractor: RelationExtractor, linker: EntityLinker) -> None:
    """The evidence reaches from the first name to the last word of the pattern."""
    text = "昨日公告，宁德时代向比亚迪供应电芯，合同三年。"
    (found,) = relations(extractor, linker, text)
    assert text[found.start : found.end] == "宁德时代向比亚迪供应"


def test_people_direct_companies(extractor: RelationExtractor) -> None:
    """A person beside a title is a director of the company before it."""
    text = "贵州茅台董事长张三表示"
    mentions = (
        Mention(MOUTAI, "贵州茅台", 0, 4, "short_name", 0.9),
        Mention("person:张三", "张三", 7, 9, "title", 0.9),
    )
    (found,) = extractor.extract(text, mentions)
    assert (found.subject, found.predicate, found.object) == (
        "person:张三",
        Predicate.DIRECTOR_OF,
        MOUTAI,
    )


def test_broken_pattern_is_named(tmp_path: Path, data: Path) -> None:
    """A pattern that is no regular expression is refused with its place."""
    file = tmp_path / "relations.yaml"
    file.write_text(
        "relations: [{predicate: owns, way: XY, between: '(', confidence: 0.5}]\n", encoding="utf-8"
    )
    with pytest.raises(DataFileError, match=r"relations\.0"):
        RelationExtractor.load(file)
