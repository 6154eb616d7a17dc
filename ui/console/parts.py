"""What every page stands on: the wired workspace and the boundary that catches errors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

import streamlit as st

from assist.errors import AssistError
from assist.knowledge import FaqEntry
from news.errors import NewsError
from ui.console.escape import escape_markdown
from ui.errors import SettingsError
from ui.settings import Settings, read_settings
from ui.wiring import Wiring

_LOG = logging.getLogger(__name__)
_KNOWN = (NewsError, AssistError, SettingsError)


def parts() -> Wiring:
    """The workspace named by the settings, built once per server process."""
    return _wiring(read_settings())


@st.cache_resource(show_spinner="正在打开工作区……", hash_funcs={Settings: repr})
def _wiring(settings: Settings) -> Wiring:
    wiring = Wiring(settings)
    wiring.load_base_facts()
    return wiring


def published(wiring: Wiring) -> tuple[FaqEntry, ...]:
    """Entries in use, read again only after a change."""
    generation = wiring.knowledge_store.generation()
    return _published(str(wiring.settings.database), generation, wiring)


@st.cache_resource(max_entries=4, show_spinner=False)
def _published(database: str, generation: int, _wiring: Wiring) -> tuple[FaqEntry, ...]:
    return _wiring.knowledge_store.entries()


def guarded(page: Callable[[], None]) -> Callable[[], None]:
    """The page with its errors shown as one line; unforeseen ones go to the log with traceback."""

    @wraps(page)
    def run() -> None:
        try:
            page()
        except _KNOWN as error:
            show_error(error)
        except Exception:  # noqa: BLE001  the boundary of a page
            # Streamlit steers reruns and page switches with BaseExceptions: those pass through.
            _LOG.exception("page %s failed", page.__module__)
            st.error("页面出错了，详情已写入日志。请刷新页面重试；若仍出错，请联系管理员。")

    return run


def show_error(error: Exception) -> None:
    """One clear line for an error that says itself what to do."""
    # The message can hold a customer's words, which stay out of the log.
    _LOG.warning("refused: %s", type(error).__name__)
    st.error(escape_markdown(f"操作未完成：{error}"))
