"""`/v1/campaigns`: outbound campaigns, their customers' results, and the do-not-call list.

Telephone numbers, names and private answers are masked in what this gives out, unless the key has
the scope personal:read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict
from pydantic.json_schema import SkipJsonSchema

from assist.call_result import CallCode, Evidence
from assist.campaign import Call, Campaign, CampaignStatus
from assist.campaign_export import CalleeResult, masked, results
from assist.campaign_file import RulesForm
from assist.campaign_list import from_rows
from assist.campaign_outcome import needed_columns
from assist.campaign_store import CampaignStore
from assist.errors import AssistError
from assist.flow import Flow
from assist.knowledge_table import Row
from news.published import CHINA
from ui.api.access import Workspace
from ui.api.errors import ApiError, ErrorCode
from ui.api.guard import BODIES, guarded
from ui.api.parameters import Whole, not_blank, printable, without_control_characters
from ui.api.personal import reveal
from ui.audit import Subject
from ui.outbound import outbound_flow
from ui.scope import Scope
from ui.wiring import Wiring

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

router = guarded(
    "/v1/campaigns",
    "campaigns",
    read=Scope.CAMPAIGNS_READ,
    write=Scope.CAMPAIGNS_WRITE,
    also=BODIES,
)

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
    def of(cls, campaign: Campaign, store: CampaignStore) -> CampaignBody:
        """From the store."""
        count, rules = store.count(campaign.id), campaign.rules
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
    """A campaign with its customers; longer lists come in by `foreland campaign create`."""

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
    customers: list[dict[Column, Cell]] = Field(min_length=1, max_length=MOST_CUSTOMERS)
    """One object a customer: `phone`, `id`, `customer_id`, `name`, `priority`, `deadline`, and what
    the flow says."""


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
        """From a call's result."""
        return cls(
            slot=evidence.slot,
            question=evidence.question,
            value=evidence.value,
            text=evidence.text,
            start=evidence.start,
            end=evidence.end,
            turn=evidence.turn,
            start_ms=evidence.start_ms,
            end_ms=evidence.end_ms,
        )


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


@router.get("", summary="List campaigns")
def listed(wiring: Workspace) -> CampaignList:
    """Every campaign of the workspace with its counts."""
    store = wiring.campaign_store
    return CampaignList(campaigns=[CampaignBody.of(campaign, store) for campaign in store.all()])


@router.post("", summary="Create a campaign", status_code=201)
def create(wiring: Workspace, body: NewCampaign, request: Request) -> CampaignBody:
    """Refused as a whole where one customer is not usable; 409 where the id is taken."""
    flow = outbound_flow(wiring, body.flow)
    if flow is None:
        known = ", ".join(flow.id for flow in wiring.flows)
        raise _invalid("flow", f"there is no flow {body.flow!r}; known are {known}")
    found = from_rows(_rows(body.customers), "customers", needed=needed_columns(flow))
    if found.problems:
        raise _invalid("customers", str(found.problems[0]))
    campaign = Campaign(body.id, body.title, flow.id, body.rules.rules())
    store = wiring.campaign_store
    try:
        store.create(campaign, found.callees, request.app.state.clock())
    except AssistError as error:
        raise ApiError(409, ErrorCode.CONFLICT, str(error), parameter="id") from error
    return CampaignBody.of(campaign, store)


@router.get("/{campaign_id}", summary="Read one campaign")
def one(wiring: Workspace, campaign_id: CampaignId) -> CampaignBody:
    """A campaign and how far it is."""
    return CampaignBody.of(_found(wiring, campaign_id), wiring.campaign_store)


@router.patch("/{campaign_id}", summary="Start, pause or close a campaign")
def change(wiring: Workspace, campaign_id: CampaignId, body: StatusBody) -> CampaignBody:
    """The same status again changes nothing; a closed campaign stays closed."""
    campaign, store = _found(wiring, campaign_id), wiring.campaign_store
    if campaign.status is not body.status:
        _refuse(campaign, body.status)
        if body.status is CampaignStatus.CLOSED:
            store.cancel(campaign_id)
        else:
            store.set_status(campaign_id, body.status)
    return CampaignBody.of(_found(wiring, campaign_id), store)


@router.get("/{campaign_id}/results", summary="Results of a campaign")
def result_page(
    wiring: Workspace,
    campaign_id: CampaignId,
    parameters: Annotated[ResultParameters, Query()],
    request: Request,
) -> ResultPage:
    """Customers with their calls and the words that prove their answers, page by page.

    Masked, unless the key has the scope personal:read.
    """
    campaign, store = _found(wiring, campaign_id), wiring.campaign_store
    after = -1 if parameters.after is None else parameters.after
    callees = tuple(store.callees(campaign_id, after=after, limit=parameters.limit))
    calls = [call for callee in callees for call in store.calls(campaign_id, callee.id)]
    flow = _flow(wiring, campaign)
    last = after + len(callees)
    clear = reveal(request, Subject.CAMPAIGN, campaign_id, f"customers {after + 1}-{last}")
    rows = [
        CalleeBody.of(found if clear else masked(found, flow)) for found in results(callees, calls)
    ]
    total = store.count(campaign_id).customers
    return ResultPage(
        total=total, next_after=last if callees and last + 1 < total else None, customers=rows
    )


def _rows(customers: Sequence[Mapping[str, str]]) -> Iterator[Row]:
    """Customers as the rows of a list, the header first."""
    header = tuple(dict.fromkeys(name for customer in customers for name in customer))
    yield Row(0, header)
    for number, customer in enumerate(customers):
        yield Row(number, tuple(customer.get(name, "") for name in header))


def _invalid(parameter: str, message: str) -> ApiError:
    return ApiError(422, ErrorCode.INVALID, message, parameter=parameter)


def _found(wiring: Wiring, campaign_id: str) -> Campaign:
    campaign = wiring.campaign_store.find(campaign_id)
    if campaign is None:
        raise ApiError(
            404,
            ErrorCode.NOT_FOUND,
            f"there is no campaign {campaign_id}; /v1/campaigns lists them",
            parameter="campaign_id",
        )
    return campaign


def _refuse(campaign: Campaign, wanted: CampaignStatus) -> None:
    closed = campaign.status is CampaignStatus.CLOSED
    if closed or wanted is CampaignStatus.DRAFT:
        raise ApiError(
            409,
            ErrorCode.CONFLICT,
            f"a {campaign.status} campaign cannot become {wanted};"
            + (" create a new one" if closed else " pause it instead"),
            parameter="status",
        )


def _flow(wiring: Wiring, campaign: Campaign) -> Flow | None:
    """The campaign's flow; None where the files no longer have it: then every answer is hidden."""
    return outbound_flow(wiring, campaign.flow_id)
