"""What every page stands on: the workspace, built once and shared by all sessions."""

from __future__ import annotations

import streamlit as st

from assist.knowledge import FaqEntry
from ui.console.session import logged_in_here
from ui.operator_store import Operator
from ui.settings import Settings, read_settings
from ui.wiring import Wiring


def parts() -> Wiring:
    """The workspace named by the settings, built once per server process."""
    return _wiring(read_settings())


@st.cache_resource(show_spinner="正在打开工作区……", hash_funcs={Settings: repr})
def _wiring(settings: Settings) -> Wiring:
    wiring = Wiring(settings)
    wiring.load_base_facts()
    return wiring


def operator() -> Operator | None:
    """Who is logged in; None where the console asks for no log-in.

    A part of a page that is drawn alone (a fragment) learns here that the log-in is over: the whole
    page is drawn again then, and asks.
    """
    needed, found = logged_in_here(read_settings())
    if needed and found is None:
        st.rerun()
        st.stop()  # in a callback the line above does nothing
    return found


def published(wiring: Wiring) -> tuple[FaqEntry, ...]:
    """Entries in use, read again only after a change."""
    generation = wiring.knowledge_store.generation()
    return _published(str(wiring.settings.database), generation, wiring)


@st.cache_resource(max_entries=4, show_spinner=False)
def _published(database: str, generation: int, _wiring: Wiring) -> tuple[FaqEntry, ...]:
    return _wiring.knowledge_store.entries()
