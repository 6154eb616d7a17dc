"""What agents and supervisors send: who takes the step, and what it needs."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from ui.api.chat import LONGEST_TEXT
from ui.api.errors import ApiError, ErrorCode
from ui.api.parameters import not_blank, printable, without_control_characters

_Name = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=40),
    AfterValidator(printable),
    AfterValidator(not_blank),
]
_Id = Annotated[str, StringConstraints(strict=True, pattern="^[a-z0-9][a-z0-9_-]{0,39}$")]
_Remark = Annotated[
    str,
    StringConstraints(strict=True, max_length=500),
    AfterValidator(without_control_characters),
]


class Agent(BaseModel):
    """Who takes the step."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"agent": "小王"}]},
    )

    agent: _Name
    """The name or number that the customer is told."""


class Words(Agent):
    """What an agent says."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"agent": "小王", "text": "您好，请问有什么可以帮您？"}]}
    )

    text: Annotated[
        str,
        StringConstraints(strict=True, min_length=1, max_length=LONGEST_TEXT),
        AfterValidator(without_control_characters),
        AfterValidator(not_blank),
    ]


class Remark(Agent):
    """Who moves it, with a note that only colleagues see."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"agent": "小王", "note": "客户问两融保证金"}]}
    )

    note: _Remark = ""


class Transfer(Remark):
    """Where it goes: to a group or to a colleague who is there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"agent": "小王", "group": "trading", "note": "客户问两融保证金"},
                {"agent": "小王", "to": "小李"},
            ]
        }
    )

    group: _Id | None = Field(None, description="Id of the group; give it or `to`.")
    to: _Name | None = Field(None, description="The colleague; give it or `group`.")

    def check(self) -> None:
        """Raises a 422 unless exactly one goal is given."""
        if (self.group is None) == (self.to is None):
            given = "neither is given" if self.group is None else "both are given"
            raise ApiError(
                422,
                ErrorCode.INVALID,
                f"{given}; name the group that it goes to, or in `to` the agent",
                parameter="group",
            )


class Ending(Remark):
    """Who ends it, with a note for colleagues and how it ended."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"agent": "小王", "note": "已说明开通条件", "outcome": "solved"}]
        }
    )

    outcome: _Id | None = None
    """One of the `outcomes` that GET /v1/handovers lists."""
