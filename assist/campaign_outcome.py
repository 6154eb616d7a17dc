"""The result of a call, read from where its dialogue stands; and how a list feeds a flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from assist.call_result import UNANSWERED, WITHOUT_CALL, CallCode, CallResult, Evidence
from assist.campaign import Callee
from assist.flow import Flow
from assist.flow_state import DialogueState, Filled, Mode
from news.published import CHINA

CALL_BACK_SLOT = "back_at"
"""The slot in which every outbound flow collects the time for another call."""
_NOT_SPOKEN = WITHOUT_CALL | UNANSWERED - {CallCode.VOICEMAIL}


def has_ended(state: DialogueState) -> bool:
    """Whether nothing more is to be said by the bot."""
    return state.mode is not Mode.BOT


def dialogue_result(flow: Flow, state: DialogueState) -> CallResult:
    """What came of a call whose dialogue stands so, ended or hung up in the middle.

    Who hung up after every mandatory disclosure was delivered was reached; who hung up before
    that, hung up.
    """
    disclosed = tuple(
        (item.disclosure, item.at.isoformat()) for item in state.delivered if item.flow == flow.id
    )
    evidence = tuple(_evidence(flow, filled) for filled in _values(state) if filled.turn)
    code = _code(state)
    note = ""
    if code is None:
        told = set(flow.mandatory) <= {name for name, _ in disclosed} and bool(flow.mandatory)
        code = CallCode.REACHED if told else CallCode.HUNG_UP
    elif code is CallCode.FAILED:
        note = f"the flow ended as {state.result!r}, which is no result of a call"
    back = state.value(CALL_BACK_SLOT) if code is CallCode.CALL_BACK else None
    return CallResult(
        code, note, _moment(back.value) if back else None, evidence, disclosed, state.turn
    )


def identity_matches(arguments: Mapping[str, str], now: datetime) -> Mapping[str, str]:
    """The action `match_identity`: whether what was `said` is what is `known`.

    Compares letters and digits only, so that 1980-01-02 and 19800102 are the same.
    """
    said, known = (_bare(arguments.get(name, "")) for name in ("said", "known"))
    return {"verified": "yes" if said and said == known else "no"}


def given_values(flow: Flow, callee: Callee) -> dict[str, str]:
    """What the list says of a customer, by the names that the flow knows."""
    fields = dict(callee.fields)
    return {given.name: fields[given.name] for given in flow.given if given.name in fields}


def needed_columns(flow: Flow) -> tuple[str, ...]:
    """The columns that a list for this flow must fill."""
    return tuple(given.name for given in flow.given if given.required)


def _code(state: DialogueState) -> CallCode | None:
    if state.mode in (Mode.WAITING, Mode.HUMAN):
        return CallCode.HANDED_OVER
    if state.mode is not Mode.ENDED or state.result is None:
        return None
    if state.result == "hung_up":
        return None
    try:
        code = CallCode(state.result)
    except ValueError:
        return CallCode.FAILED
    return CallCode.FAILED if code in _NOT_SPOKEN else code


def _values(state: DialogueState) -> tuple[Filled, ...]:
    found: dict[str, Filled] = {}
    for slots in (
        *(item.slots for item in state.finished),
        *(frame.slots for frame in state.stack),
    ):
        found |= {filled.name: filled for filled in slots}
    return tuple(found.values())


def _evidence(flow: Flow, filled: Filled) -> Evidence:
    slot = flow.slot(filled.name)
    return Evidence(
        filled.name,
        slot.label or slot.spec.ask if slot else filled.name,
        filled.value,
        filled.words,
        filled.start,
        filled.end,
        filled.turn,
        filled.start_ms,
        filled.end_ms,
    )


def _moment(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def _bare(text: str) -> str:
    """Letters and digits; the parts of a date are filled up to 2 digits."""
    parts = re.findall(r"\d+|[A-Za-z\u4e00-\u9fff]+", text)
    return "".join(p.zfill(2) if p.isdigit() else p.upper() for p in parts if p not in "年月日号")
