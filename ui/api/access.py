"""What every endpoint asks for first: the wired workspace, a valid key, known parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from ui.api.errors import ApiError, ErrorCode
from ui.api.traffic import Traffic
from ui.keys import verify_key
from ui.scope import USUAL, Scope, allows
from ui.wiring import Wiring

_HEADER = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="A key made with `foreland key create`."
)
_BEARER = HTTPBearer(auto_error=False, description="The same key as `Authorization: Bearer`.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the key's id (None where the settings ask for no key) and what it may do."""

    key_id: str | None
    scopes: frozenset[Scope]


def wiring_of(request: Request) -> Wiring:
    """The workspace that this application serves."""
    wiring: Wiring = request.app.state.wiring
    return wiring


Workspace = Annotated[Wiring, Depends(wiring_of)]


def caller_of(request: Request) -> Caller:
    """Who was admitted to this request."""
    caller: Caller = request.state.caller
    return caller


def require_key(
    request: Request,
    header: Annotated[str | None, Security(_HEADER)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> str | None:
    """Id of the key that `ui.api.guard` admitted; here, so that the description shows the key."""
    return caller_of(request).key_id


KeyId = Annotated[str | None, Depends(require_key)]


async def presented_key(request: Request) -> str | None:
    """The key that came with a request; None where none did."""
    header = await _HEADER(request)
    bearer = await _BEARER(request)
    return header if header is not None else bearer.credentials if bearer else None


def admit(request: Request, presented: str | None, needed: Scope) -> Caller:
    """Who may go on: a valid key, within its limit, with the scope; raises a 401, 429 or 403."""
    wiring = wiring_of(request)
    if not wiring.settings.api_key_required:
        return Caller(None, USUAL)
    key = verify_key(wiring.key_store, presented) if presented else None
    if key is None:
        raise _unauthorized(presented)
    traffic: Traffic = request.app.state.traffic
    traffic.spend(request, key.id, key.limit or wiring.settings.api_limit)
    if not allows(key.scopes, needed):
        raise _forbidden(key.id, needed)
    return Caller(key.id, key.scopes)


def _unauthorized(presented: str | None) -> ApiError:
    problem = "no API key was given" if presented is None else "the API key is not valid"
    return ApiError(
        401,
        ErrorCode.UNAUTHORIZED,
        f"{problem}; send one in the header X-API-Key or as Authorization: Bearer"
        " (the operator makes keys with `foreland key create`)",
        headers={"WWW-Authenticate": 'Bearer realm="foreland"'},
    )


def _forbidden(key_id: str, needed: Scope) -> ApiError:
    challenge = f'Bearer realm="foreland", error="insufficient_scope", scope="{needed}"'
    return ApiError(
        403,
        ErrorCode.FORBIDDEN,
        f"this key lacks the scope {needed} ({needed.meaning}); the operator adds it with"
        f" `foreland key change {key_id} --add {needed}`",
        headers={"WWW-Authenticate": challenge},  # RFC 6750, 3.1
    )


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
