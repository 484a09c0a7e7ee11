"""What all bodies of the API have in common."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from server.problems import PROBLEM_TYPE

# Further away, arithmetic with zones and periods leaves what a date can hold.
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]
From = Annotated[Moment | None, Query(description="Start of the period, with its zone; it counts in")]
Until = Annotated[Moment | None, Query(description="End of the period, with its zone; it does not count in")]


class ApiModel(BaseModel):
    """A body of the API: names in camelCase on the wire, nothing but the names it knows."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, from_attributes=True, frozen=True, extra="forbid"
    )


class ProblemBody(BaseModel):
    """Problem details; some problems carry further members with their facts.

    Source: RFC 9457.
    """

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="For programs; it never changes its meaning")
    request_id: str = Field(alias="requestId")


def problem_responses(*statuses: int | str) -> dict[int | str, dict[str, Any]]:
    """Gives the OpenAPI entries of error answers."""
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    return {status: {"model": ProblemBody, "content": {PROBLEM_TYPE: {"schema": schema}}} for status in statuses}
