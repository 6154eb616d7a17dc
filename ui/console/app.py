"""The operator console's entry: `python -m streamlit run ui/console/app.py`."""

from __future__ import annotations

import logging
from pathlib import Path

import streamlit as st

from assist.privacy import mask_logs
from ui.console.boundary import opener
from ui.console.links import Place, register
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
    page = st.navigation(register(_PAGES, first=first), position="top")
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
