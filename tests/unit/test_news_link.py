"""Linking of names and codes to listed companies."""

from __future__ import annotations

from pathlib import Path

import pytest

from news.ambiguity import NameKind, NameRules
from news.errors import DataFileError
from news.link import EntityLinker
from news.securities import SecuritiesMaster


@pytest.fixture(scope="session")
def master(data: Path) -> SecuritiesMaster:
    """The project's securities master."""
    return SecuritiesMaster.load(data / "securities.tsv")


@pytest.fixture(scope="session")
def linker(master: SecuritiesMaster, data: Path) -> EntityLinker:
    """A linker over the project's own data."""
    return EntityLinker(master, data / "lexicons" / "ambiguous_names.yaml")


def found(linker: EntityLinker, text: str) -> list[tuple[str, str]]:
    """(surface, code of the company) of each mention."""
    return [(m.surface, m.entity_id.removeprefix("company:")) for m in linker.link(text)]


@pytest.mark.parametrize(
    ("text", "surface", "code"),
    [
        ("宁德时代今日公告，拟回购股份", "宁德时代", "300750"),
        ("万科A股东大会通过议案", "万科", "000002"),
        ("万 科Ａ今日涨停", "万 科Ａ", "000002"),
        ("五 粮 液发布公告", "五 粮 液", "000858"),
        ("贵州茅台酒股份有限公司召开董事会", "贵州茅台酒股份有限公司", "600519"),
        ("貴州茅臺股價上漲", "貴州茅臺", "600519"),
        ("招商银行股份有限公司深圳分行", "招商银行股份有限公司", "600036"),
        ("*ST国华公告称存在退市风险", "*ST国华", "000004"),
        ("国农科技更名前的年报", "国农科技", "000004"),
        ("北京银行业绩稳健", "北京银行", "601169"),
        ("工行与农行下调存款利率", "工行", "601398"),
        ("XD百联股今日除息，百联股份收涨", "百联股份", "600827"),
        ("中国建设银行股份有限公司董事会公告", "中国建设银行股份有限公司", "601939"),
    ],
)
def test_name_in_any_written_form_is_linked(
    linker: EntityLinker, text: str, surface: str, code: str
) -> None:
    """A short, spaced, traditional, full, former, marked or spoken name means its company."""
    assert (surface, code) in found(linker, text)


@pytest.mark.parametrize(
    ("text", "surface", "code"),
    [
        ("关注600519.SH的走势", "600519.SH", "600519"),
        ("SH600519放量", "SH600519", "600519"),
        ("sh600519放量", "sh600519", "600519"),
        ("证券代码：300750，证券简称：略", "300750", "300750"),
        ("股票 000858 怎么看", "000858", "000858"),
        ("某控股子公司（600519.SH）", "600519.SH", "600519"),
        ("公司今日披露，上述公司(SZ 000002)收涨", "SZ 000002", "000002"),
    ],
)
def test_code_in_any_written_form_is_linked(
    linker: EntityLinker, text: str, surface: str, code: str
) -> None:
    """A code counts with an exchange, after a cue, or in brackets after a word."""
    assert (surface, code) in found(linker, text)


@pytest.mark.parametrize(
    "text",
    [
        "净利润600519元",
        "成交600519万股",
        "编号1600519002",
        "上证指数(000001)小幅收跌",
        "某成长混合(000001)今年以来净值上涨",
        "三星电子(005930.KS)收涨",
        "指数000001.SH收跌",
        "https://example.com/doc?id=600519&page=1",
    ],
)
def test_other_numbers_are_no_codes(linker: EntityLinker, text: str) -> None:
    """Amounts, longer numbers, funds, indices, foreign codes and addresses are no mention."""
    assert found(linker, text) == []


def test_bare_code_counts_where_its_company_is_named(linker: EntityLinker) -> None:
    """A number without any cue is believed only beside other evidence of its company."""
    assert found(linker, "看好 600519 ，理由如下") == []
    assert ("600519", "600519") in found(linker, "贵州茅台发布年报。看好 600519 ，理由如下")


def test_code_beside_its_own_name_is_evidence_and_no_second_mention(
    linker: EntityLinker,
) -> None:
    """A name with its code in brackets gives one mention of confidence 1."""
    (mention,) = linker.link("贵州茅台（600519.SH）今日收涨")
    assert (mention.surface, mention.confidence) == ("贵州茅台", 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "工业机器人产业加快发展，机器人产量增长",
        "太阳能电池片价格回落",
        "中国银行业协会发布报告",
        "老百姓的钱袋子更鼓了",
        "周末好想你啊",
        "宁德时代（上海）智能科技有限公司成立",
        "贵州茅台集团举行座谈会",
        "东方财富证券研究所认为",
        "据同花顺iFinD数据显示，两市上涨",
        "（新华网）",
        "我国新能源汽车销量增长",
        "化工行业景气回升",
        "推动人工智能与生物医药联合创新，取得顺利进展",
        "摩根大通上调目标价",
        "资本邦讯，某公司今日过会",
        "纳斯达克指数收涨",
        "游客在张家界和连云港旅游",
        "农产品价格总体平稳",
    ],
)
def test_words_places_and_longer_organisations_are_nil(linker: EntityLinker, text: str) -> None:
    """A name inside a word, a phrase, a source line or another company's name is no mention."""
    assert found(linker, text) == []


def test_company_of_an_ambiguous_name_is_known_by_its_legal_form_only_where_it_is_its_own(
    linker: EntityLinker,
) -> None:
    """老百姓大药房连锁股份有限公司 is the company, 沈阳机器人股份有限公司 another one."""
    assert ("老百姓大药房连锁股份有限公司", "603883") in found(
        linker, "老百姓大药房连锁股份有限公司公告"
    )
    assert found(linker, "沈阳机器人股份有限公司成立") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("机器人午后涨停", "300024"),
        ("机器人(300024)发布公告", "300024"),
        ("拓斯达、科力尔、机器人等涨幅居前", "300024"),
        ("老百姓：上半年净利润同比增长12%", "603883"),
        ("张家界：股东拟减持不超2%", "000430"),
        ("同花顺发布一季报", "300033"),
        ("中国建筑：1至5月新签合同额增长", "601668"),
        ("柳工：一季度净利润大增", "000528"),
    ],
)
def test_ambiguous_name_is_linked_with_evidence(linker: EntityLinker, text: str, code: str) -> None:
    """A code, a verb of company news or a neighbour in a list makes an ambiguous name sure."""
    assert code in {c for _, c in found(linker, text)}


def test_longest_name_wins(linker: EntityLinker) -> None:
    """Names that share a beginning are told apart."""
    assert found(linker, "中信证券、中信建投、中信银行、平安银行") == [
        ("中信证券", "600030"),
        ("中信建投", "601066"),
        ("中信银行", "601998"),
        ("平安银行", "000001"),
    ]


def test_company_named_once_surely_makes_its_short_form_sure(linker: EntityLinker) -> None:
    """A short form of an ambiguous kind counts after the company's code or full name."""
    assert ("机器人", "300024") not in found(linker, "该机器人的订单增长")
    text = "沈阳新松机器人自动化股份有限公司披露订单。机器人的订单增长"
    assert ("机器人", "300024") in found(linker, text)


def test_name_of_two_companies_means_the_one_established(linker: EntityLinker) -> None:
    """A former name that another company bears now is decided by the code beside it."""
    assert found(linker, "东风股份（601515）销量回升") == [("东风股份", "601515")]
    assert found(linker, "东风股份公告") == [("东风股份", "600006")]


@pytest.mark.parametrize(
    ("text", "surface", "code"),
    [
        ("公司今日披露，旧名股份(SZ 000002)收涨", "旧名股份", "000002"),
        ("董事长辞职 *ST旧名(600462)停牌", "*ST旧名", "600462"),
        ("股东减持3万股旧名科技(000002)停牌", "旧名科技", "000002"),
        ("辰州矿业发布公告", "辰州矿业", "002155"),
        ("套现约713万方正证券(601901)披露", "方正证券", "601901"),
        ("江西铜业股份(00358.HK)走高", "江西铜业股份", "600362"),
        ("下调南航评级至中性", "南航", "600029"),
        ("万科与海尔签约", "海尔", "600690"),
        ("中国石油兰州石化分公司投产", "中国石油", "601857"),
    ],
)
def test_name_is_read_from_its_code_its_history_or_its_use(
    linker: EntityLinker, text: str, surface: str, code: str
) -> None:
    """A code explains the unknown name before it; former, listed and spoken names are known."""
    assert (surface, code) in found(linker, text)


def test_name_that_a_code_explains_is_known_in_the_whole_text(linker: EntityLinker) -> None:
    """旧名股份 counts again without its code, and the code that contradicts a cut name wins."""
    surfaces = [s for s, _ in found(linker, "旧名股份(000002)停牌。旧名股份称将复牌")]
    assert surfaces == ["旧名股份", "旧名股份"]
    assert found(linker, "*ST国创(600145)遭查处") == [("*ST国创", "600145")]


@pytest.mark.parametrize(
    "text",
    [
        "原标题：贵州茅台(1174.000,-10.00,-0.84%)集团举行座谈",
        "海王大厦落成",
        "质押给上海海通证券资产管理有限的股份",
        "全资子公司湖南赛隆药业获批",
        "海尔空调上市",
        "中石油煤层气公司签约",
        "这是最美的风景",
        "@人民网 @央视新闻",
        "贵州茅台酒零售指导价公布",
    ],
)
def test_goods_buildings_and_subsidiaries_that_bear_a_name_are_nil(
    linker: EntityLinker, text: str
) -> None:
    """What is named after a company is not the company."""
    assert found(linker, text) == []


def test_two_characters_alone_are_no_mention(linker: EntityLinker) -> None:
    """What is left of an ST name without its mark needs the company from elsewhere."""
    assert found(linker, "东方的天空，生物的海洋") == []


def test_question_finds_more_than_news(linker: EntityLinker) -> None:
    """In a short question a bare code and a name it is all about count, with less confidence."""
    (code,) = linker.find("600519怎么样")
    assert code.entity_id == "company:600519"
    (name,) = linker.find("机器人最近有什么消息")
    assert name.entity_id == "company:300024"
    assert name.confidence <= 0.6
    assert linker.link("机器人最近有什么消息") == ()


@pytest.mark.parametrize(
    "question", ["智能机器人怎么用", "你是机器人吗", "我的平安卡丢了", "开户要准备600519元吗"]
)
def test_question_about_something_else_finds_nothing(linker: EntityLinker, question: str) -> None:
    """Lenient is not careless: a word in passing stays a word."""
    assert linker.find(question) == ()


def test_table_with_unknown_code_is_refused(master: SecuritiesMaster, tmp_path: Path) -> None:
    """An alias of a code that does not exist names the alias and the next step."""
    table = tmp_path / "names.yaml"
    table.write_text('aliases:\n  - {alias: 某某, code: "999999"}\n', encoding="utf-8")
    with pytest.raises(DataFileError, match=r"某某.*999999.*remove"):
        EntityLinker(master, table)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("names:\n  - {name: 甲, kind: nonsense}\n", "names.0.kind"),
        ("names: [", "no valid YAML"),
        ("surprise: 1\n", "surprise"),
    ],
)
def test_broken_table_names_file_and_entry(tmp_path: Path, content: str, message: str) -> None:
    """A broken table is refused with the file and the place in it."""
    table = tmp_path / "names.yaml"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError, match=message) as caught:
        NameRules.load(table)
    assert str(table) in str(caught.value)


def test_missing_table_is_refused(tmp_path: Path) -> None:
    """A table that is not there is a data file error, not a crash."""
    with pytest.raises(DataFileError, match=r"absent\.yaml"):
        NameRules.load(tmp_path / "absent.yaml")


def test_project_table_names_only_known_companies(master: SecuritiesMaster, data: Path) -> None:
    """Each name of the project's table is a name of the master, so that no line is idle."""
    rules = NameRules.load(data / "lexicons" / "ambiguous_names.yaml")
    forms = {n for s in master.securities for n in (s.short_name, *s.former_names)}
    stripped = {n.strip("ABST*退") for n in forms}
    idle = [n.name for n in rules.names if n.name not in forms | stripped]
    assert idle == []
    assert {n.kind for n in rules.names} <= set(NameKind)
