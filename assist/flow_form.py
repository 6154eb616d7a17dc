"""The form of flow files, as pydantic models; nothing else in the package sees these.

The JSON schema that editors' programs use is made from them: `flow_schema`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

from assist import flow as flows
from assist.slot import Choice, SlotSpec, SlotType

FIRST_KEYS = ("collect", "branch", "call", "link", "hand_over", "end", "disclose", "say")
"""The field that makes a step what it is; the first of these that a step holds counts."""
_NAME = "^[a-z][a-z0-9_]*$"
_ID = "^[a-z0-9]+([-_][a-z0-9]+)*$"


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


_Id = Annotated[str, StringConstraints(pattern=_ID, max_length=80)]
_Name = Annotated[str, StringConstraints(pattern=_NAME, max_length=40)]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
_Value = Annotated[str, BeforeValidator(_as_text)]
_Values = Annotated[list[_Value], BeforeValidator(_as_list)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SlotForm(_Form):
    """A value to ask for; minimum, maximum and the wordings are those of a slot."""

    type: SlotType
    label: str = Field("", description="what customers call it, as 金额; used in corrections")
    ask: _Text
    reask: str = ""
    invalid: str = ""
    choices: dict[str, Annotated[list[_Value], BeforeValidator(_as_list)]] = {}
    minimum: _Value | None = None
    maximum: _Value | None = None
    pattern: str | None = None
    confirm: flows.Confirm = flows.Confirm.LOW
    private: bool = False
    heated: bool = Field(False, description="angry words are an answer here, no alarm")

    @field_validator("choices")
    @classmethod
    def _labelled(cls, choices: dict[str, list[str]]) -> dict[str, list[str]]:
        for value, words in choices.items():
            if not words or not all(words):
                raise ValueError(f"the choice {value!r} has no wording; give it at least one")
        return choices

    @model_validator(mode="after")
    def _complete(self) -> SlotForm:
        if self.type is SlotType.CHOICE and len(self.choices) < 2:
            raise ValueError("a choice needs two or more choices, as choices: {a: [甲], b: [乙]}")
        return self

    def slot(self, name: str) -> flows.FlowSlot:
        """As the package's own type."""
        choices = tuple(Choice(value, tuple(words)) for value, words in self.choices.items())
        spec = SlotSpec(
            name, self.type, choices, self.minimum, self.maximum, self.pattern,
            self.ask, self.reask, self.invalid,
        )  # fmt: skip
        return flows.FlowSlot(spec, self.confirm, self.private, self.label, self.heated)


class GivenForm(_Form):
    """A value that is known at the start, from a call list or the customer's record."""

    sample: _Value = ""
    private: bool = False
    required: bool = True


class ConditionForm(_Form):
    """One test of a value, as {slot: amount, at_least: 3000}."""

    slot: _Name
    is_: _Value | None = Field(None, alias="is")
    is_not: _Value | None = None
    in_: _Values | None = Field(None, alias="in")
    not_in: _Values | None = None
    at_least: _Value | None = None
    at_most: _Value | None = None
    same_as: _Name | None = None
    differs_from: _Name | None = None
    known: bool | None = None

    @model_validator(mode="after")
    def _one_test(self) -> ConditionForm:
        if len(self._tests()) != 1:
            names = ", ".join(flows.Comparison)
            raise ValueError(f"needs exactly one of {names}; it has {len(self._tests())}")
        return self

    def _tests(self) -> list[tuple[str, Any]]:
        fields = {"is": self.is_, "in": self.in_} | {
            name: getattr(self, name, None) for name in flows.Comparison if name not in ("is", "in")
        }
        return [(name, value) for name, value in fields.items() if value is not None]

    def condition(self) -> flows.Condition:
        """As the package's own type."""
        name, value = self._tests()[0]
        if isinstance(value, bool):
            values: tuple[str, ...] = ("yes" if value else "no",)
        else:
            values = tuple(value) if isinstance(value, list) else (value,)
        return flows.Condition(self.slot, flows.Comparison(name), values)


class CaseForm(_Form):
    """Where to go if a condition, or all of several, hold."""

    if_: Annotated[list[ConditionForm], BeforeValidator(_as_list)] = Field(alias="if", min_length=1)
    go: _Id

    def case(self) -> flows.Case:
        """As the package's own type."""
        return flows.Case(tuple(c.condition() for c in self.if_), self.go)


class _StepForm(_Form):
    id: _Id
    requires: list[_Id] = []


class _OnwardForm(_StepForm):
    next: _Id | None = Field(None, description="the step after it; left out: the next in the file")


class SayForm(_OnwardForm):
    """Says something, with a page to open where one is given."""

    say: _Text
    page: str | None = None

    def step(self, after: str) -> flows.Step:
        """As the package's own type; `after` is the next step in the file."""
        to = self.next or after
        return flows.Say(self.id, self.say, to, self.page, tuple(self.requires))


class DiscloseForm(_OnwardForm):
    """Says what must be heard to its end; mandatory: no completing end without it."""

    disclose: _Text
    mandatory: bool = False

    def step(self, after: str) -> flows.Step:
        """As the package's own type."""
        return flows.Disclose(self.id, self.disclose, self.next or after, tuple(self.requires))


class CollectForm(_OnwardForm):
    """Asks for a slot."""

    collect: _Name
    ask: _Text | None = None
    otherwise: _Id | None = None
    tries: int = Field(3, ge=1, le=9)
    fresh: bool = False

    def step(self, after: str) -> flows.Step:
        """As the package's own type."""
        return flows.Collect(
            self.id, self.collect, self.next or after, self.ask, self.otherwise,
            self.tries, self.fresh, tuple(self.requires),
        )  # fmt: skip


class BranchForm(_OnwardForm):
    """Goes where the first case says that holds, else to `next`."""

    branch: list[CaseForm] = Field(min_length=1)

    def step(self, after: str) -> flows.Step:
        """As the package's own type."""
        cases = tuple(case.case() for case in self.branch)
        return flows.Branch(self.id, cases, self.next or after, tuple(self.requires))


class CallForm(_OnwardForm):
    """Calls an action; `with` maps its arguments to values, `returns` names what it gives."""

    call: _Name
    with_: dict[_Name, _Name] = Field({}, alias="with")
    returns: list[_Name] = []
    verifies: bool = False
    private: bool = False
    otherwise: _Id | None = None

    def step(self, after: str) -> flows.Step:
        """As the package's own type."""
        return flows.Call(
            self.id, self.call, self.next or after, tuple(self.with_.items()), tuple(self.returns),
            self.verifies, self.private, self.otherwise, tuple(self.requires),
        )  # fmt: skip


class LinkForm(_OnwardForm):
    """Runs another flow; give: its name → ours, take: our name → its name or `result`."""

    link: _Id
    give: dict[_Name, _Name] = {}
    take: dict[_Name, _Name] = {}
    otherwise: _Id | None = None

    def step(self, after: str) -> flows.Step:
        """As the package's own type."""
        return flows.Link(
            self.id, self.link, self.next or after, tuple(self.give.items()),
            tuple(self.take.items()), self.otherwise, tuple(self.requires),
        )  # fmt: skip


class HandOverForm(_StepForm):
    """Hands over to a skill group; `default` is the flow's own."""

    hand_over: _Id
    say: _Text | None = None

    def step(self, after: str) -> flows.Step:
        """As the package's own type."""
        skill = None if self.hand_over == "default" else self.hand_over
        return flows.HandOver(self.id, self.say, skill, tuple(self.requires))


class EndForm(_StepForm):
    """Ends the flow with a result code."""

    end: _Id
    say: _Text | None = None

    def step(self, after: str) -> flows.Step:
        """As the package's own type."""
        return flows.End(self.id, self.end, self.say, tuple(self.requires))


def step_kind(raw: Any) -> str | None:
    """Which field makes a step what it is; None where it holds none of them."""
    if isinstance(raw, dict):
        return next((key for key in FIRST_KEYS if key in raw), None)
    return next((key for key in FIRST_KEYS if hasattr(raw, key)), None)


StepForm = Annotated[
    Annotated[CollectForm, Tag("collect")]
    | Annotated[BranchForm, Tag("branch")]
    | Annotated[CallForm, Tag("call")]
    | Annotated[LinkForm, Tag("link")]
    | Annotated[HandOverForm, Tag("hand_over")]
    | Annotated[EndForm, Tag("end")]
    | Annotated[DiscloseForm, Tag("disclose")]
    | Annotated[SayForm, Tag("say")],
    Discriminator(step_kind),
]


class InterjectionForm(_Form):
    """What may be said at any point; `words` add to the wordings known under its name."""

    words: list[_Text] = []
    say: _Text | None = None
    go: _Id | None = None
    unverifies: bool = False

    @model_validator(mode="after")
    def _does_something(self) -> InterjectionForm:
        if self.say is None and self.go is None:
            raise ValueError("needs `say` (a reply), `go` (a step) or both")
        return self

    def interjection(self, name: str) -> flows.Interjection:
        """As the package's own type."""
        return flows.Interjection(name, tuple(self.words), self.say, self.go, self.unverifies)


class FlowForm(_Form):
    """A flow file."""

    id: _Id
    title: _Text
    version: int = Field(ge=1)
    start: _Id | None = Field(None, description="left out: the first step")
    skill: _Id | None = None
    triggers: list[_Text] = []
    given: dict[_Name, GivenForm] = {}
    slots: dict[_Name, SlotForm] = {}
    interjections: dict[_Name, InterjectionForm] = {}
    results: list[_Id] = Field([], description="allowed result codes; left out: those of its ends")
    completing: list[_Id] = ["completed"]
    on_silence: _Id | None = None
    on_cancel: _Id | None = None
    steps: list[StepForm] = Field(min_length=1)

    def flow(self) -> flows.Flow:
        """As the package's own type."""
        following = [step.id for step in self.steps[1:]] + [""]
        steps = tuple(s.step(n) for s, n in zip(self.steps, following, strict=True))
        disclosures = [s for s in self.steps if isinstance(s, DiscloseForm)]
        ends = dict.fromkeys(step.result for step in steps if isinstance(step, flows.End))
        return flows.Flow(
            id=self.id,
            title=self.title,
            version=self.version,
            start=self.start or self.steps[0].id,
            steps=steps,
            slots=tuple(form.slot(name) for name, form in self.slots.items()),
            given=_given(self.given),
            mandatory=tuple(s.id for s in disclosures if s.mandatory),
            results=tuple(self.results or ends),
            completing=tuple(self.completing),
            interjections=tuple(f.interjection(n) for n, f in self.interjections.items()),
            triggers=tuple(self.triggers),
            skill=self.skill,
            on_silence=self.on_silence,
            on_cancel=self.on_cancel,
        )


def _given(forms: dict[str, GivenForm]) -> tuple[flows.Given, ...]:
    return tuple(flows.Given(n, f.private, f.required, f.sample) for n, f in forms.items())


def flow_schema() -> str:
    """The JSON schema (2020-12) of a flow file, as text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= FlowForm.model_json_schema(by_alias=True)
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def known_fields(loc: Sequence[str | int]) -> tuple[str, ...]:
    """Field names that are allowed where an error lies; empty where that cannot be told."""
    tags: dict[str, type[BaseModel]] = {
        "collect": CollectForm, "branch": BranchForm, "call": CallForm, "link": LinkForm,
        "hand_over": HandOverForm, "end": EndForm, "disclose": DiscloseForm, "say": SayForm,
    }  # fmt: skip
    parents: dict[str, type[BaseModel]] = {
        "slots": SlotForm,
        "given": GivenForm,
        "interjections": InterjectionForm,
    }
    form: type[BaseModel] | None = FlowForm if len(loc) == 1 else parents.get(str(loc[0]))
    if loc[0] == "steps" and len(loc) > 3:
        inner: dict[str, type[BaseModel]] = {"branch": CaseForm, "if": ConditionForm}
        form = inner.get(str(loc[-3])) or tags.get(str(loc[2]))
    return tuple(f.alias or name for name, f in form.model_fields.items()) if form else ()
