"""Opposites."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assist.errors import KnowledgeError
from assist.polarity import Opposites, shared_sides


@pytest.fixture(scope="module")
def opposites(data: Path) -> Opposites:
    """The project's groups."""
    return Opposites.load(data / "lexicons" / "polarity.yaml")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("怎么开通创业板", "怎么关闭创业板"),
        ("创业板怎么开", "科创板怎么开"),
        ("基金申购几天到账", "基金赎回几天到账"),
        ("忘记资金密码", "忘记交易密码"),
        ("沪市股票", "深市股票"),
        ("银行转证券失败", "证券转银行失败"),
    ],
)
def test_opposites_contradict(opposites: Opposites, one: str, other: str) -> None:
    """Questions that take different sides of a group contradict each other, both ways."""
    assert opposites.sides(one).contradicts(opposites.sides(other))
    assert opposites.sides(other).contradicts(opposites.sides(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("创业板和科创板有什么区别", "科创板怎么开"),
        ("开通后多久可以卖", "怎么关闭"),
        ("买卖股票的费用", "卖出股票"),
        ("今天天气怎么样", "怎么关闭创业板"),
    ],
)
def test_what_takes_no_or_both_sides_contradicts_nothing(
    opposites: Opposites, one: str, other: str
) -> None:
    """A comparison, a hidden term and a text without terms contradict nothing."""
    assert not opposites.sides(one).contradicts(opposites.sides(other))


def test_one_example_is_not_what_an_entry_is_about(opposites: Opposites) -> None:
    """A side counts for an entry only where half of its questions take one in the group."""
    texts = ["为什么开不了科创板", "权限申请被驳回", "申请失败"]
    together = shared_sides(opposites.sides_of_all(texts), np.array([0, len(texts)]))
    assert not opposites.sides("北交所申请失败").contradict(together).any()


def test_broken_group_names_file_and_place(tmp_path: Path) -> None:
    """A group with one side is refused; the message names the file and the field."""
    path = tmp_path / "polarity.yaml"
    path.write_text("- name: x\n  sides:\n    - [a]\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"polarity\.yaml: sides"):
        Opposites.load(path)
