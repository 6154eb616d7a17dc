"""Showing personal data in full: only to who may see it, when asked for, and noted."""

from __future__ import annotations

import streamlit as st

from ui.audit import Sighting, Subject
from ui.console.parts import operator
from ui.operators import sees_personal
from ui.wiring import Wiring, now


def in_full(
    wiring: Wiring, key: str, agent: str | None, subject: Subject, subject_id: str, *, help: str
) -> bool:
    """A switch, and whether it is on; `agent` has the conversation now.

    Each switching on is written into the privacy audit before anything is shown.
    """
    who = operator()
    if who is None or not sees_personal(who, agent):
        return False
    asked = st.toggle("显示完整内容", key=key, help=help)
    noted = f"{key}-noted"
    if asked and not st.session_state.get(noted):
        wiring.audit_store.add(Sighting(now(), f"operator {who.name}", subject, subject_id))
    st.session_state[noted] = asked
    return asked
