"""A campaign's results as a table: one row a customer, each answer with the words that prove it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from assist.call_result import CHINESE, CallCode, CallResult, Evidence
from assist.campaign import Call, Callee
from assist.campaign_list import NAME, masked_phone
from assist.flow import Flow
from assist.privacy import mask
from news.published import CHINA

HIDDEN = "***"
_HEAD = (
    "编号", "客户号", "姓名", "手机号", "结果码", "结果", "拨打次数", "最近通话", "约定回拨",
    "已完整播报", "备注",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CalleeResult:
    """What is known of one customer: the list's row, and the latest call that had words."""

    callee: Callee
    calls: tuple[Call, ...]

    @property
    def code(self) -> CallCode | None:
        """The final result; None while calls may follow."""
        return self.callee.code

    @property
    def telling(self) -> CallResult | None:
        """The result to show: the latest with answers, else the latest."""
        ended = [call.result for call in self.calls if call.result is not None]
        answered = [result for result in ended if result.evidence]
        last = answered or ended
        return last[-1] if last else None


def results(callees: Iterable[Callee], calls: Iterable[Call]) -> Iterator[CalleeResult]:
    """Customers with their calls, in the order of the list."""
    by_callee: dict[str, list[Call]] = {}
    for call in calls:
        by_callee.setdefault(call.callee_id, []).append(call)
    for callee in callees:
        yield CalleeResult(callee, tuple(by_callee.get(callee.id, ())))


def masked(result: CalleeResult, flow: Flow | None) -> CalleeResult:
    """The same without what identifies the customer: telephone, name, private answers."""
    fields = tuple(
        (name, masked_name(value) if name == NAME else _masked_field(name, value, flow))
        for name, value in result.callee.fields
    )
    callee = replace(result.callee, phone=masked_phone(result.callee.phone), fields=fields)
    calls = tuple(
        replace(
            call,
            phone=masked_phone(call.phone),
            result=_masked_result(call.result, flow) if call.result else None,
            state=None,
        )
        for call in result.calls
    )
    return CalleeResult(callee, calls)


def masked_name(name: str) -> str:
    """张**: the family name only."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def result_table(found: Iterable[CalleeResult], flow: Flow | None) -> Iterator[tuple[str, ...]]:
    """Header and rows; two columns a slot of the flow: the answer and the customer's words."""
    slots = [slot for slot in flow.slots if slot.name != "back_at"] if flow else []
    labels = [slot.label or slot.name for slot in slots]
    yield (*_HEAD, *(text for label in labels for text in (label, f"{label}（原话）")))
    for item in found:
        told = {e.slot: e for e in item.telling.evidence} if item.telling else {}
        answers = (_answer(told.get(slot.name)) for slot in slots)
        yield (*_head(item), *(text for pair in answers for text in pair))


def _head(item: CalleeResult) -> tuple[str, ...]:
    callee, told = item.callee, item.telling
    code = callee.code
    last = item.calls[-1] if item.calls else None
    back = last.result.call_back_at if last and last.result else None
    return (
        callee.id,
        callee.customer_id,
        dict(callee.fields).get(NAME, ""),
        callee.phone,
        code or "",
        CHINESE[code] if code else "进行中",
        str(callee.attempts),
        _local(last.started_at) if last else "",
        _local(back) if back else "",
        "；".join(name for name, _ in told.disclosed) if told else "",
        told.note if told else "",
    )


def _answer(evidence: Evidence | None) -> tuple[str, str]:
    return (evidence.value, evidence.text) if evidence else ("", "")


def _masked_field(name: str, value: str, flow: Flow | None) -> str:
    return HIDDEN if flow and flow.is_private(name) else value


def _masked_result(result: CallResult, flow: Flow | None) -> CallResult:
    def hide(item: Evidence) -> Evidence:
        if flow is None or flow.is_private(item.slot):
            return replace(item, value=HIDDEN, text=HIDDEN, start=0, end=len(HIDDEN))
        return replace(item, text=mask(item.text))  # as long as it was: the span still fits

    return replace(result, evidence=tuple(hide(item) for item in result.evidence))


def _local(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
