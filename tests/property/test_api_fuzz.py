"""Whatever a client sends, the API answers as its own description says (schemathesis)."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from assist.answer import Answer, AnswerKind
from assist.conversation import Conversation
from ui.api.app import create_app
from ui.keys import create_key
from ui.rate_limit import Period, RateLimit
from ui.scope import Scope
from ui.settings import Settings
from ui.wiring import Wiring

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    ignored_auth,
]


OPERATIONS = [
    ("get", "/v1/news/search"),
    ("get", "/v1/news/{article_id}"),
    ("get", "/v1/entities/{code}"),
    ("get", "/v1/graph/neighbours"),
    ("post", "/v1/chat/messages"),
    ("post", "/v1/conversations"),
    ("get", "/v1/conversations/{conversation_id}"),
    ("get", "/v1/conversations/{conversation_id}/turns"),
    ("post", "/v1/conversations/{conversation_id}/turns"),
    ("get", "/v1/conversations/{conversation_id}/events"),
    ("get", "/v1/handovers"),
    ("get", "/v1/handovers/events"),
    ("get", "/v1/handovers/{handover_id}"),
    ("post", "/v1/handovers/{handover_id}/claim"),
    ("post", "/v1/handovers/{handover_id}/say"),
    ("post", "/v1/handovers/{handover_id}/return"),
    ("post", "/v1/handovers/{handover_id}/close"),
    ("get", "/v1/handovers/alerts"),
    ("post", "/v1/handovers/alerts/{alert_id}/acknowledge"),
    ("post", "/v1/handovers/sign"),
    ("post", "/v1/handovers/{handover_id}/notes"),
    ("post", "/v1/handovers/{handover_id}/release"),
    ("post", "/v1/handovers/{handover_id}/takeover"),
    ("post", "/v1/handovers/{handover_id}/transfer"),
    ("get", "/v1/campaigns"),
    ("post", "/v1/campaigns"),
    ("get", "/v1/campaigns/{campaign_id}"),
    ("patch", "/v1/campaigns/{campaign_id}"),
    ("get", "/v1/campaigns/{campaign_id}/results"),
    ("put", "/v1/campaigns/{campaign_id}/customers"),
    ("get", "/v1/campaigns/{campaign_id}/export"),
    ("get", "/v1/campaigns/{campaign_id}/events"),
    ("post", "/v1/news/articles"),
    ("delete", "/v1/news/{article_id}"),
    ("get", "/v1/graph/paths"),
    ("get", "/v1/graph/affected"),
    ("get", "/v1/watchlists"),
    ("post", "/v1/watchlists"),
    ("get", "/v1/watchlists/{watchlist_id}"),
    ("patch", "/v1/watchlists/{watchlist_id}"),
    ("delete", "/v1/watchlists/{watchlist_id}"),
    ("get", "/v1/watchlists/{watchlist_id}/matches"),
    ("get", "/v1/watchlists/{watchlist_id}/deliveries"),
    ("get", "/healthz"),
]


class Listener:
    """An assistant that remembers and takes everything."""

    def respond(self, text: str, state: str | None) -> tuple[Answer, str]:
        """Say back what was said."""
        return Answer(AnswerKind.ANSWER, text, 1.0), f"{state or ''}."

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """The same for conversations."""
        answer = Answer(AnswerKind.ANSWER, text, 1.0)
        return answer, (conversation or Conversation()).after(text, answer)


class Workspace(Wiring):
    """The workspace with that assistant."""

    assistant: Any = Listener()


@pytest.fixture(scope="module")
def api(api_workspace: Settings) -> tuple[Any, str]:
    """The application over sample articles, and a key."""
    wiring = Workspace(api_workspace)
    everything, often = frozenset(Scope), RateLimit(1_000_000, Period.SECOND)
    key = create_key(wiring.key_store, "fuzz", scopes=everything, limit=often)
    return create_app(wiring, stream_seconds=0), key


@pytest.fixture(scope="module")
def description(api: tuple[Any, str]) -> Any:
    """The published description, as a client would load it."""
    # A wrong body may also be too large, which is refused before it is read.
    refusals = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]
    config = SchemathesisConfig.from_dict(
        {"checks": {"negative_data_rejection": {"expected-statuses": refusals}}}
    )
    return schemathesis.openapi.from_asgi("/openapi.json", api[0], config=config)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_a_documented_one(
    description: Any, api: tuple[Any, str], method: str, path: str, mode: GenerationMode
) -> None:
    """No 5xx, no undocumented status or shape; what the description forbids is refused."""
    operation = description[path][method]
    if mode is GenerationMode.NEGATIVE and path == "/healthz":
        pytest.skip("takes no parameter that could be wrong")

    @settings(
        max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        # schemathesis counts a null as wrong but leaves it out of the address.
        assume(None not in (case.query or {}).values())
        case.call_and_validate(headers={"X-API-Key": api[1]}, checks=CHECKS)

    check()


def test_every_operation_is_tried(description: Any) -> None:
    """A new address cannot be forgotten here."""
    found = {
        (operation.ok().method, operation.ok().path)
        for operation in description.get_all_operations()
    }
    assert found == set(OPERATIONS)
