"""What the words around a name say: is it the subject of company news?

Works on `comparable` text. The weights are whole numbers, set by reading real news; a name's
kind decides how much is enough.
"""

from __future__ import annotations

import re
from functools import lru_cache

import rjieba

from news.ambiguity import NameKind

NEEDED = {
    NameKind.WORD: 3,
    NameKind.PLACE: 3,
    NameKind.GROUP: 4,
    NameKind.SHORT: 2,
    NameKind.BRAND: 1,
    NameKind.PHRASE: 2,
    NameKind.MEDIA: -1,
}
"""Evidence that each kind of name needs."""

_CUT_KINDS = (NameKind.WORD, NameKind.PLACE, NameKind.GROUP, NameKind.SHORT)
_HAN = r"\u3400-\u9fff"
_ADVERB = (
    r"(?:午后|早盘|尾盘|盘中|此前|今日|昨日|再度|再次|继续|持续|直线|快速|集体|双双|纷纷|一度|大幅|强势|均|已"
    r"|也|又|则)"
)
_MOVE = (
    r"(?:\d*连?板|涨停|跌停|封板|封[涨跌]停|触及涨停|触及跌停|拉升|异动|高开|低开|冲高|走强|走低|走高|跳水|放量|反弹"
    r"|回落|领涨|领跌|跟涨|跟跌|跟张|涨幅居前|跌幅居前|收涨|收跌|首板|炸板|翻红|翻绿|(?:上涨|下跌|大涨|大跌|涨|跌)(?:超|近|逾|幅|约|\d))"
)
# The rest of an enumeration, so that its verb speaks for each member.
_LISTED = rf"(?:[、,][{_HAN}A-Z*]{{2,6}}){{0,8}}"
_STRONG = re.compile(
    rf"\s?(?:{_LISTED}等?(?:\d+[只股]+)?{_ADVERB}{{0,3}}{_MOVE}|\([-+]?\d+\.\d+,|发(?:布)?公告"
    r"|(?:的|旗下)?(?:全资|控股|下属|间接)?[子孙]公司|(?!行业|产业|领域|板块)[\u3400-\u9fff]{0,8}(?:分析师|研究员|首席经济学家)"
    r"|[\u3400-\u9fff]{1,8}(?:分公司|分行|支行|营业部)|等(?:\d+家)?(?:上市)?(?:公司|企业|券商|银行|房企|车企|险企|发行)"
    r"|(?:再|又|再次|将|已|拟|并)?(?:从|向|以).{1,14}?(?:收购|受让|增资|定增|回购|签署)"
    r"|(?:也|还|已|将)?(?:在|于)?[今年初末底月日上下半昨近期]{0,4}拟|[日月年\d<N>]{0,6}召开的?[年度临时次第]{0,5}(?:股东大?会|董事会|业绩说明会)"
    r"|评级(?:至|展望|被)|的(?:总经理|董事长|实控人|控股股东|股价|公告|子公司|股东|股票)|[(\[](?:SH|SZ|BJ)?\d{{6}}|\(累计|股份(?!制)|[AB]股|公告|披露|股价|股票|股东"
    r"|控股股东|实控人|实际控制人|董事|董秘|监事会|高管|净利|归母|营收|业绩|财报|年报|季报|半年报|市值|定增|增发"
    r"|配股|回购|减持|停牌|复牌|一字板|转债|拟|:|发布公告|发布业绩|预增|预亏|预盈|预减"
    r"|在(?:互动|投资者)|等(?:个股|概念股|多股|\d+股|股|涨|跌))"
)
_MEDIUM = re.compile(
    r"\s?(?:发布(?!会)|表示|称|宣布|预计|完成|中标|签订|签署|获得?|收购|增持|上半年|一季度|三季度|前三季度"
    r"|第[一二三四]季度|20\d\d年|今日|昨日|今年|早盘|午后|尾盘|子公司|控股|全资|旗下|公司|上市|重组"
    r"|募集|募投|分红|派息|摘牌|退市|累计|合计|实现|涨|跌|上调|下调|推出|开盘|报\d|现报|收报|本次|此次|本轮|一直|连续|航班|客机|进入|进军|取代|成为|基本已|销量|市场份额|排在|排名|位列)"
)
_LEFT = re.compile(
    r"(?:收购|增持|减持|买入|卖出|持有|入股|参股|持股|旗下|公司|龙头|概念股|个股|A股|股东|携手|起诉|重仓"
    r"|其中|下调|上调|调降|调升|维持|重申|包括|例如|如|简称|公布|转战|目标|品牌|企业|巨头|厂商|对手|客户|车企|药企|房企|券商|险企|母公司|子公司|上市公司|龙头股|:|股|股票|标的|净买入|净卖出)[\"“《]?$"
)
_SENTENCE_START = re.compile(r"(?:^|[\n。!?;】\]]|来源:|讯,?|[|丨]|日,|日讯|获悉,)\s*[\"“]?$")
_MARKET = re.compile(
    r"A股|个股|涨停|跌停|概念股|板块|沪指|深成指|创业板|科创板|主力资金|北向资金|上市公司|证监会|交易所"
    r"|净利润|股东|公告|股价|收盘|减持|增持|回购|营业收入|市值|证券"
)
_COMPOUND = re.compile(
    r"(?:产业|行业|板块|概念|市场|技术|领域|设备|制造|电池|发电|能源|协会|学会|大学|学院|医院|小区|地区"
    r"|流域|论坛|大会|展会|博览会|大赛|指数|ETF|基金|主题|赛道|区|市|镇|县|路|站|街道|景区|机场|大桥|码头"
    r"|商圈|大厦|广场|项目|小镇|湾|岛|先生|女士|们|般|的(?!控股|子公司|全资|股东|股价|公告))"
)
_SOURCE_BEFORE = re.compile(
    r"(?:来源|来自|转自|摘自|据|编辑|@|\(|媒体关注|^关注|[\s。]关注)[:\s]*$"
)
_SOURCE_AFTER = re.compile(
    r"\s?(?:讯|报道|消息|记者|数据|IFIND|CHOICE|金融研究|财经|研究中心|网|APP|客户端|软件|官网|[)]\s*(?:$|\n)"
    rf"|[{_HAN}]{{0,6}}[^,。\n]{{1,12}}日电)"
)


def is_source(form: str, start: int, end: int) -> bool:
    """Whether the name is only the source of a report (据同花顺iFinD, 人民网讯)."""
    return bool(
        _SOURCE_AFTER.match(form, end) or _SOURCE_BEFORE.search(form, max(0, start - 6), start)
    )


def acts_as_company(form: str, end: int) -> bool:
    """Whether what follows a name is said of listed companies only (涨停, 公告, 董事会)."""
    return _STRONG.match(form, end) is not None


def market_words(form: str) -> int:
    """How many different words of the stock market a text has, at most 3."""
    return min(3, len(set(_MARKET.findall(form))))


def local_evidence(form: str, start: int, end: int, kind: NameKind) -> int:
    """Evidence of the words right beside a name, from -4 (another meaning) to 5."""
    if kind is NameKind.BRAND:
        return 1 if _stands_free(form, start, end) else -1
    score = 0
    if acts_as_company(form, end):
        score += 3
    elif _COMPOUND.match(form, end):
        score -= 3
    elif _MEDIUM.match(form, end):
        score += 1
    before = form[max(0, start - 8) : start]
    if _LEFT.search(before) or _SENTENCE_START.search(before):
        score += 1
    elif kind in _CUT_KINDS and _runs_on(before):
        score -= 2
    if kind is NameKind.SHORT and stands_alone(form, start, end):
        score += 1
    return score


_JOINS = re.compile(r"[像于年月日与和及对向为的在将由是从以或、,。;:!?\"“”《》()\[\]\s0-9%]$|^$")


_APART = re.compile(
    r"$|[^\u3400-\u9fffA-Z0-9]|[与和及对向为的在将由是从以已也等曾可能不有至到共则还又均就]"
)


def _runs_on(before: str) -> bool:
    return not _JOINS.search(before)


_LINKING = ("v", "d", "p", "c", "u", "t", "m", "r", "x", "w", "y", "eng")
"""Beginnings of the parts of speech that stand beside a name without growing into it."""
_GROWING = frozenset(
    ("需求", "消费", "开采", "勘探", "出口", "进口", "投资", "发展", "管理", "保险")
)
"""Words that the dictionary calls verbs, after which a name is a piece of a phrase."""
_BRAND_GOODS = re.compile(
    r"金融|地产|商城|空调|冰箱|洗衣机|电视|手机|电脑|热水器|厨电|酒(?!业)|系列|牌|财务|物流|控股|资本|通用|大众"
    r"|本田|丰田|国际|软件|毒霸|期货|基金|信托|大道|路|医院|电器|公路|集团(?!公告|股份)|智能|收款|支付|移动|银行"
)


@lru_cache(maxsize=1)
def _segmenter() -> rjieba.Jieba:
    return rjieba.Jieba()


@lru_cache(maxsize=20_000)
def _tags(piece: str) -> tuple[tuple[str, str], ...]:
    return tuple(_segmenter().tag(piece))


def _is_free_before(form: str, start: int) -> bool:
    """Whether the word before a name is none that the name could be the end of."""
    tags = _tags(form[max(0, start - 4) : start])
    return not tags or (tags[-1][1].startswith(_LINKING) and tags[-1][1] != "vn")


def _is_free_after(form: str, end: int) -> bool:
    """Whether the word after a name is none that the name could be the beginning of."""
    if _BRAND_GOODS.match(form, end):
        return False
    tags = _tags(form[end : end + 4])
    if not tags:
        return True
    word, tag = tags[0]
    return tag.startswith(_LINKING) and tag != "vn" and word not in _GROWING


def _stands_free(form: str, start: int, end: int) -> bool:
    """Whether a brand is set off by punctuation or by words that do not grow into it."""
    before = form[max(0, start - 8) : start]
    long = end - start > 3
    left = long or _JOINS.search(before) or _LEFT.search(before) or _is_free_before(form, start)
    right = _BRAND_GOODS.match(form, end) is None and (
        _APART.match(form, end)
        or _STRONG.match(form, end)
        or _MEDIUM.match(form, end)
        or _is_free_after(form, end)
    )
    return bool(left) and bool(right)


def stands_alone(form: str, start: int, end: int) -> bool:
    """Whether a short form is set off on both sides (不是 塞尔维亚[紫金]铜业)."""
    before = form[max(0, start - 8) : start]
    left = bool(_JOINS.search(before) or _LEFT.search(before))
    right = _APART.match(form, end) or _STRONG.match(form, end) or _MEDIUM.match(form, end)
    return left and bool(right)


_LEAD = re.compile(
    r"(?:^|[,。?!\s])(?:你好|您好|请问|请|帮我|帮忙|给我|我想|我要|想|要|查一?下?|查询一?下?|看一?看?|看一?下"
    r"|问一?下?|知道|了解一?下?|说说|讲讲|介绍一?下?|有没有|关于|最近|今天|现在|一下|,|\s)*$"
)
_ABOUT_STOCK = re.compile(
    r"(?:这[只支个]?|的|股份|今天|昨天|现在|最近|目前|最新|当前)*(?:股票|股价|价格|收盘价|行情|走势|涨|跌|市值|市盈率|估值"
    r"|公告|财报|年报|季报|业绩|净利|营收|分红|股息|停牌|复牌|代码|[可能]?不?[可能]以?买|值得买|研报|评级|目标价|K线)"
)
_ABOUT_NEWS = re.compile(
    r"(?:这[只支家个]?|公司|的|今天|昨天|现在|最近|近期|目前|最新|当前|有|没有|什么|哪些|啥|一下)*"
    r"(?:新闻|消息|资讯|动态|公司|利好|利空|怎么样|如何|咋样|怎样|情况|风险|供应商|客户|股东|董事长|子公司|竞争对手|$|[?。!])"
)


def asked_about(form: str, start: int, end: int) -> int:
    """Whether a whole question is about a name: 2 as a stock, 1 as a topic of news, 0 not."""
    if not _LEAD.search(form[:start]):
        return 0
    if _ABOUT_STOCK.match(form, end):
        return 2
    return 1 if _ABOUT_NEWS.match(form, end) else 0
