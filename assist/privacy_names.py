"""Names of people after words that announce them: 我叫张三, 姓名：欧阳娜娜, 户名 李四.

Only announced names are found: 我是高兴 and 我是白领 read alike without their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CUE = re.compile(
    r"(?:我(?:的名字)?(?:就)?(?:叫做?|是叫)|(?:名字|大名)(?:叫做?|是)|(?:客户|真实|本人|投保人|持卡人)?姓名(?:是|为|叫)?|户名(?:是|为)?"
    r"|(?:收款人|联系人|开户人|持有人|法人代表|经办人|代理人)(?:是|为|叫)|(?:收款人|联系人|开户人|经办人)(?=[:\s])|您是|请问是)[\s:\"'“「]{0,3}"
)
_ASKED = ("您是", "请问是")
_DOUBLE = frozenset(
    re.findall(
        "..",
        "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐司徒夏侯长孙宇文端木南宫独孤西门呼延百里东郭申屠",
    )
)
_SINGLE = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷"
    "贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄"
    "危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊惠甄曲家封芮储"
    "靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔"
    "阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡"
    "国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖代付闫邸仝苟青佟岳帅亢况郐有"
    "琴梁丘左邝覃冼苑战初缑原迟楚揭鹿詹商牟佘佴伯赏墨哈谯笪年爱阳佟"
)
_NO_NAME = frozenset("我你您他她它了什啥个不人们这那谁哪怎多号错号么的在吗呢")
_AFTER_NAME = frozenset(
    "我你您他她的想要是在有和与说问吗呢啊吧了就这那请身手电住来去买卖开办，先女小不能可"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LONG = re.compile(r"[\u3400-\u9fff]{1,10}(?:[·・•][\u3400-\u9fff]{1,10})+")


def names(form: str) -> Iterator[tuple[int, int, int]]:
    """(start, end, from where to hide) of each announced name of a `comparable` text.

    The surname stays where it is one.
    """
    for cue in _CUE.finditer(form):
        asked = cue.group().startswith(_ASKED)
        found = _name(form, cue.end(), certain=not asked)
        if found is not None and (not asked or _ends_there(form, found[0])):
            yield cue.end(), found[0], found[1]


def _name(form: str, start: int, *, certain: bool) -> tuple[int, int] | None:
    """End of the name that begins here, and where its hidden part begins."""
    if long := _LONG.match(form, start):
        return long.end(), start
    first = form[start : start + 1]
    if not _HAN.match(first) or first in _NO_NAME:
        return None
    if form[start : start + 2] in _DOUBLE:
        return _given(form, start + 2, start + 2)
    if first in _SINGLE:
        return _given(form, start + 1, start + 1)
    return _given(form, start, start) if certain else None


def _given(form: str, start: int, hide_from: int) -> tuple[int, int] | None:
    """The given name: one character, and a second that does not begin the next word."""
    if not _HAN.match(form[start : start + 1]):
        return None
    end = start + 1
    following = form[end : end + 1]
    if _HAN.match(following) and following not in _AFTER_NAME:
        end += 1
    return end, hide_from


def _ends_there(form: str, end: int) -> bool:
    """您是张三吗: a name in a question ends with it."""
    return bool(
        re.match(
            r"(?:本人|先生|女士|小姐)?[吗么吧]?[\s,。?!]|(?:本人|先生|女士|小姐)?[吗么吧]?$",
            form[end:],
        )
    )
