"""How a call to a customer ended: one code, what was answered, and the words that prove it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum


class CallCode(StrEnum):
    """The one result of a call; the values are part of the files and of the HTTP interface."""

    COMPLETED = "completed"  # the flow came to its end, every question answered
    REACHED = "reached"  # the right person heard it, but the call ended before the last question
    REFUSED = "refused"  # does not want this conversation
    BUSY = "busy"  # has no time now
    DRIVING = "driving"
    CALL_BACK = "call_back"  # asked for a certain time
    WRONG_PERSON = "wrong_person"
    DECEASED = "deceased"
    DO_NOT_CALL = "do_not_call"  # wants no call again; goes onto the list
    UNVERIFIED = "unverified"  # said to be the right person but could not prove it
    HANDED_OVER = "handed_over"  # a person took the call over
    REVIEW = "review"  # the answers contradict each other: a person has to look
    SILENT = "silent"  # answered the telephone and said nothing
    HUNG_UP = "hung_up"
    NO_ANSWER = "no_answer"
    LINE_BUSY = "line_busy"
    SWITCHED_OFF = "switched_off"
    VOICEMAIL = "voicemail"
    INVALID_NUMBER = "invalid_number"
    FAILED = "failed"  # a fault on our side
    EXPIRED = "expired"  # the deadline came before the first call
    CANCELLED = "cancelled"  # the campaign was stopped before the first call


FINAL = frozenset(
    {
        CallCode.COMPLETED,
        CallCode.REACHED,
        CallCode.REFUSED,
        CallCode.WRONG_PERSON,
        CallCode.DECEASED,
        CallCode.DO_NOT_CALL,
        CallCode.UNVERIFIED,
        CallCode.HANDED_OVER,
        CallCode.REVIEW,
        CallCode.INVALID_NUMBER,
        CallCode.EXPIRED,
        CallCode.CANCELLED,
    }
)
"""After these nobody is called again in the campaign; after the others retries are left."""

UNANSWERED = frozenset(
    {
        CallCode.NO_ANSWER,
        CallCode.LINE_BUSY,
        CallCode.SWITCHED_OFF,
        CallCode.VOICEMAIL,
        CallCode.INVALID_NUMBER,
    }
)
"""What a line may report where no person answered. A voicemail that the line takes for a person is
recognised by its words."""

WITHOUT_CALL = frozenset({CallCode.EXPIRED, CallCode.CANCELLED})
"""Results of customers who were never called."""

CHINESE = {
    CallCode.COMPLETED: "完成",
    CallCode.REACHED: "已通知未完成",
    CallCode.REFUSED: "拒绝",
    CallCode.BUSY: "客户忙",
    CallCode.DRIVING: "开车中",
    CallCode.CALL_BACK: "约定回拨",
    CallCode.WRONG_PERSON: "非本人",
    CallCode.DECEASED: "客户已故",
    CallCode.DO_NOT_CALL: "免打扰",
    CallCode.UNVERIFIED: "身份未核实",
    CallCode.HANDED_OVER: "转人工",
    CallCode.REVIEW: "待人工复核",
    CallCode.SILENT: "接通无应答",
    CallCode.HUNG_UP: "中途挂断",
    CallCode.NO_ANSWER: "无人接听",
    CallCode.LINE_BUSY: "占线",
    CallCode.SWITCHED_OFF: "关机",
    CallCode.VOICEMAIL: "语音信箱",
    CallCode.INVALID_NUMBER: "空号",
    CallCode.FAILED: "外呼故障",
    CallCode.EXPIRED: "超过期限未拨打",
    CallCode.CANCELLED: "任务取消",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that an answer rests on.

    `start` and `end` are offsets in `text`, what the customer said in turn number `turn` (from 1);
    `start_ms` and `end_ms` are those of the turn in the recording, None where there is none.
    """

    slot: str
    question: str
    value: str
    text: str
    start: int
    end: int
    turn: int
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CallResult:
    """What came of one call. `call_back_at` is set where the customer named a time.

    `disclosed` are the disclosures that were delivered in full, with the moment (UTC, ISO 8601).
    """

    code: CallCode
    note: str = ""
    call_back_at: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    disclosed: tuple[tuple[str, str], ...] = ()
    turns: int = 0

    def to_json(self) -> str:
        """The result as text, to be kept."""
        raw = asdict(self)
        raw["call_back_at"] = self.call_back_at.isoformat() if self.call_back_at else None
        return json.dumps(raw, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> CallResult:
        """Read a result back that `to_json` wrote."""
        raw = json.loads(text)
        at = raw["call_back_at"]
        return cls(
            CallCode(raw["code"]),
            raw["note"],
            datetime.fromisoformat(at) if at else None,
            tuple(Evidence(**item) for item in raw["evidence"]),
            tuple((name, moment) for name, moment in raw["disclosed"]),
            raw["turns"],
        )
