"""Persons who are named with their office (董事长曾毓群, 曾毓群任总经理), tied to their company.

Works on `comparable` text. Id: `person:NAME@300750` where a company stands before the name in the
same sentence, else `person:NAME`: the same name at two companies is two persons until someone says
otherwise. Without an office beside it a name is no mention: too many words look like names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import rjieba

from news.article import Mention

METHOD = "office"
_TITLES = """
董事长 副董事长 总经理 副总经理 总裁 副总裁 执行总裁 首席执行官 首席财务官 首席技术官
首席运营官 首席经济学家 首席分析师 首席策略师 CEO CFO CTO COO 董事会秘书 董秘 财务总监
财务负责人 总会计师 总工程师 实际控制人 实控人 创始人 联合创始人 监事会主席 独立董事 独董
执行董事 非执行董事 职工监事 监事 董事 行长 副行长 基金经理 分析师 研究员 合伙人 执行合伙人
法定代表人为 法定代表人 法人代表 党委书记 副书记 总监 核心技术人员 证券事务代表 新闻发言人
发言人 局长 副局长 部长 副部长 市长 副市长 省长 主任 副主任 司长 副司长 主席 副主席 会长
副会长 理事长 秘书长 教授 院士 控股股东 股东 经济学家 负责人 董事总经理 高级总监
"""
TITLES = tuple(_TITLES.split())
"""Offices beside which a name is a person's."""
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方"
    "白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘"
    "祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑"
    "景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀胥南班储芮湛郦"
    "晋訾练勾揭逄撖檀闻宣"
)
_DOUBLE = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "端木")
_NEXT = frozenset(
    "表示称指认说介宣在因拟于将及与和等已持减增辞被提任出一接回透坦强预发告先女为担获向近对今当将仍也均共以从到离担作主分任先系曾兼拥通就正"
    '所合的质买卖签、,。!?;:()“”"《》 \n]】〔/·'
)
_ROLE = re.compile(r"(?:兼|、|及|和|暨|/|:|为|由|选举|聘任|提名|\s){0,2}(?:公司|集团)?$")
_AFTER = re.compile(
    r"(?:先生|女士)?(?:,[男女],.{0,24})?(?:已|将|拟|正式|不再|辞去|被|因.{0,14}|申请|获|当选|接任|出|担|继续|兼|连){0,3}"
    r"(?:任|辞去|辞职|聘为|聘任为|选为|当选)(?:公司|本行|本公司|该行|新任|第[一-十\d]+届)?[\u3400-\u9fff]{0,10}?"
    r"(?:董事|总经理|总裁|行长|监事|总监|秘书|职务|负责人|基金经理|主席|CEO)"
)
_HAN3 = re.compile(r"[\u3400-\u9fff]{2,4}")
_CLAUSE = re.compile(r"[,:]|等(?:跟[涨跌]|个股|多股)")
_SENTENCE_END = re.compile(r"[。!?;\n]")


@lru_cache(maxsize=1)
def _segmenter() -> rjieba.Jieba:
    return rjieba.Jieba()


def persons(
    form: str, titles: Iterable[tuple[int, int]], companies: Iterable[Mention]
) -> Iterator[tuple[int, int, str]]:
    """(start, end, id) of each person; `titles` are the spans of offices in the text."""
    companies = tuple(companies)
    taken = 0
    for start, end in titles:
        span = _named_after(form, end) or _named_before(form, start)
        if span is None or span[0] < taken:
            continue
        if any(m.start < span[1] and span[0] < m.end for m in companies):
            continue
        taken = span[1]
        name = form[span[0] : span[1]]
        employer = _employer(form, span[0], companies)
        yield *span, f"person:{name}@{employer}" if employer else f"person:{name}"


def _named_after(form: str, end: int) -> tuple[int, int] | None:
    start = end
    # 主席:应加强… is speech; only a register writes a name after a colon.
    joins = "、兼 :" if form.endswith("代表人", 0, end) else "、兼 "
    while form[start : start + 1] in tuple(joins) and start - end < 2:
        start += 1
    return next(
        ((start, start + n) for n in _lengths(form, start) if _is_person(form, start, start + n)),
        None,
    )


def _named_before(form: str, start: int) -> tuple[int, int] | None:
    """张三任总经理, 李四辞去董事长: the name opens the clause."""
    clause = max(form.rfind(mark, 0, start) for mark in ",。;:!?\n、") + 1
    if not 0 < start - clause < 24:
        return None
    for n in _lengths(form, clause):
        end = clause + n
        said = _AFTER.match(form, end, start + 8)
        if said and _is_person(form, clause, end):
            return clause, end
    return None


def _lengths(form: str, start: int) -> tuple[int, ...]:
    if form.startswith(_DOUBLE, start):
        return (4, 3)
    return (3, 2) if form[start : start + 1] in _SURNAMES else ()


def _is_person(form: str, start: int, end: int) -> bool:
    name = form[start:end]
    if len(name) < 2 or not _HAN3.fullmatch(name):
        return False
    after = form[end : end + 1]
    if after and after not in _NEXT and not after.isdigit():
        return False
    if name in _NO_NAMES or name[-1] in _NEVER_LAST:
        return False
    # 于今日, 和公司, 等人: what the dictionary knows as another word is none.
    tagged = _segmenter().tag(name)
    if len(tagged) == 1:
        return bool(tagged[0][1].startswith("nr"))
    return all(tag not in _NO_NAME for _, tag in tagged)


_NEVER_LAST = frozenset("表作称在减增拟因将已辞于致卸持与被从对就的所说也均未系曾现兼")
"""What begins the verb after a name and ends no name (沈萌|表示)."""
_NO_NAMES = frozenset(("易主", "董监高", "高管", "方面", "时任", "和平", "管理", "成立", "向好"))
_NO_NAME = frozenset(("p", "c", "u", "uj", "ul", "r", "t", "m", "d", "y", "x", "eng"))


def _employer(form: str, start: int, companies: tuple[Mention, ...]) -> str | None:
    """Code of the company named last before the person in the same sentence."""
    ends = [m.end() for m in _SENTENCE_END.finditer(form, max(0, start - 120), start)]
    low = ends[-1] if ends else max(0, start - 120)
    before = [m for m in companies if low <= m.start and m.end <= start]
    if not before:
        return None
    last = max(before, key=lambda m: m.end)
    between = _CLAUSE.split(form[last.end : start])
    # A new clause speaks of the company before only where it says so (…公告,公司董事长…).
    same = len(between) == 1 or between[-1].startswith(("公司", "本公司", "其", "该"))
    return last.entity_id.partition(":")[2] if same else None
