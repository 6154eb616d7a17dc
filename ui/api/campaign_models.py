"""Bodies of `/v1/campaigns`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict
from pydantic.json_schema import SkipJsonSchema

from assist.call_result import CallCode, Evidence
from assist.campaign import Call, Campaign, CampaignStatus
from assist.campaign_export import CalleeResult
from assist.campaign_feed import CallEnd
from assist.campaign_file import RulesForm
from assist.campaign_store import CampaignCount
from news.published import CHINA
from ui.api.parameters import Flag, Whole, not_blank, printable, without_control_characters

MOST_ROWS = 200
"""Customers on a page of results."""

MOST_CUSTOMERS = 500
"""Customers of one request."""
Column = Annotated[str, StringConstraints(max_length=60), AfterValidator(printable)]
Cell = Annotated[
    str, StringConstraints(strict=True, max_length=500), AfterValidator(without_control_characters)
]
_EXAMPLE: JsonDict = {
    "id": "ipo-2026-03",
    "title": "新股中签通知",
    "flow": "ipo-allotment",
    "rules": {"lines": 20, "days": "trading"},
    "customers": [
        {
            "phone": "13800000001",
            "customer_id": "K10001",
            "salutation": "张女士",
            "birth_date": "1980-01-02",
            "stock_name": "示例股份",
            "stock_code": "730001",
            "shares": "1000",
            "amount": "12500",
            "pay_by": "3月5日下午四点",
        }
    ],
}

CampaignId = Annotated[
    str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$", description="Id from the list of campaigns.")
]


class CampaignBody(BaseModel):
    """A campaign and how far it is."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str = Field(examples=["ipo-2026-03"])
    title: str = Field(examples=["新股中签通知"])
    flow: str = Field(examples=["ipo-allotment"])
    status: CampaignStatus
    rehearsal: bool
    """True: simulated customers, nobody is really called."""
    lines: int = Field(examples=[20])
    """Calls at once at most."""
    deadline: datetime | None = Field(examples=["2026-03-05T16:00:00+08:00"])
    customers: int = Field(examples=[2000])
    finished: int = Field(examples=[1480])
    """Customers that have their one result."""
    open_calls: int = Field(examples=[20])
    calls: int = Field(examples=[2215])
    """Calls made, retries counted."""
    codes: dict[CallCode, int] = Field(examples=[{"completed": 900, "refused": 40}])
    """Customers by result."""

    @classmethod
    def of(cls, campaign: Campaign, count: CampaignCount) -> CampaignBody:
        """From the store."""
        rules = campaign.rules
        return cls(
            id=campaign.id,
            title=campaign.title,
            flow=campaign.flow_id,
            status=campaign.status,
            rehearsal=campaign.rehearsal,
            lines=rules.lines,
            deadline=rules.deadline.astimezone(CHINA) if rules.deadline else None,
            customers=count.customers,
            finished=count.finished,
            open_calls=count.open_calls,
            calls=count.calls,
            codes=dict(count.codes),
        )


class CampaignList(BaseModel):
    """Every campaign, newest first."""

    campaigns: list[CampaignBody]


class StatusBody(BaseModel):
    """What a campaign shall do from now on."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"status": "paused"}]},
    )

    status: CampaignStatus
    """running: calls may begin; paused: none begin; closed: over, who was not called is cancelled.
    """


class NewCampaign(BaseModel):
    """A campaign with its customers; a longer list is sent as a file afterwards."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [_EXAMPLE]},
    )

    id: Annotated[str, StringConstraints(strict=True, pattern="^[a-z0-9][a-z0-9-]{0,50}$")]
    title: Annotated[
        str,
        StringConstraints(strict=True, min_length=1, max_length=100),
        AfterValidator(printable),
        AfterValidator(not_blank),
    ]
    flow: Annotated[str, StringConstraints(strict=True, max_length=100), AfterValidator(printable)]
    rules: RulesForm = RulesForm()
    """Hours, days, lines, retries, deadline; each has a default."""
    customers: (
        Annotated[list[dict[Column, Cell]], Field(min_length=1, max_length=MOST_CUSTOMERS)]
        | SkipJsonSchema[None]
    ) = None
    """One object a customer: `phone`, `id`, `customer_id`, `name`, `priority`, `deadline`, and what
    the flow says. Left out, the list comes by PUT /v1/campaigns/{id}/customers."""


class EvidenceBody(BaseModel):
    """An answer with the customer's words that prove it."""

    slot: str = Field(examples=["will_pay"])
    question: str = Field(examples=["缴款打算"])
    value: str = Field(examples=["pay"])
    text: str = Field(examples=["我会按时缴款的"])
    start: int = Field(examples=[1])
    end: int = Field(examples=[6])
    turn: int = Field(examples=[4])
    start_ms: int | None = Field(examples=[None])
    end_ms: int | None = Field(examples=[None])

    @classmethod
    def of(cls, evidence: Evidence) -> EvidenceBody:
        """From a call's result, whose fields these are."""
        return cls.model_validate(evidence, from_attributes=True)


class CallBody(BaseModel):
    """One call to a customer."""

    id: str
    attempt: int = Field(examples=[1])
    started_at: datetime
    ended_at: datetime | None
    code: CallCode | None = Field(description="Null while it runs.")
    note: str
    call_back_at: datetime | None
    disclosed: list[str] = Field(
        description="Disclosures delivered in full.", examples=[["pay_notice"]]
    )
    evidence: list[EvidenceBody]

    @classmethod
    def of(cls, call: Call) -> CallBody:
        """From the store, masked already."""
        result = call.result
        back = result.call_back_at if result else None
        return cls(
            id=call.id,
            attempt=call.attempt,
            started_at=call.started_at.astimezone(CHINA),
            ended_at=call.ended_at.astimezone(CHINA) if call.ended_at else None,
            code=result.code if result else None,
            note=result.note if result else "",
            call_back_at=back.astimezone(CHINA) if back else None,
            disclosed=[name for name, _ in result.disclosed] if result else [],
            evidence=[EvidenceBody.of(item) for item in result.evidence] if result else [],
        )


class CalleeBody(BaseModel):
    """A customer of the list with their result and calls."""

    id: str = Field(examples=["r2"])
    customer_id: str = Field(examples=["K10023"])
    phone: str = Field(examples=["138****0000"])
    code: CallCode | None = Field(description="The one result; null while calls may follow.")
    attempts: int = Field(examples=[1])
    next_at: datetime | None = Field(description="Not called before.")
    calls: list[CallBody]

    @classmethod
    def of(cls, found: CalleeResult) -> CalleeBody:
        """From a masked result."""
        callee = found.callee
        return cls(
            id=callee.id,
            customer_id=callee.customer_id,
            phone=callee.phone,
            code=callee.code,
            attempts=callee.attempts,
            next_at=callee.next_at.astimezone(CHINA) if callee.next_at else None,
            calls=[CallBody.of(call) for call in found.calls],
        )


class ResultPage(BaseModel):
    """One page of customers in the list's order."""

    total: int = Field(examples=[2000])
    next_after: int | None = Field(
        description="Give it as `after` for the next page; null: this was the last.", examples=[99]
    )
    customers: list[CalleeBody]


class ResultParameters(BaseModel):
    """Which page."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    after: Whole | SkipJsonSchema[None] = Field(None, ge=0)
    """`next_after` of the page before."""
    limit: Whole = Field(100, ge=1, le=MOST_ROWS)
    """Customers on a page."""


class ListParameters(BaseModel):
    """How to read a list."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    columns: Annotated[str, StringConstraints(max_length=2000), AfterValidator(printable)] = Field(
        "", examples=["中签股数:shares,应缴金额:amount"]
    )
    """Headers of the list and the names by which the flow knows them."""
    skip_bad: Flag = False
    """true: rows that cannot be called are left out; else one of them refuses the list."""

    def pairs(self) -> dict[str, str]:
        """Headers with their names; raises ValueError where a pair has no colon."""
        pairs = [pair.partition(":") for pair in self.columns.split(",") if pair.strip()]
        if not all(colon for _, colon, _ in pairs):
            raise ValueError("columns: write 中签股数:shares,应缴金额:amount")
        return {header.strip(): name.strip() for header, _, name in pairs}


class ListBody(BaseModel):
    """What came of a list that was sent."""

    customers: int = Field(description="Customers that can be called.", examples=[1998])
    problems: int = Field(description="Rows and columns at fault.", examples=[2])
    told: list[str] = Field(
        description="The first hundred of them.",
        examples=[["list.csv: row 3: 手机号 is no telephone number; write 11 digits"]],
    )


class CallEndBody(BaseModel):
    """A call that ended. Words and answers stand in the campaign's results."""

    customer: str = Field(description="Id in the list.", examples=["r2"])
    attempt: int = Field(examples=[1])
    code: CallCode
    final: bool = Field(description="True: no further call to this customer follows.")
    started_at: datetime
    ended_at: datetime

    @classmethod
    def of(cls, end: CallEnd) -> CallEndBody:
        """From the feed."""
        return cls(
            customer=end.callee_id,
            attempt=end.attempt,
            code=end.code,
            final=end.final,
            started_at=end.started_at.astimezone(CHINA),
            ended_at=end.ended_at.astimezone(CHINA),
        )
