"""What every endpoint asks for first: the wired workspace, a valid key, known parameters."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from ui.api.errors import ApiError, ErrorCode
from ui.keys import verify_key
from ui.wiring import Wiring

_HEADER = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="A key made with `foreland key create`."
)
_BEARER = HTTPBearer(auto_error=False, description="The same key as `Authorization: Bearer`.")


def wiring_of(request: Request) -> Wiring:
    """The workspace that this application serves."""
    wiring: Wiring = request.app.state.wiring
    return wiring


Workspace = Annotated[Wiring, Depends(wiring_of)]


def require_key(
    wiring: Workspace,
    header: Annotated[str | None, Security(_HEADER)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> str | None:
    """Id of the request's API key; None where the settings ask for no key. Raises a 401."""
    return _key_id(wiring, _presented(header, bearer))


def _presented(header: str | None, bearer: HTTPAuthorizationCredentials | None) -> str | None:
    if header is not None:
        return header
    return bearer.credentials if bearer else None


def _key_id(wiring: Wiring, presented: str | None) -> str | None:
    if not wiring.settings.api_key_required:
        return None
    key = verify_key(wiring.key_store, presented) if presented else None
    if key is None:
        problem = "no API key was given" if presented is None else "the API key is not valid"
        raise ApiError(
            401,
            ErrorCode.UNAUTHORIZED,
            f"{problem}; send one in the header X-API-Key or as Authorization: Bearer"
            " (the operator makes keys with `foreland key create`)",
            headers={"WWW-Authenticate": 'Bearer realm="foreland"'},
        )
    return key.id


class KeyFirstRoute(APIRoute):
    """Looks at the key before the body, which FastAPI would otherwise parse before it.

    Who has no key learns nothing else, not even that the body was wrong.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the check."""
        handler = super().get_route_handler()

        async def checked(request: Request) -> Response:
            presented = _presented(await _HEADER(request), await _BEARER(request))
            await run_in_threadpool(_key_id, wiring_of(request), presented)
            return await handler(request)

        return checked


KeyId = Annotated[str | None, Depends(require_key)]


def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a query parameter that the address does not know, or one given twice.

    A misspelt filter that is silently dropped gives a wrong answer that looks right.
    """
    known = _known_parameters(request)
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            allowed = f"known are {', '.join(known)}" if known else "this address takes none"
            raise ApiError(
                422,
                ErrorCode.INVALID,
                f"unknown parameter {name[:40]!r}; {allowed}",
                parameter=name[:40],
            )
        if name in seen:
            raise ApiError(
                422, ErrorCode.INVALID, f"{name} is given twice; give it once", parameter=name
            )
        seen.add(name)


def _known_parameters(request: Request) -> tuple[str, ...]:
    """Names from the published description, so that it and the check cannot differ."""
    paths = request.app.openapi()["paths"]
    operation = paths[request.scope["route"].path][request.method.lower()]
    return tuple(p["name"] for p in operation.get("parameters", ()) if p["in"] == "query")
