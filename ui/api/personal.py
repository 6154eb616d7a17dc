"""Customers' personal data in answers: masked, unless the key may see it; then that is on record.

The key that began a conversation shows it to the customer, who may read what they typed. Everybody
else (agents' desktops, reports, traces) gets masked texts.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel

from assist.campaign_export import HIDDEN
from assist.privacy import mask
from assist.said import Said
from ui.api.access import caller_of, wiring_of
from ui.audit import Sighting, Subject
from ui.scope import Scope, allows

_SHORTEST = 2  # characters of a private value that is looked for elsewhere
Body = TypeVar("Body", bound=BaseModel)


@dataclass(slots=True)
class _Look:
    """Whether this request's answer may show personal data."""

    revealed: bool = False


_LOOK: ContextVar[_Look] = ContextVar("look")


@contextmanager
def looking() -> Iterator[None]:
    """Around one request: nothing is revealed yet."""
    token = _LOOK.set(_Look())
    try:
        yield
    finally:
        _LOOK.reset(token)


def reveal(request: Request, subject: Subject, subject_id: str, part: str = "") -> bool:
    """Whether this answer may show personal data; where it may, the look is on record first.

    `part` says which part of it, such as turns 1-12; it must hold no personal data itself.
    """
    caller = caller_of(request)
    if caller.key_id is None or not allows(caller.scopes, Scope.PERSONAL_READ):
        return False
    now: datetime = request.app.state.clock()
    sighting = Sighting(now, caller.key_id, subject, subject_id, part)
    wiring_of(request).audit_store.add(sighting)
    _LOOK.get().revealed = True
    return True


def turns_of(said: Sequence[Said]) -> str:
    """Which turns these are, for the record: turns 3-7."""
    return f"turns {said[0].number}-{said[-1].number}" if said else ""


def masked(body: Body) -> Body:
    """The same body with personal data in its texts replaced by `*`; codes of enums stay.

    A part that says of its `value` that it is `private` loses it, there and wherever else in the
    body it was said: only so is a name found that stands alone.
    """
    secrets = sorted(set(_secrets(body)), key=len, reverse=True)
    return _masked(body, secrets)


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, BaseModel):
        parts = dict(value)
        if parts.get("private") is True and len(str(parts.get("value", ""))) >= _SHORTEST:
            yield str(parts["value"])
        for part in parts.values():
            yield from _secrets(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _secrets(part)


def _masked(body: Body, secrets: Sequence[str]) -> Body:
    changes = {name: _hidden(value, secrets) for name, value in body}
    if changes.get("private") is True and "value" in changes:
        changes["value"] = HIDDEN
    return body.model_copy(update=changes)


def _hidden(value: object, secrets: Sequence[str]) -> object:
    if isinstance(value, BaseModel):
        return _masked(value, secrets)
    if isinstance(value, str) and not isinstance(value, Enum):
        return mask(_without(value, secrets))
    if isinstance(value, list | tuple):
        return type(value)(_hidden(item, secrets) for item in value)
    if isinstance(value, dict):
        return {name: _hidden(item, secrets) for name, item in value.items()}
    return value


def _without(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "*" * len(secret))
    return text


def shielded(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """An endpoint whose answer is masked unless it called `reveal`.

    Events of a stream are made later and pass as they are: mask them where they are made.
    """
    if inspect.iscoroutinefunction(endpoint):
        raise TypeError(f"{endpoint.__qualname__}: make it a plain function; its answer is masked")

    @functools.wraps(endpoint)
    def answer(*arguments: Any, **named: Any) -> Any:
        found = endpoint(*arguments, **named)
        return masked(found) if isinstance(found, BaseModel) and not _LOOK.get().revealed else found

    return answer
