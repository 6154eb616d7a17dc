"""One shape for every refusal: `{"error": {"code", "message", "parameter"?}}`.

A handler raises `ApiError`; this file also translates what the framework and the libraries raise.
"""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from assist.errors import HandoverError, HandoverInputError, UnknownHandoverError
from assist.errors import StoreError as KnowledgeStoreError
from news.errors import SearchError, StoreError
from ui.errors import ConversationLostError, ConversationUnknownError, UiError

_LOG = logging.getLogger(__name__)
_PARAMETER = re.compile(r"(q|entity|tag|industry|tone|from|to|as_of|facets|limit|cursor)\b")
_SHOWN = 40


class ErrorCode(StrEnum):
    """What went wrong, for programs; the message is for people."""

    BAD_REQUEST = "bad_request"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    INVALID = "invalid"
    TOO_MANY_REQUESTS = "too_many_requests"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"


class ErrorDetail(BaseModel):
    """Why a request was refused and what to do."""

    code: ErrorCode
    message: str = Field(description="For people: the value, what is allowed, the next step.")
    parameter: str | None = Field(None, description="The parameter or field at fault.")


class ErrorBody(BaseModel):
    """Body of every answer that is not a success."""

    error: ErrorDetail


class ApiError(UiError):
    """Ends a request with a status and an error body."""

    def __init__(
        self,
        status: int,
        code: ErrorCode,
        message: str,
        *,
        parameter: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.detail = ErrorDetail(code=code, message=message, parameter=parameter)
        self.headers = dict(headers or {})


_MEANING = {
    400: (ErrorCode.BAD_REQUEST, "The body is not JSON in UTF-8."),
    401: (ErrorCode.UNAUTHORIZED, "No valid API key."),
    403: (ErrorCode.FORBIDDEN, "The key lacks the scope for this address."),
    404: (ErrorCode.NOT_FOUND, "Nothing is known under this name."),
    405: (ErrorCode.METHOD_NOT_ALLOWED, "The address does not take this method."),
    409: (
        ErrorCode.CONFLICT,
        "Somebody else was faster, or the step does not fit how things stand.",
    ),
    413: (ErrorCode.TOO_LARGE, "The body is larger than 64 KiB."),
    422: (ErrorCode.INVALID, "A parameter or field is unknown or makes no sense."),
    429: (
        ErrorCode.TOO_MANY_REQUESTS,
        "The key made too many requests, or has too many streams.",
    ),
    500: (ErrorCode.INTERNAL, "A fault of the server, logged there."),
    503: (ErrorCode.UNAVAILABLE, "The database, or what it must hold, is not there now."),
}


_WAIT = {
    "Retry-After": {
        "description": "Seconds until it is worth trying again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Error answers of an endpoint, for the OpenAPI description."""
    answers: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        code, meaning = _MEANING[status]
        example = {"error": {"code": str(code), "message": meaning}}
        answers[status] = {
            "model": ErrorBody,
            "description": meaning,
            "content": {"application/json": {"example": example}},
        }
        if status == 429:
            answers[status]["headers"] = _WAIT
    return answers


def error_response(
    status: int, detail: ErrorDetail, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer that carries an error."""
    body = ErrorBody(error=detail).model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, status_code=status, headers=dict(headers or {}))


def add_error_handlers(app: FastAPI) -> None:
    """Give every error that a request can raise the one shape."""
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(SearchError, _search_refused)
    app.add_exception_handler(HTTPException, _http)
    for kind in _STATUS:
        app.add_exception_handler(kind, _step_refused)
    for error in (StoreError, KnowledgeStoreError, sqlite3.Error):
        app.add_exception_handler(error, _no_database)


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return error_response(error.status, error.detail, error.headers)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problem = error.errors()[0]
    # What follows the name is pydantic's, or the place in a list, which the message tells.
    place = problem["loc"][1:2]
    parameter = str(place[0]) if place else None
    if problem["type"] == "json_invalid":
        message = "the body is no valid JSON; send one JSON object in UTF-8"
        return error_response(
            422, ErrorDetail(code=ErrorCode.INVALID, message=message, parameter=None)
        )
    message = _explained(problem, _shown_place(problem))
    return error_response(
        422, ErrorDetail(code=ErrorCode.INVALID, message=message, parameter=parameter)
    )


def _shown_place(problem: Mapping[str, Any]) -> str | None:
    """The field, and in a list of objects which of them and its field: `articles[3].url`."""
    name, *inner = problem["loc"][1:4] or (None,)
    if name is None or not inner or not isinstance(inner[0], int):
        return None if name is None else str(name)
    known = problem["type"] != "extra_forbidden" and len(inner) > 1
    return f"{name}[{inner[0]}]" + (f".{inner[1]}" if known else "")


def _explained(problem: Mapping[str, Any], parameter: str | None) -> str:
    if parameter is None:
        return "the body is no JSON object; send one with the header Content-Type: application/json"
    kind, value, context = problem["type"], problem.get("input"), problem.get("ctx", {})
    if kind == "missing":
        return f"{parameter} is missing; give it"
    if kind == "extra_forbidden":
        return f"{parameter} is no field of this request; leave it out (see /docs)"
    if kind == "value_error":
        return f"{parameter}{_value(problem)}: {context.get('error')}"
    if kind == "string_too_long" and isinstance(value, str):
        return (
            f"{parameter} has {len(value)} characters; give at most {context['max_length']}:"
            " shorten it or send it in parts"
        )
    return f"{parameter}{_value(problem)}: {problem['msg'][:1].lower()}{problem['msg'][1:]}"


def _value(problem: Mapping[str, Any]) -> str:
    """`=value` for a parameter of the address; nothing for a body, which holds people's words."""
    value = problem.get("input")
    if problem["loc"][0] == "body" or not isinstance(value, str | int):
        return ""
    return f"={value[:_SHOWN] if isinstance(value, str) else value!r}"


def _search_refused(request: Request, error: Exception) -> JSONResponse:
    match = _PARAMETER.match(str(error))
    parameter = match[1] if match else None
    return error_response(
        422, ErrorDetail(code=ErrorCode.INVALID, message=str(error), parameter=parameter)
    )


# The nearest class of an error counts, whatever the order here.
_STATUS: dict[type[Exception], int] = {
    ConversationUnknownError: 404,
    ConversationLostError: 409,
    UnknownHandoverError: 404,
    HandoverInputError: 422,
    HandoverError: 409,
}


def _step_refused(request: Request, error: Exception) -> JSONResponse:
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    detail = ErrorDetail(code=_MEANING[status][0], message=str(error), parameter=None)
    return error_response(status, detail)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _MEANING.get(error.status_code, (ErrorCode.BAD_REQUEST, ""))[0]
    message = {
        400: "the body cannot be read; send one JSON object in UTF-8",
        404: "there is nothing at this address; /docs lists the addresses",
        405: f"{request.method} is not taken here; /docs lists what each address takes",
        413: "the body is too large; send it in parts",
    }.get(error.status_code, str(error.detail))
    return error_response(
        error.status_code,
        ErrorDetail(code=code, message=message, parameter=None),
        error.headers,
    )


def _no_database(request: Request, error: Exception) -> JSONResponse:
    # The library's message names paths, which stay in the log.
    _LOG.error("the database refused a request: %s: %s", type(error).__name__, error)
    message = "the workspace's database cannot be used now; try again in a few seconds"
    return error_response(
        503,
        ErrorDetail(code=ErrorCode.UNAVAILABLE, message=message, parameter=None),
        {"Retry-After": "5"},
    )
