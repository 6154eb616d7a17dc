"""Errors of a page end at its boundary."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui.console import overview
from ui.console.boundary import opener
from ui.console.links import TITLES, Place

SCRIPT = "from ui.console.app import main\nmain()"


def test_every_place_has_a_page() -> None:
    """Each entry of the menu has a title and a module with a page."""
    assert set(TITLES) == set(Place)
    assert all(callable(opener(place)) for place in Place)


def test_a_wrong_setting_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that cannot be is named on the page, without a traceback."""
    monkeypatch.setenv("FORELAND_WORKSPACE", "No Such")
    page = AppTest.from_string(SCRIPT, default_timeout=60).run()
    assert not page.exception
    assert "No Such" in page.error[0].value


def test_an_unusable_database_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is no database is named on the page."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "workspace.db").write_bytes(b"no database" * 100)
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path))
    page = AppTest.from_string(SCRIPT, default_timeout=60).run()
    assert "workspace\\.db" in page.error[0].value


def test_what_nobody_foresaw_is_logged_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The page gives a short line; the traceback stands in the log."""

    def broken() -> None:
        raise RuntimeError("secret words")

    monkeypatch.setenv("FORELAND_HOME", str(tmp_path))
    monkeypatch.setattr(overview, "page", broken)
    with caplog.at_level(logging.ERROR):
        page = AppTest.from_string(SCRIPT, default_timeout=60).run()
    assert "页面出错了" in page.error[0].value
    assert "secret words" not in page.error[0].value
    assert "secret words" in caplog.text


@pytest.mark.parametrize("place", list(Place))
def test_an_empty_workspace_opens_and_says_what_to_do(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is loaded every page opens without an error and with a next step."""
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path))
    script = f"from ui.console.app import *\nmain(Place.{place.name})"
    page = AppTest.from_string(script, default_timeout=60).run()
    assert not page.exception
    assert not page.error
    assert page.info or any("选择一家公司" in text.value for text in page.markdown)
