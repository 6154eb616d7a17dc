"""Lists and tables of `/v1/campaigns` as files, and what happens in a campaign as it happens."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from assist.campaign import Campaign, CampaignStatus
from assist.campaign_export import CalleeResult, masked, result_table, results
from assist.campaign_list import CallList, read_list
from assist.campaign_outcome import needed_columns
from assist.table_file import BOM, csv_lines, xlsx_table
from ui.api.access import Workspace
from ui.api.campaign_models import (
    CallEndBody,
    CampaignBody,
    CampaignId,
    ListBody,
    ListParameters,
)
from ui.api.campaigns import flow_of, found_campaign, invalid
from ui.api.errors import ApiError, ErrorCode
from ui.api.events import STREAM, LastEventId, ServerEvent, Streams
from ui.api.guard import BODIES, guarded
from ui.api.personal import reveal
from ui.audit import Subject
from ui.scope import Scope
from ui.wiring import Wiring

LARGEST_LIST = 32 * 1024 * 1024
"""Bytes of a list: some 200,000 customers as CSV."""
_PAGE = 500
_EVENTS = 200
_TOLD = 100
_IN_MESSAGE = 5
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS = {"text/csv": ".csv", _XLSX: ".xlsx"}
_FILE: dict[str, Any] = {
    "text/csv": {"schema": {"type": "string"}},
    _XLSX: {"schema": {"type": "string", "format": "binary"}},
}
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": _FILE}}
_TABLE: dict[int | str, dict[str, Any]] = {200: {"description": "The table.", "content": _FILE}}

router = guarded(
    "/v1/campaigns",
    "campaigns",
    read=Scope.CAMPAIGNS_READ,
    write=Scope.CAMPAIGNS_WRITE,
    also=BODIES,
)


class TableKind(StrEnum):
    """The form of a table."""

    CSV = "csv"
    XLSX = "xlsx"


@router.put("/{campaign_id}/customers", summary="Send the list as a file", openapi_extra=_BODY)
async def put_list(
    wiring: Workspace,
    campaign_id: CampaignId,
    parameters: Annotated[ListParameters, Query()],
    request: Request,
) -> ListBody:
    """Replaces the list of a draft: CSV (UTF-8 or GB18030) or .xlsx of at most 32 MiB.

    Rows that cannot be called are told with their number and the reason.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _KINDS:
        known = " or ".join(_KINDS)
        raise invalid("Content-Type", f"{kind[:60]!r} is no list; send {known}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{_KINDS[kind]}"
        await _receive(request, path)
        return await run_in_threadpool(_store, wiring, campaign_id, parameters, path)


@router.get(
    "/{campaign_id}/export",
    summary="Results as a table",
    response_class=Response,
    responses=_TABLE,
)
def export(
    wiring: Workspace,
    campaign_id: CampaignId,
    request: Request,
    form: Annotated[TableKind, Query(alias="format")] = TableKind.CSV,
) -> Response:
    """One row a customer: result, answers, the words that prove them.

    Masked, unless the key has the scope personal:read.
    """
    campaign = found_campaign(wiring, campaign_id)
    clear = reveal(request, Subject.CAMPAIGN, campaign_id, "the whole table")
    name = f'attachment; filename="{campaign_id}.{form}"'
    headers = {"Content-Disposition": name}
    rows = result_table(_results(wiring, campaign, clear=clear), flow_of(wiring, campaign))
    if form is TableKind.XLSX:
        return Response(xlsx_table(rows, campaign.title), media_type=_XLSX, headers=headers)
    lines = (line.encode("utf-8", "replace") for line in csv_lines(rows))
    return StreamingResponse(_after_mark(lines), media_type="text/csv", headers=headers)


@router.get(
    "/{campaign_id}/events",
    summary="Follow a campaign live",
    response_class=StreamingResponse,
    responses=STREAM,
)
def events(
    wiring: Workspace, campaign_id: CampaignId, request: Request, last: LastEventId = None
) -> StreamingResponse:
    """`call` for each call that ends, then `progress` with the campaign as it stands.

    Begins after `Last-Event-ID`, else with what happens from now on; 0 gives all calls.
    """
    found_campaign(wiring, campaign_id)
    streams: Streams = request.app.state.streams
    begin = int(last) if last else wiring.campaign_store.feed.last(campaign_id)
    return streams.response(_Reader(wiring, campaign_id, begin).read)


class _Reader:
    """What is new in a campaign since the last look."""

    def __init__(self, wiring: Wiring, campaign_id: str, after: int) -> None:
        self._wiring, self._campaign_id, self._after = wiring, campaign_id, after
        self._told: CampaignBody | None = None

    def read(self) -> Sequence[ServerEvent]:
        """Events in order; called from any thread, one call at a time."""
        store = self._wiring.campaign_store
        campaign = store.find(self._campaign_id)
        if campaign is None:
            return ()
        found: list[ServerEvent] = []
        while ends := store.feed.after(self._campaign_id, self._after, _EVENTS):
            found += [ServerEvent("call", CallEndBody.of(end), end.seq) for end in ends]
            self._after = ends[-1].seq
        now = CampaignBody.of(campaign, store.count(campaign.id))
        if now != self._told:
            found.append(ServerEvent("progress", now))
            self._told = now
        return found


async def _receive(request: Request, path: Path) -> None:
    """Write the request's body into a file as it comes; raises a 413."""
    size = 0
    with path.open("wb") as file:
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST_LIST:
                raise ApiError(
                    413,
                    ErrorCode.TOO_LARGE,
                    f"the list is larger than {LARGEST_LIST} bytes; make several campaigns of it",
                    headers={"Connection": "close"},
                )
            file.write(chunk)


def _store(wiring: Wiring, campaign_id: str, parameters: ListParameters, path: Path) -> ListBody:
    campaign = found_campaign(wiring, campaign_id)
    found = _read(wiring, campaign, parameters, path)
    if found.problems and not parameters.skip_bad:
        told = "; ".join(str(problem) for problem in found.problems[:_IN_MESSAGE])
        raise invalid("body", f"{len(found.problems)} problems, skip_bad=true leaves them: {told}")
    if not found.callees:
        raise invalid("body", "the list holds nobody who can be called; send one at least")
    if not wiring.campaign_store.replace_callees(campaign, found.callees):
        status = found_campaign(wiring, campaign_id).status
        raise ApiError(
            409,
            ErrorCode.CONFLICT,
            f"a {status} campaign keeps its list, only a {CampaignStatus.DRAFT} takes one;"
            " create a new campaign",
            parameter="campaign_id",
        )
    problems = [str(problem) for problem in found.problems]
    return ListBody(customers=len(found.callees), problems=len(problems), told=problems[:_TOLD])


def _read(wiring: Wiring, campaign: Campaign, parameters: ListParameters, path: Path) -> CallList:
    flow = flow_of(wiring, campaign)
    if flow is None:
        raise invalid("campaign_id", f"its flow {campaign.flow_id!r} is gone; create a new one")
    try:
        columns = parameters.pairs()
    except ValueError as error:
        raise invalid("columns", str(error)) from error
    return read_list(path, columns=columns, needed=needed_columns(flow))


def _results(wiring: Wiring, campaign: Campaign, *, clear: bool) -> Iterator[CalleeResult]:
    """Page by page, so that no long list is held; each page on the thread that reads it."""
    flow, place = flow_of(wiring, campaign), -1
    while True:
        store = wiring.campaign_store
        page = tuple(store.callees(campaign.id, after=place, limit=_PAGE))
        if not page:
            return
        place += len(page)
        calls = [call for callee in page for call in store.calls(campaign.id, callee.id)]
        for found in results(page, calls):
            yield found if clear else masked(found, flow)


def _after_mark(lines: Iterator[bytes]) -> Iterator[bytes]:
    yield BOM
    yield from lines
