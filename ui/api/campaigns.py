"""`/v1/campaigns`: outbound campaigns, their customers' results, and how they are steered.

Telephone numbers, names and private answers are masked in what this gives out, unless the key has
the scope personal:read. Lists, tables and the live view are in `ui/api/campaign_files.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from fastapi import Query, Request

from assist.campaign import Callee, Campaign, CampaignStatus
from assist.campaign_export import masked, results
from assist.campaign_list import from_rows
from assist.campaign_outcome import needed_columns
from assist.campaign_store import CampaignCount
from assist.errors import AssistError, HandoverInputError
from assist.flow import Flow
from assist.knowledge_table import Row
from ui.api.access import Workspace
from ui.api.campaign_models import (
    CalleeBody,
    CampaignBody,
    CampaignId,
    CampaignList,
    NewCampaign,
    ResultPage,
    ResultParameters,
    StatusBody,
)
from ui.api.errors import ApiError, ErrorCode
from ui.api.guard import BODIES, guarded
from ui.api.once import Once
from ui.api.personal import reveal
from ui.audit import Subject
from ui.outbound import outbound_flow
from ui.scope import Scope
from ui.wiring import Wiring

router = guarded(
    "/v1/campaigns",
    "campaigns",
    read=Scope.CAMPAIGNS_READ,
    write=Scope.CAMPAIGNS_WRITE,
    also=BODIES,
)


@router.get("", summary="List campaigns")
def listed(wiring: Workspace) -> CampaignList:
    """Every campaign of the workspace with its counts."""
    store = wiring.campaign_store
    return CampaignList(
        campaigns=[CampaignBody.of(campaign, store.count(campaign.id)) for campaign in store.all()]
    )


@router.post("", summary="Create a campaign", status_code=201)
def create(wiring: Workspace, body: NewCampaign, once: Once, request: Request) -> CampaignBody:
    """Refused as a whole where one customer is not usable; 409 where the id is taken."""
    flow = outbound_flow(wiring, body.flow)
    if flow is None:
        known = ", ".join(flow.id for flow in wiring.flows)
        raise invalid("flow", f"there is no flow {body.flow!r}; known are {known}")
    campaign = Campaign(body.id, body.title, flow.id, body.rules.rules())
    callees = _callees(body.customers, flow) if body.customers else ()
    try:
        wiring.campaign_store.create(campaign, callees, request.app.state.clock(), once)
    except HandoverInputError:
        raise
    except AssistError as error:
        raise ApiError(409, ErrorCode.CONFLICT, str(error), parameter="id") from error
    # As it was created, also where the request is sent again later.
    return CampaignBody.of(campaign, CampaignCount(len(callees), (), 0, 0))


@router.get("/{campaign_id}", summary="Read one campaign")
def one(wiring: Workspace, campaign_id: CampaignId) -> CampaignBody:
    """A campaign and how far it is."""
    return campaign_body(wiring, campaign_id)


@router.patch("/{campaign_id}", summary="Start, pause or close a campaign")
def change(wiring: Workspace, campaign_id: CampaignId, body: StatusBody) -> CampaignBody:
    """The same status again changes nothing; a closed campaign stays closed."""
    campaign, store = found_campaign(wiring, campaign_id), wiring.campaign_store
    if campaign.status is not body.status:
        _refuse(campaign, body.status)
        if body.status is CampaignStatus.RUNNING and store.count(campaign_id).customers == 0:
            told = "has no customers; PUT /v1/campaigns/{id}/customers sends the list"
            raise ApiError(409, ErrorCode.CONFLICT, f"{campaign_id} {told}", parameter="status")
        if body.status is CampaignStatus.CLOSED:
            store.cancel(campaign_id)
        else:
            store.set_status(campaign_id, body.status)
    return campaign_body(wiring, campaign_id)


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
    campaign, store = found_campaign(wiring, campaign_id), wiring.campaign_store
    after = -1 if parameters.after is None else parameters.after
    callees = tuple(store.callees(campaign_id, after=after, limit=parameters.limit))
    calls = [call for callee in callees for call in store.calls(campaign_id, callee.id)]
    flow = flow_of(wiring, campaign)
    last = after + len(callees)
    clear = reveal(request, Subject.CAMPAIGN, campaign_id, f"customers {after + 1}-{last}")
    rows = [
        CalleeBody.of(found if clear else masked(found, flow)) for found in results(callees, calls)
    ]
    total = store.count(campaign_id).customers
    return ResultPage(
        total=total, next_after=last if callees and last + 1 < total else None, customers=rows
    )


def campaign_body(wiring: Wiring, campaign_id: str) -> CampaignBody:
    """A campaign as it stands; raises a 404."""
    campaign = found_campaign(wiring, campaign_id)
    return CampaignBody.of(campaign, wiring.campaign_store.count(campaign_id))


def _callees(customers: Sequence[Mapping[str, str]], flow: Flow) -> tuple[Callee, ...]:
    found = from_rows(_rows(customers), "customers", needed=needed_columns(flow))
    if found.problems:
        raise invalid("customers", str(found.problems[0]))
    return found.callees


def _rows(customers: Sequence[Mapping[str, str]]) -> Iterator[Row]:
    """Customers as the rows of a list, the header first."""
    header = tuple(dict.fromkeys(name for customer in customers for name in customer))
    yield Row(0, header)
    for number, customer in enumerate(customers):
        yield Row(number, tuple(customer.get(name, "") for name in header))


def invalid(parameter: str, message: str) -> ApiError:
    """A 422 that names the field."""
    return ApiError(422, ErrorCode.INVALID, message, parameter=parameter)


def found_campaign(wiring: Wiring, campaign_id: str) -> Campaign:
    """A campaign by its id; raises a 404."""
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


def flow_of(wiring: Wiring, campaign: Campaign) -> Flow | None:
    """The campaign's flow; None where the files no longer have it: then every answer is hidden."""
    return outbound_flow(wiring, campaign.flow_id)
