"""A flow: a business conversation as data, made of steps, slots and interjections.

Steps are joined by their ids: `next` is where the flow goes on. `requires` names disclosures that
must have been delivered in full before a step is taken. Texts may name values as {amount}.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assist.slot import SlotSpec

RESULT = "result"
"""The name under which a sub-flow's result code is taken over."""
VERIFIED = "verified"
"""A name that conditions may ask for without a slot: `yes` for a verified customer, else `no`."""


class Confirm(StrEnum):
    """When a value is said back for confirmation: LOW where it was heard or read unsurely."""

    NEVER = "never"
    LOW = "low"
    ALWAYS = "always"


class Comparison(StrEnum):
    """How a condition compares a value."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    SAME_AS = "same_as"
    DIFFERS_FROM = "differs_from"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class FlowSlot:
    """A value that the flow asks for. `private` ones are said only to a verified customer.

    `heated`: angry words are an answer to it, as in a complaint, and no alarm.
    """

    spec: SlotSpec
    confirm: Confirm = Confirm.LOW
    private: bool = False
    label: str = ""
    heated: bool = False

    @property
    def name(self) -> str:
        """The slot's name."""
        return self.spec.name


@dataclass(frozen=True, slots=True)
class Given:
    """A value that is known when the flow starts; `sample` stands in for it in checks and trials.

    `required`: the flow cannot start without it.
    """

    name: str
    private: bool = False
    required: bool = True
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one value; for SAME_AS and DIFFERS_FROM `values` is the other value's name."""

    slot: str
    comparison: Comparison
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Where a branch goes if all conditions hold."""

    conditions: tuple[Condition, ...]
    go: str


@dataclass(frozen=True, slots=True)
class Say:
    """Says a text and goes on; with `page` it offers a page to open."""

    id: str
    text: str
    next: str
    page: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disclose:
    """Says a text that must be heard to its end; goes on once it was delivered in full."""

    id: str
    text: str
    next: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collect:
    """Asks for a slot until it is filled; `otherwise` is taken when the customer cannot tell.

    `ask` replaces the slot's own wording; `fresh` asks even where the value is known.
    """

    id: str
    slot: str
    next: str
    ask: str | None = None
    otherwise: str | None = None
    tries: int = 3
    fresh: bool = False
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """Goes to the first case that holds, else to `next`."""

    id: str
    cases: tuple[Case, ...]
    next: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """Calls a named action with values and takes the results that `returns` names as values.

    `arguments` are (argument, value name) pairs. `verifies`: the customer counts as verified if the
    action's result `verified` is "yes". `private`: it is called only for a verified customer, and
    its results are private. `otherwise` is taken when the action fails.
    """

    id: str
    action: str
    next: str
    arguments: tuple[tuple[str, str], ...] = ()
    returns: tuple[str, ...] = ()
    verifies: bool = False
    private: bool = False
    otherwise: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Runs another flow and comes back.

    `give` are (its name, our name) pairs of values passed to it, `take` (our name, its name) pairs
    taken over from it, among them `result`. `otherwise` is taken when the customer breaks it off.
    """

    id: str
    flow: str
    next: str
    give: tuple[tuple[str, str], ...] = ()
    take: tuple[tuple[str, str], ...] = ()
    otherwise: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOver:
    """Hands the conversation to a person of a skill group."""

    id: str
    text: str | None
    skill: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """Ends the flow with a result code, after an optional text."""

    id: str
    result: str
    text: str | None = None
    requires: tuple[str, ...] = ()


Step = Say | Disclose | Collect | Branch | Call | Link | HandOver | End


@dataclass(frozen=True, slots=True)
class Interjection:
    """What customers say at any point of the flow, as 我在开车 or 你是谁.

    `name` takes up the wordings that the lexicon knows under it, `words` adds wordings. `say` is
    the reply; then the flow goes to step `go`, or back to its pending question where there is none.
    `unverifies`: the customer is somebody else, so nothing is verified any longer.
    """

    name: str
    words: tuple[str, ...] = ()
    say: str | None = None
    go: str | None = None
    unverifies: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole flow.

    `mandatory` disclosures are delivered before any end with a `completing` result. `triggers` are
    wordings that start it, also in the middle of another flow; `skill` is the group of people that
    it is handed over to. `on_silence` and `on_cancel` are the steps taken when the customer stays
    silent or breaks off.
    """

    id: str
    title: str
    version: int
    start: str
    steps: tuple[Step, ...]
    slots: tuple[FlowSlot, ...] = ()
    given: tuple[Given, ...] = ()
    mandatory: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    completing: tuple[str, ...] = ("completed",)
    interjections: tuple[Interjection, ...] = ()
    triggers: tuple[str, ...] = ()
    skill: str | None = None
    on_silence: str | None = None
    on_cancel: str | None = None

    def step(self, step_id: str) -> Step:
        """The step of an id; raises KeyError where the flow was never checked."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(f"flow {self.id!r} has no step {step_id!r}")

    def slot(self, name: str) -> FlowSlot | None:
        """The slot of a name."""
        return next((slot for slot in self.slots if slot.name == name), None)

    def is_private(self, name: str) -> bool:
        """Whether a slot or given value is declared private."""
        slot = self.slot(name)
        given = next((g for g in self.given if g.name == name), None)
        return bool(slot and slot.private) or bool(given and given.private)
