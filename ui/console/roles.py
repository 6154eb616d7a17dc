"""Which pages a role opens, and what roles are called."""

from __future__ import annotations

import streamlit as st

from ui.console.links import TITLES, Place
from ui.operator_store import Operator, Role

ROLES = {
    Role.AGENT: "坐席",
    Role.SUPERVISOR: "主管",
    Role.EDITOR: "编辑",
    Role.ADMIN: "管理员",
}
_READING = frozenset({Place.OVERVIEW, Place.CHAT, Place.ARTICLES, Place.COMPANY})
PLACES = {
    Role.AGENT: _READING | {Place.HANDOVER, Place.CONVERSATIONS},
    Role.SUPERVISOR: frozenset(Place),
    Role.EDITOR: _READING | {Place.KNOWLEDGE},
    Role.ADMIN: frozenset(Place) - {Place.HANDOVER},
}
"""An administrator serves no customers; what else they see is masked."""


def places(operator: Operator | None) -> frozenset[Place]:
    """The pages of somebody who is logged in; all of them where no log-in is asked for."""
    return frozenset(Place) if operator is None else PLACES[operator.role]


def refused(place: Place, operator: Operator | None) -> None:
    """What stands behind the address of a page that a role does not open."""
    role = ROLES[operator.role] if operator else "未登录"
    st.warning(f"您的角色（{role}）不能打开「{TITLES[place]}」。需要时请管理员调整角色。")
