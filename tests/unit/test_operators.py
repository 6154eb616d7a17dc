"""Operators: passwords, the wait after failures, sessions, rights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ui.cli.main import app
from ui.operator_store import OperatorStore, Role
from ui.operators import (
    SESSION,
    OperatorError,
    WaitError,
    WrongPasswordError,
    add_operator,
    change_password,
    change_role,
    log_in,
    log_out,
    logged_in,
    remove_operator,
    sees_personal,
    wait_after,
)

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PASSWORD = "correct horse 电池"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[OperatorStore]:
    """A workspace with one supervisor."""
    with OperatorStore.opened(tmp_path / "workspace.db") as opened:
        add_operator(opened, "王敏", Role.SUPERVISOR, PASSWORD, lambda: NOW)
        yield opened


def test_a_password_opens_a_session_for_a_working_day(store: OperatorStore) -> None:
    """The token names the operator until the session is over or ended."""
    token = log_in(store, " 王敏 ", PASSWORD, lambda: NOW)
    found = logged_in(store, token, lambda: NOW + SESSION - timedelta(seconds=1))
    assert found
    assert (found.name, found.role) == ("王敏", Role.SUPERVISOR)
    assert logged_in(store, token, lambda: NOW + SESSION) is None
    log_out(store, token)
    assert logged_in(store, token, lambda: NOW) is None


def test_neither_password_nor_token_is_in_the_file(store: OperatorStore, tmp_path: Path) -> None:
    """Who gets hold of the database cannot log in with what stands in it."""
    token = log_in(store, "王敏", PASSWORD, lambda: NOW)
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert PASSWORD.encode() not in raw
    assert token.encode() not in raw
    assert b"$argon2id$" in raw


def test_guessing_waits_longer_and_longer(store: OperatorStore) -> None:
    """After three failures even the right password has to wait; a success forgets them."""
    moment = NOW
    for _ in range(3):
        with pytest.raises(WrongPasswordError):
            log_in(store, "王敏", "wrong password", lambda: moment)
    with pytest.raises(WaitError) as refused:
        log_in(store, "王敏", PASSWORD, lambda: moment)
    assert 0 < refused.value.seconds <= 6
    moment += wait_after(3)
    with pytest.raises(WrongPasswordError):
        log_in(store, "王敏", "wrong password", lambda: moment)
    failed = store.failures("王敏")
    assert failed
    assert failed.wait_until - moment == wait_after(4) == 2 * wait_after(3)
    log_in(store, "王敏", PASSWORD, lambda: moment + wait_after(4))
    assert store.failures("王敏") is None


def test_the_wait_ends_at_a_quarter_of_an_hour() -> None:
    """However often somebody fails, the wait stays finite."""
    assert wait_after(10_000) == timedelta(minutes=15)


def test_a_name_that_nobody_has_is_treated_alike(store: OperatorStore) -> None:
    """The answer does not tell which names there are."""
    for _ in range(3):
        with pytest.raises(WrongPasswordError):
            log_in(store, "没有这个人", PASSWORD, lambda: NOW)
    with pytest.raises(WaitError):
        log_in(store, "没有这个人", PASSWORD, lambda: NOW)
    log_in(store, "王敏", PASSWORD, lambda: NOW)


def test_a_new_password_ends_all_sessions(store: OperatorStore) -> None:
    """Whoever knew the old one is out at the next click."""
    token = log_in(store, "王敏", PASSWORD, lambda: NOW)
    change_password(store, "王敏", "another long one")
    assert logged_in(store, token, lambda: NOW) is None
    assert log_in(store, "王敏", "another long one", lambda: NOW)


def test_a_role_changes_and_an_operator_goes_at_once(store: OperatorStore) -> None:
    """Sessions that are open follow."""
    token = log_in(store, "王敏", PASSWORD, lambda: NOW)
    change_role(store, "王敏", Role.EDITOR)
    found = logged_in(store, token, lambda: NOW)
    assert found
    assert found.role is Role.EDITOR
    remove_operator(store, "王敏")
    assert logged_in(store, token, lambda: NOW) is None


@pytest.mark.parametrize(
    ("name", "password"),
    [("", PASSWORD), ("王敏", PASSWORD), ("李强", "short"), ("李强", "a" * 30), ("a\nb", PASSWORD)],
)
def test_poor_names_and_passwords_are_refused(
    store: OperatorStore, name: str, password: str
) -> None:
    """Blank, taken or unprintable names; short or monotonous passwords."""
    with pytest.raises(OperatorError):
        add_operator(store, name, Role.AGENT, password, lambda: NOW)


@pytest.mark.parametrize(
    ("role", "agent", "seen"),
    [
        (Role.SUPERVISOR, None, True),
        (Role.AGENT, "王敏", True),
        (Role.AGENT, "李强", False),
        (Role.AGENT, None, False),
        (Role.EDITOR, "王敏", False),
        (Role.ADMIN, "王敏", False),
    ],
)
def test_personal_data_goes_by_role(
    store: OperatorStore, role: Role, agent: str | None, seen: bool
) -> None:
    """Supervisors see all, agents their own, others masks."""
    assert sees_personal(change_role(store, "王敏", role), agent) is seen
    assert not sees_personal(None, agent)


def test_operators_are_kept_from_the_command_line(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Add with the password on standard input, list, change, remove."""
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path))
    monkeypatch.setenv("FORELAND_DATA", str(data))
    run = CliRunner()
    add = ["operator", "add", "李强", "--role", "agent", "--password-stdin"]
    assert run.invoke(app, add, input=f"{PASSWORD}\n").exit_code == 0
    assert "李强  agent" in run.invoke(app, ["operator", "list"]).output
    assert run.invoke(app, ["operator", "role", "李强", "--role", "admin"]).exit_code == 0
    new = run.invoke(app, ["operator", "password", "李强"], input="one two three\nother\n")
    assert new.exit_code != 0
    asked = run.invoke(
        app, ["operator", "password", "李强"], input="one two three\none two three\n"
    )
    assert asked.exit_code == 0
    assert "one two three" not in asked.output
    with OperatorStore.opened(tmp_path / "demo" / "workspace.db") as store:
        assert store.all()[0].role is Role.ADMIN
        assert log_in(store, "李强", "one two three")
    assert run.invoke(app, ["operator", "remove", "李强"]).exit_code == 0
    assert run.invoke(app, ["operator", "list"]).output == ""
