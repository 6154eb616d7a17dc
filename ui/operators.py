"""Operators: names, passwords, log-in with a growing wait after failures, sessions, rights.

Passwords are hashed with Argon2id by argon2-cffi's defaults (RFC 9106, low-memory profile). A
session token has 256 random bits, so its SHA-256 is enough in the database.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ui.errors import UiError
from ui.operator_store import Failures, Operator, OperatorStore, Role

LONGEST_NAME = 40
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
SESSION = timedelta(hours=12)
"""A log-in holds for a working day."""
_FREE_FAILURES = 3
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)
_REMEMBERED = timedelta(days=1)
_MOST_DOUBLINGS = 20


class OperatorError(UiError):
    """An operator cannot be made, changed or removed; the message says why and what to do."""


class WrongPasswordError(OperatorError):
    """Name and password do not fit; which of the two is wrong stays untold."""


class WaitError(OperatorError):
    """Too many failures under this name; `seconds` until the next attempt is looked at."""

    retryable = True

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many failed log-ins; wait {seconds} seconds and try again")
        self.seconds = seconds


def _now() -> datetime:
    return datetime.now(UTC)


def add_operator(
    store: OperatorStore,
    name: str,
    role: Role,
    password: str,
    now: Callable[[], datetime] = _now,
) -> Operator:
    """Make an operator; raises OperatorError for a name that is taken or a poor password."""
    name = known_as(name)
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise OperatorError(
            f"name {name[:LONGEST_NAME]!r}: give 1 to {LONGEST_NAME} printable characters"
        )
    operator = Operator(name, role, now())
    if not store.add(operator, _hashed(name, password)):
        raise OperatorError(f"there is an operator {name!r} already; choose another name")
    return operator


def remove_operator(store: OperatorStore, name: str) -> Operator:
    """Delete an operator; who is logged in under the name is out at the next click."""
    operator = _found(store, name)
    with store.writing():
        store.remove(operator.name)
    return operator


def change_role(store: OperatorStore, name: str, role: Role) -> Operator:
    """Give an operator another role, from the next click on."""
    operator = _found(store, name)
    store.set_role(operator.name, role)
    return _found(store, name)


def change_password(store: OperatorStore, name: str, password: str) -> Operator:
    """Give an operator another password; their sessions end."""
    operator = _found(store, name)
    hashed = _hashed(operator.name, password)
    with store.writing():
        store.set_hash(operator.name, hashed)
        store.end_sessions(operator.name)
        store.forget_failures(operator.name)
    return operator


def log_in(
    store: OperatorStore,
    name: str,
    password: str,
    now: Callable[[], datetime] = _now,
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> str:
    """The token of a new session; raises WrongPasswordError or WaitError.

    An attempt counts as failed before the password is looked at, so that guesses sent at once do
    not slip past the count.
    """
    name, moment = known_as(name)[: LONGEST_NAME + 1], now()
    _count_attempt(store, name, moment)
    found = store.find(name)
    # A name that nobody has takes as long, so that time does not tell which names there are.
    hashed = found[1] if found else _nobody()
    if not _fits(hashed, password) or found is None:
        raise WrongPasswordError("name or password is wrong; try again")
    if _hasher().check_needs_rehash(hashed):
        store.set_hash(name, _hasher().hash(password))
    made = token(32)
    with store.writing():
        store.forget_failures(name)
        store.begin_session(_digest(made), name, moment, moment + SESSION)
    return made


def logged_in(
    store: OperatorStore, token: str, now: Callable[[], datetime] = _now
) -> Operator | None:
    """Whose session a token is; None where it is unknown or over."""
    return store.session(_digest(token), now())


def log_out(store: OperatorStore, token: str) -> None:
    """End a session in all windows."""
    store.end_session(_digest(token))


def sees_personal(operator: Operator | None, agent: str | None) -> bool:
    """Whether somebody may see the personal data of a conversation or call that `agent` has now.

    Supervisors see all, agents their own; everybody else, and who is not logged in, sees masks.
    """
    if operator is None:
        return False
    own = operator.role is Role.AGENT and agent == operator.name
    return own or operator.role is Role.SUPERVISOR


def known_as(name: str) -> str:
    """A name as it is kept: trimmed, one form of each character."""
    return unicodedata.normalize("NFKC", name).strip()


def _count_attempt(store: OperatorStore, name: str, moment: datetime) -> None:
    with store.writing():
        before = store.failures(name)
        if before and before.wait_until > moment:
            raise WaitError(int((before.wait_until - moment).total_seconds()) + 1)
        recent = before is not None and before.at > moment - _REMEMBERED
        count = (before.count if before and recent else 0) + 1
        failures = Failures(count, moment, moment + wait_after(count))
        store.put_failures(name, failures, moment - _REMEMBERED)


def wait_after(failures: int) -> timedelta:
    """How long a name is closed after so many failures in a row: 0, 0, 5 s, 10 s … 15 min."""
    if failures < _FREE_FAILURES:
        return timedelta()
    doublings = min(failures - _FREE_FAILURES, _MOST_DOUBLINGS)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def _found(store: OperatorStore, name: str) -> Operator:
    found = store.find(known_as(name))
    if found is None:
        raise OperatorError(
            f"there is no operator {name[:LONGEST_NAME]!r}; see foreland operator list"
        )
    return found[0]


def _hashed(name: str, password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise OperatorError(
            f"the password has {len(password)} characters; give {SHORTEST_PASSWORD} to"
            f" {LONGEST_PASSWORD}"
        )
    if known_as(password).casefold() == name.casefold() or len(set(password)) < 4:
        raise OperatorError("the password is the name or one character again and again; change it")
    return _hasher().hash(password)


def _fits(hashed: str, password: str) -> bool:
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(16))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
