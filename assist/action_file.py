"""`actions.yaml`: what flows may order, who does it, and where the firm's system is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from assist.action import ActionSpec, Adapter
from assist.errors import KnowledgeError

_Name = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]*$", max_length=40)]
_SAFE_URL = re.compile(
    r"https://[^\s@?#]+|http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:/[^\s@?#]*)?"
)


@dataclass(frozen=True, slots=True)
class HttpEndpoint:
    """The firm's system: POST `url`/NAME.

    `timeout` is of one attempt in seconds, from the first byte sent to the last read; `retries`
    follow the first attempt, after `pause` seconds that double; `largest` bytes of an answer are
    read at most.
    """

    url: str
    timeout: float = 3.0
    retries: int = 2
    pause: float = 0.2
    largest: int = 65_536


@dataclass(frozen=True, slots=True)
class ActionFile:
    """What the file says; `customers` is a file beside it."""

    specs: tuple[ActionSpec, ...]
    http: HttpEndpoint | None
    customers: str


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ActionForm(_Form):
    """One action. `private`: tells facts of the verified customer; `changes`: does something."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    adapter: Adapter | None = Field(None, description="left out: that of the file")
    arguments: list[_Name] = []
    optional: list[_Name] = []
    returns: list[_Name] = []
    private: bool = False
    changes: bool = False
    verifies: bool = False

    def spec(self, name: str, adapter: Adapter) -> ActionSpec:
        """As the package's own type."""
        return ActionSpec(
            name, self.title, self.adapter or adapter, (*self.arguments, *self.optional),
            tuple(self.optional), tuple(self.returns), self.private, self.changes, self.verifies,
        )  # fmt: skip


class HttpForm(_Form):
    """Where the firm's system is; plain http only on this machine."""

    url: Annotated[str, StringConstraints(pattern=f"^(?:{_SAFE_URL.pattern})$")]
    timeout: float = Field(3.0, gt=0, le=30)
    retries: int = Field(2, ge=0, le=5)
    pause: float = Field(0.2, ge=0, le=5)
    largest: int = Field(65_536, ge=1024, le=1_048_576)

    def endpoint(self) -> HttpEndpoint:
        """As the package's own type."""
        url = self.url.rstrip("/")
        return HttpEndpoint(url, self.timeout, self.retries, self.pause, self.largest)


class ActionFileForm(_Form):
    """The file of actions."""

    adapter: Adapter = Adapter.SAMPLE
    http: HttpForm | None = None
    customers: str = "customers.sample.tsv"
    actions: dict[_Name, ActionForm]


def read_actions(path: Path) -> ActionFile:
    """Read the file; raises KnowledgeError naming it and what is wrong."""
    try:
        form = ActionFileForm.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise KnowledgeError(f"{path}: cannot be read as YAML ({error})") from error
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise KnowledgeError(f"{path}: {'; '.join(faults)}") from error
    specs = tuple(action.spec(name, form.adapter) for name, action in form.actions.items())
    if form.http is None and any(spec.adapter is Adapter.HTTP for spec in specs):
        raise KnowledgeError(f"{path}: has http actions; add `http: {{url: https://…}}`")
    return ActionFile(specs, form.http.endpoint() if form.http else None, form.customers)


def action_schema() -> str:
    """The JSON schema (2020-12) of the file, as text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= ActionFileForm.model_json_schema(by_alias=True)
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
