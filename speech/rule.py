"""One rewriting rule of written text, and the pieces of patterns that the rule files share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Groups = tuple[str, ...]

NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
"""A whole or decimal number, with or without thousands separators."""

JOIN = r"(?:[-~～—–]{1,2}|\s[-~～—–]{1,2}\s)"
"""What stands between the two ends of a range; "3000 -3.5" is no range but a negative number."""

COUNTED = (
    "万|亿|千|百|元|股|手|份|张|人|名|位|户|家|次|个|吨|米|公里|台|套|件|平|亩|美元|港元|欧元|日元"
    "|英镑|点|倍|小时|分钟|秒|只|支|条|项|笔|基点|克|公斤|桶|盎司|度|千瓦|兆|辆|架|艘|间|%|‰|bp|BP"
)
"""Units: a run of digits before one of them is an amount, never a code or a telephone number."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Where `pattern` matches, `say` turns its groups (absent ones as "") into spoken text."""

    pattern: re.Pattern[str]
    say: Callable[[Groups], str]


def rule(pattern: str, say: Callable[[Groups], str]) -> Rule:
    """A rule over ASCII digits and word characters."""
    return Rule(re.compile(pattern, re.ASCII), say)


def apply(rules: Iterable[Rule], text: str) -> str:
    """`text` after every rule in turn."""
    for each in rules:
        say = each.say
        text = each.pattern.sub(lambda match, say=say: say(match.groups("")), text)  # type: ignore[misc]
    return text
