"""The operator console's entry: `python -m streamlit run ui/console/app.py`."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import streamlit as st

from assist.privacy import mask_logs
from ui.console.boundary import boundary, opener
from ui.console.links import Place, register
from ui.console.roles import places, refused
from ui.console.session import logged_in_here, login_page, who_line
from ui.errors import SettingsError
from ui.settings import read_settings

_HERE = Path(__file__).parent
_PAGES = {place: opener(place) for place in Place}


def main(first: Place = Place.OVERVIEW) -> None:
    """Draw the frame and the chosen page; `first` is the page behind the bare address."""
    st.set_page_config(
        page_title="Foreland 运营台", page_icon=str(_HERE / "icon.svg"), layout="wide"
    )
    st.html(_HERE / "console.css")
    st.logo(str(_HERE / "logo.svg"), size="large")
    with boundary("log-in"):
        _open(first)


def _open(first: Place) -> None:
    """The pages of whoever is logged in, or the log-in page behind every address."""
    settings = read_settings()
    needed, operator = logged_in_here(settings)
    if needed and operator is None:
        asking = dict.fromkeys(Place, partial(login_page, settings))
        st.navigation(register(asking, frozenset(), first=first), position="hidden").run()
        return
    allowed = places(operator)
    pages = {
        place: page if place in allowed else partial(refused, place, operator)
        for place, page in _PAGES.items()
    }
    page = st.navigation(register(pages, allowed, first=first), position="top")
    who_line(settings, operator)
    page.run()


def _set_up_log() -> None:
    try:
        level = read_settings().log_level
    except SettingsError:
        level = "WARNING"  # the page says what is wrong
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=False
    )
    mask_logs()


if __name__ == "__main__":
    _set_up_log()
    main()
