"""Actions: what a flow has done in other systems, behind one port.

What goes in and what comes out is private: no log line, trace or error message holds a value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from assist.errors import ActionError

CUSTOMER = "customer"
"""The result by which a verifying action names who was verified."""
LONGEST_RESULT = 1000
"""Characters of one result; more is no value to say."""

Action = Callable[[Mapping[str, str], datetime], Mapping[str, str]]
"""An action of the program itself: arguments and the moment in, results out."""


@dataclass(frozen=True, slots=True)
class ActionOrder:
    """One call of an action.

    `customer` is who was verified in the conversation, empty for nobody. `key` is the same whenever
    the same step of the same turn runs again, as after a crash: what was done under it already is
    not done twice. It is empty in a conversation that has no key of its own.
    """

    action: str
    arguments: Mapping[str, str]
    now: datetime
    customer: str = ""
    key: str = ""


class Actions(Protocol):
    """Does what flows order."""

    def run(self, order: ActionOrder) -> Mapping[str, str]:
        """The results by name; raises ActionError where it was not done."""
        ...


class Adapter(StrEnum):
    """Who does an action: the firm's system, the sample customers, the program itself."""

    HTTP = "http"
    SAMPLE = "sample"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """What is published about an action.

    `optional` are those of its `arguments` that may be missing. `private`: it tells facts of the
    verified customer, so it is ordered for one only. `changes`: it does something, so it is never
    done twice under one key. `verifies`: it tells who the customer is.
    """

    name: str
    title: str
    adapter: Adapter
    arguments: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    private: bool = False
    changes: bool = False
    verifies: bool = False


class LocalActions:
    """Functions of this program as actions."""

    def __init__(self, functions: Mapping[str, Action]) -> None:
        self._functions = dict(functions)

    def run(self, order: ActionOrder) -> Mapping[str, str]:
        """What the function of that name returns; raises ActionError where there is none."""
        function = self._functions.get(order.action)
        if function is None:
            known = ", ".join(self._functions) or "none"
            raise ActionError(f"no action {order.action!r} is wired; wired are {known}")
        return function(order.arguments, order.now)


class ActionBook:
    """The published actions, each with its adapter: only what is declared goes in and out."""

    def __init__(self, specs: Iterable[ActionSpec], adapters: Mapping[Adapter, Actions]) -> None:
        self._specs = {spec.name: spec for spec in specs}
        self._adapters = dict(adapters)

    @property
    def specs(self) -> tuple[ActionSpec, ...]:
        """Everything that can be ordered."""
        return tuple(self._specs.values())

    def run(self, order: ActionOrder) -> Mapping[str, str]:
        """The declared results of an order that is as declared; raises ActionError."""
        spec = self._specs.get(order.action)
        if spec is None:
            known = ", ".join(self._specs) or "none"
            raise ActionError(f"no action {order.action!r} is published; known are {known}")
        _refuse(spec, order)
        adapter = self._adapters.get(spec.adapter)
        if adapter is None:
            raise ActionError(f"action {spec.name}: no adapter {spec.adapter} is wired")
        return declared(spec, adapter.run(order))


def declared(spec: ActionSpec, results: Mapping[str, str]) -> dict[str, str]:
    """The declared ones of some results, all of them; raises ActionError naming what is wrong."""
    taken: dict[str, str] = {}
    for name in _promised(spec, results):
        value = results.get(name)
        if value is None:
            raise ActionError(f"action {spec.name} did not return {name!r}")
        if len(value) > LONGEST_RESULT or not value.isprintable():
            raise ActionError(
                f"action {spec.name} returned an unusable {name!r}:"
                f" at most {LONGEST_RESULT} printable characters are taken"
            )
        taken[name] = value
    return taken


def _promised(spec: ActionSpec, results: Mapping[str, str]) -> tuple[str, ...]:
    """Who could not be verified has no name."""
    if spec.verifies and results.get("verified") != "yes":
        return tuple(name for name in spec.returns if name == "verified")
    return spec.returns


def _refuse(spec: ActionSpec, order: ActionOrder) -> None:
    unknown = sorted(set(order.arguments) - set(spec.arguments))
    missing = sorted(set(spec.arguments) - set(spec.optional) - set(order.arguments))
    if unknown or missing:
        raise ActionError(
            f"action {spec.name} got {', '.join(unknown) or 'nothing'} that it does not take and"
            f" lacks {', '.join(missing) or 'nothing'}; it takes {', '.join(spec.arguments)}"
        )
    if spec.private and not order.customer:
        raise ActionError(f"action {spec.name} is private; it needs a verified customer")


def action_key(conversation: str, turn: int, flow: str, step: str) -> str:
    """The key of a step in a turn of a conversation; empty where the conversation has none."""
    if not conversation:
        return ""
    parts = "\n".join((conversation, str(turn), flow, step))
    return hashlib.sha256(parts.encode()).hexdigest()[:40]
