"""Opening a page: its module is imported when it is first needed, its errors end here."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

import streamlit as st

from assist.errors import AssistError
from news.errors import NewsError
from ui.console.escape import escape_markdown
from ui.console.links import Place
from ui.errors import UiError

_LOG = logging.getLogger(__name__)
_KNOWN = (NewsError, AssistError, UiError)


def opener(place: Place) -> Callable[[], None]:
    """Opens a page; its errors are one line, unforeseen ones go to the log with traceback."""

    def open_page() -> None:
        with boundary(place):
            _page(place)()

    return open_page


@contextmanager
def boundary(name: str) -> Iterator[None]:
    """Where errors end; `name` says in the log where they came from."""
    try:
        yield
    except _KNOWN as error:
        # The message can hold a customer's words, which stay out of the log.
        _LOG.warning("%s: refused: %s", name, type(error).__name__)
        st.error(escape_markdown(f"操作未完成：{error}"))
    except Exception:  # noqa: BLE001  the boundary of a page
        # Streamlit steers reruns and page switches with BaseExceptions: those pass through.
        _LOG.exception("page %s failed", name)
        st.error("页面出错了，详情已写入日志。请刷新页面重试；若仍出错，请联系管理员。")


def _page(place: Place) -> Callable[[], None]:
    """The function of the module of that name; the frame is on show while engines are imported."""
    name = f"ui.console.{place}"
    if name not in sys.modules:
        with st.spinner("正在载入……"):
            import_module(name)
    page: Callable[[], None] = sys.modules[name].page
    return page
