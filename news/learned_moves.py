"""Words of rising and falling in the order in which they stand around an entity.

A sentence of figures speaks of an entity by the move that belongs to it, and which one that is
depends on order: `A、B分别增长5%、下降3%` is good for A and bad for B.
"""

from __future__ import annotations

import re

UP, DOWN, ENTITY = "+", "-", "@"
_RISING = (
    "上涨 上升 增长 增加 上行 提高 提升 回升 走高 走强 反弹 大涨 涨停 拉升 冲高 高于 超过 加快 扩大"
    " 好转 改善 盈利 突破 涨 升 增 高 强"
)
_FALLING = (
    "下跌 下降 下滑 减少 下行 回落 走低 走弱 大跌 跌停 跳水 低于 收窄 放缓 亏损 不足 恶化"
    " 跌 降 减 低 弱 亏"
)
_SIGNS = (
    dict.fromkeys(_RISING.split(), UP)
    | dict.fromkeys(_FALLING.split(), DOWN)
    | {"持平": "0", "由": "from", "转为": "to", "转": "to", "不": "no", "未": "no"}
    | {"分别": "each", "净": "net", "、": "、", "，": ",", ",": ",", "但": "but"}
    | {"同比": "year", "环比": "month", "较": "than", ENTITY: ENTITY}
)
_SIGN = re.compile("|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True))))
_ITEM = re.compile(r"[、和及与]")
_CLAUSE = re.compile(r"[，,：:]")


def moves_around(sentence: str, start: int, end: int) -> tuple[str, ...]:
    """Signs of a sentence in order, with a mark for the entity at [start, end)."""
    return (*_signs(sentence[:start]), ENTITY, *_signs(sentence[end:]))


def nearest_moves(sentence: str, start: int, end: int) -> tuple[str, ...]:
    """The first moves behind the entity, in its clause and beyond, and the last one before it."""
    behind = [sign for sign in _signs(sentence[end:]) if sign in (UP, DOWN)]
    border = _CLAUSE.search(sentence, end)
    clause = sentence[end : border.start() if border else len(sentence)]
    begin = max((m.end() for m in _CLAUSE.finditer(sentence, 0, start)), default=0)
    within = [sign for sign in _signs(clause) if sign in (UP, DOWN)]
    before = [sign for sign in _signs(sentence[begin:start]) if sign in (UP, DOWN)]
    return (
        f"first{behind[0] if behind else '?'}",
        f"within{within[0] if within else '?'}",
        f"before{before[-1] if before else '?'}",
        f"own{_own_move(sentence, start, end, begin)}",
        f"two{''.join(behind[:2])}",
        f"listed{'、' in sentence[:start]}{sentence[end : end + 1]}",
    )


def _own_move(sentence: str, start: int, end: int, begin: int) -> str:
    """The move of the same place as the entity's in `A、B和C分别增长1%、2%和下降3%`, else empty."""
    each = sentence.find("分别", end)
    if each < 0:
        return ""
    place = len(_ITEM.findall(sentence[begin:start]))
    border = re.compile(r"[，；]").search(sentence, each)
    items = _ITEM.split(sentence[each + 2 : border.start() if border else len(sentence)])
    if place >= len(items):
        return ""
    moves = [sign for item in items[: place + 1] for sign in _signs(item)[:1]]
    told = [sign for sign in moves if sign in (UP, DOWN)]
    return told[-1] if told else ""


def _signs(text: str) -> list[str]:
    return [_SIGNS[found] for found in _SIGN.findall(text)]
