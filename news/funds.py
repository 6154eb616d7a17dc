"""Public funds in a text: a fund house's name, a theme and a kind (某某沪深300ETF联接A), or a code.

Works on `comparable` text. Id: `fund:110022` where a code stands beside it, else `fund:NAME`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

METHOD = "fund"
_HOUSES = """
华夏 易方达 南方 嘉实 博时 广发 富国 汇添富 招商 工银瑞信 工银 建信 中欧 鹏华 华安 国泰
银华 景顺长城 兴全 兴证全球 交银施罗德 交银 中银 天弘 华宝 大成 万家 国投瑞银 泰康 东方红
华泰柏瑞 前海开源 民生加银 农银汇理 诺安 融通 长城 长信 长盛 海富通 上投摩根 摩根 国联安
信达澳银 信达澳亚 中信保诚 中信建投 中金 光大保德信 华商 宝盈 金鹰 泓德 睿远 银河 申万菱信
浦银安盛 兴业 安信 华富 中海 创金合信 西部利得 德邦 财通 新华 泰达宏利 宏利 国海富兰克林
富兰克林国海 方正富邦 英大 圆信永丰 永赢 鑫元 中融 中加 朱雀 恒越 淳厚 路博迈 贝莱德 富达
华润元大 国金 国寿安保 平安 先锋 九泰 格林 湘财 汇安 蜂巢 惠升 同泰 博道 太平 华泰保兴 天治
益民
"""
HOUSES = tuple(_HOUSES.split())
"""Names of fund houses, as funds bear them."""
_KIND = (
    r"(?:(?:ETF|指数|股票)?联接|ETF|LOF|FOF|QDII|混合|债券|纯债|货币|股票|指数|增强|定开债券?|短债)"
)
_NAME = re.compile(
    rf"(?:(?!基金经理|基金公司|基金管理|基金|公司)[\u3400-\u9fffA-Z0-9·-]){{2,18}}?{_KIND}"
    rf"(?:{_KIND}|型|发起式?|增强|\((?:LOF|QDII|FOF|ETF)\)){{0,4}}(?:证券投资)?(?:基金)?(?:[A-EI]类?(?![A-Z0-9]))?"
)
_STOP = re.compile(
    r"[与和及、,。;:将把为的是在]|旗下|发布|表示|认为|持有|增持|减持|重仓|买入|卖出|认购|参与|调研|推出|首席|策略师"
    r"|资管|踩雷|尝试|法定|投资者|太平洋|银行|证券(?!投资)|保险|汽车|销售|交易|宣布|公司"
)
_CODE_AFTER = re.compile(r"\s?\((?:基金代码|代码)?[:\s]?(\d{6})(?:\.OF)?\)")
_CODE = re.compile(
    r"(?<!\d)(?:基金(?:主)?代码[:为\s]{0,2}|基金[(]?)(\d{6})(?!\d)|(?<![\dA-Z])(\d{6})\.OF(?![A-Z])"
)


def fund_at(form: str, start: int, end: int) -> tuple[int, int, str] | None:
    """Span and id of the fund whose house's name stands at `[start, end)`; None where none does."""
    match = _NAME.match(form, end, end + 34)
    if match is None or _STOP.search(match[0]):
        return None
    code = _CODE_AFTER.match(form, match.end())
    key = code[1] if code else form[start : match.end()]
    return start, match.end(), f"fund:{key}"


def fund_codes(form: str) -> Iterator[tuple[int, int, str]]:
    """Spans and ids of codes that are said to be a fund's."""
    if "基金" not in form and ".OF" not in form:
        return
    for match in _CODE.finditer(form):
        group = 1 if match[1] else 2
        yield match.start(group), match.end(group), f"fund:{match[group]}"
