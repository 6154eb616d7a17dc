"""Showing personal data in full: only to who may see it, when asked for, and noted."""

from __future__ import annotations

import streamlit as st

from ui.audit import Sighting, Subject
from ui.console.parts import operator
from ui.operators import sees_personal
from ui.wiring import Wiring, now

_NOTED = "personal_noted"


def in_full(
    wiring: Wiring, key: str, agent: str | None, subject: Subject, subject_id: str, *, help: str
) -> bool:
    """A switch, and whether it is on; `agent` has the conversation now."""
    who = operator()
    if who is None or not sees_personal(who, agent):
        return False
    asked = st.toggle("显示完整内容", key=key, help=help)
    if asked:
        note_once(wiring, subject, subject_id)
    return asked


def note_once(wiring: Wiring, subject: Subject, subject_id: str) -> None:
    """Write into the privacy audit who looks at what, once a log-in; call it before showing."""
    who = operator()
    noted: set[tuple[Subject, str]] = st.session_state.setdefault(_NOTED, set())
    if who is None or (subject, subject_id) in noted:
        return
    wiring.audit_store.add(Sighting(now(), f"operator {who.name}", subject, subject_id))
    noted.add((subject, subject_id))
