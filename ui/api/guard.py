"""Routers whose addresses cannot be reached without a key that has the scope for it.

A router names its scopes once; every address added to it asks for them, shows them in the
description and, where the router `masks`, gives out no personal data that was not revealed.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request, Response, Security, params
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from ui.api.access import admit, presented_key, refuse_unknown_parameters, require_key
from ui.api.errors import documented
from ui.api.personal import looking, shielded
from ui.api.traffic import Traffic
from ui.scope import Scope

_READING = {"GET", "HEAD"}
_ANSWERS = (401, 403, 405, 422, 429, 500, 503)
BODIES = (400, 404, 409, 413)
"""Refusals of addresses that take bodies and change what stands under an id."""


class GuardedRoute(APIRoute):
    """Looks at the key before the body, which FastAPI would otherwise parse before it.

    Who has no key learns nothing else, not even that the body was wrong.
    """

    @property
    def scope(self) -> Scope:
        """What a key needs for this address; raises TypeError where nobody said so."""
        for dependency in self.dependencies:
            if isinstance(dependency, params.Security) and dependency.scopes:
                return Scope(dependency.scopes[0])
        raise TypeError(f"{self.path} names no scope; add it to a router made by `guarded`")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the check."""
        handler, scope = super().get_route_handler(), self.scope

        async def checked(request: Request) -> Response:
            presented = await presented_key(request)
            caller = await run_in_threadpool(admit, request, presented, scope)
            request.state.caller = caller
            with looking():
                response = await handler(request)
            traffic: Traffic = request.app.state.traffic
            return traffic.hold(response, caller.key_id)

        return checked


class GuardedRouter(APIRouter):
    """Adds the scope to each address: `read` for GET, `write` for the rest."""

    def __init__(self, *, read: Scope, write: Scope, masks: bool, **options: Any) -> None:
        super().__init__(route_class=GuardedRoute, **options)
        self._read, self._write, self._masks = read, write, masks

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add an address behind its scope."""
        reads = set(options.get("methods") or ["GET"]) <= _READING
        needed = Security(require_key, scopes=[self._read if reads else self._write])
        options["dependencies"] = [needed, *(options.get("dependencies") or ())]
        super().add_api_route(path, shielded(endpoint) if self._masks else endpoint, **options)


def guarded(
    prefix: str,
    tag: str,
    *,
    read: Scope,
    write: Scope | None = None,
    masks: bool = False,
    also: Sequence[int] = (),
) -> GuardedRouter:
    """A router under `prefix` for keys with the scope `read` or, to change things, `write`.

    `write` is `read` where it is left out. `masks`: texts in its answers are masked unless the
    endpoint called `ui.api.personal.reveal`. `also`: statuses that not every router answers with.
    """
    return GuardedRouter(
        prefix=prefix,
        tags=[tag],
        read=read,
        write=write or read,
        masks=masks,
        dependencies=[Depends(refuse_unknown_parameters)],
        responses=documented(*sorted({*_ANSWERS, *also})),
    )
