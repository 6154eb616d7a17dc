"""Entities that are no companies: found in articles, absent where only companies count."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from news.article_linker import ArticleLinker, of_kinds
from news.correction import Corrections, LinkCorrection
from news.errors import DataFileError
from news.fact import EntityKind
from news.link import EntityLinker
from news.other_names import load_other_names
from news.securities import SecuritiesMaster


@pytest.fixture(scope="module")
def companies(data: Path) -> EntityLinker:
    """The linker of companies."""
    master = SecuritiesMaster.load(data / "securities.tsv")
    return EntityLinker(master, data / "lexicons" / "ambiguous_names.yaml")


@pytest.fixture(scope="module")
def linker(companies: EntityLinker, data: Path) -> ArticleLinker:
    """The linker of all kinds."""
    return ArticleLinker(companies, data)


def found(linker: ArticleLinker, text: str) -> list[tuple[str, str]]:
    """(surface, entity) of each mention."""
    return [(m.surface, m.entity_id) for m in linker.link(text)]


@pytest.mark.parametrize(
    ("text", "surface", "entity"),
    [
        ("沪指收涨0.5%，两市成交破万亿", "沪指", "index:000001.SH"),
        ("沪深300指数成份股调整", "沪深300指数", "index:000300.SH"),
        ("恒生科技指数低开", "恒生科技指数", "index:HSTECH.HK"),
        ("纳斯达克100指数期货走低", "纳斯达克100指数", "index:NDX.US"),
        ("据证监会网站消息", "证监会", "regulator:csrc"),
        ("中国人民银行开展逆回购操作", "中国人民银行", "regulator:pbc"),
        ("美联储会议纪要公布", "美联储", "regulator:fed"),
        ("公司收到上交所问询函", "上交所", "exchange:SH"),
        ("在港交所主板上市", "港交所", "exchange:HK"),
        ("沪铜主力合约收涨1%", "沪铜", "futures:SHFE.cu"),
        ("国内商品期货收盘多数上涨，苹果涨超6%，玻璃涨超4%", "苹果", "futures:CZCE.AP"),
        ("螺纹期货RB2405合约增仓", "RB2405", "futures:SHFE.rb"),
        ("关注00700.HK的走势", "00700.HK", "security:00700.HK"),
        ("某某控股(00123.HK)公布中期业绩", "某某控股", "security:00123.HK"),
        ("易方达蓝筹精选混合(005827)披露四季报", "易方达蓝筹精选混合", "fund:005827"),
        ("华泰柏瑞沪深300ETF份额增长", "华泰柏瑞沪深300ETF", "fund:华泰柏瑞沪深300ETF"),
        ("基金代码：110011，今日估值上涨", "110011", "fund:110011"),
        ("宁德时代董事长曾毓群表示将扩产", "曾毓群", "person:曾毓群@300750"),
        ("外交部发言人王小明在记者会上表示", "王小明", "person:王小明"),
        ("李大海任公司财务总监", "李大海", "person:李大海"),
    ],
)
def test_each_kind_is_found(linker: ArticleLinker, text: str, surface: str, entity: str) -> None:
    """Indices, regulators, exchanges, futures, Hong Kong codes, funds, persons in office."""
    assert (surface, entity) in found(linker, text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("苹果发布新款手机，销量上涨", EntityKind.FUTURES),
        ("CBOT豆油期货跌0.03%", EntityKind.FUTURES),
        ("玻璃幕墙工程中标", EntityKind.FUTURES),
        ("广东省发改委发布通知", EntityKind.REGULATOR),
        ("土耳其央行维持利率不变", EntityKind.REGULATOR),
        ("标普下调其评级", EntityKind.INDEX),
        ("道琼斯通讯社报道", EntityKind.INDEX),
        ("公司实控人易主，董事高管减持", EntityKind.PERSON),
        ("董事长于今日辞职", EntityKind.PERSON),
        ("理事会主席：应加强合作", EntityKind.PERSON),
        ("华夏幸福债务重组方案获通过", EntityKind.FUND),
        ("长城汽车将推出混合动力车型", EntityKind.FUND),
    ],
)
def test_other_meanings_are_nil(linker: ArticleLinker, text: str, kind: EntityKind) -> None:
    """A fruit, another country's central bank, a rating agency's act, a word after an office."""
    assert of_kinds(linker.link(text), kind) == ()


def test_person_belongs_to_the_company_of_the_same_clause_only(linker: ArticleLinker) -> None:
    """A company of another clause is no employer, unless the clause says 公司."""
    assert ("王小明", "person:王小明") in found(linker, "宁德时代上涨，水利部部长王小明表示")
    text = "宁德时代公告，公司董事长王小明提议回购"
    assert ("王小明", "person:王小明@300750") in found(linker, text)


def test_company_stays_and_longer_names_win(linker: ArticleLinker) -> None:
    """A fund's name is not its house's listed namesake; a company's name is not cut by others."""
    assert found(linker, "招商银行增持") == [("招商银行", "company:600036")]
    surfaces = [s for s, _ in found(linker, "招商中证白酒指数基金重仓贵州茅台")]
    assert surfaces == ["招商中证白酒指数基金", "贵州茅台"]


def test_mentions_never_overlap_and_lie_in_the_text(linker: ArticleLinker) -> None:
    """Every surface is the slice of its offsets."""
    text = (
        "上交所：宁德时代（300750）董事长曾毓群，沪深300ETF，中国石油股份(00857.HK)涨3%，"
        "沪金、沪银夜盘走高"
    )
    mentions = linker.link(text)
    assert len(mentions) > 5
    assert all(text[m.start : m.end] == m.surface for m in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))


def test_customers_linker_knows_companies_only(companies: EntityLinker) -> None:
    """New kinds do not reach questions: an index or a person is no company there."""
    for text in ("沪深300指数最近怎么样", "证监会发布新规", "腾讯控股00700.HK", "董事长曾毓群"):
        assert companies.link(text) == ()
        assert companies.find(text) == ()


def test_corrections_win_over_every_kind(linker: ArticleLinker) -> None:
    """An editor may say that a name is a regulator, or that an index is none."""
    from datetime import UTC, datetime

    at = datetime(2026, 1, 5, tzinfo=UTC)
    nil = LinkCorrection("沪指", None, "a", "li", at, everywhere=True)
    body = LinkCorrection("协调办", "regulator:office", "a", "li", at, everywhere=True)
    mentions = linker.link("沪指走高，协调办发文", Corrections([nil, body]))
    assert [(m.surface, m.entity_id) for m in mentions] == [("协调办", "regulator:office")]


def test_table_without_a_column_is_refused(data: Path, tmp_path: Path) -> None:
    """The message names the file and the column."""
    (tmp_path / "indices.tsv").write_text("code\tname\n1\t甲\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"indices\.tsv:1: no column aliases, market"):
        load_other_names(tmp_path, {})


def test_entity_ids_are_of_known_kinds(linker: ArticleLinker, data: Path) -> None:
    """Every id of the tables begins with a kind of the graph."""
    for name in ("indices.tsv", "institutions.tsv"):
        for line in (data / name).read_text("utf-8").splitlines()[1:]:
            entity = line.split("\t")[0] if name == "institutions.tsv" else "index:x"
            assert EntityKind(entity.partition(":")[0])
