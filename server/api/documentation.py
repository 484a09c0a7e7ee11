"""The two tools as plain requests, metered like tool calls."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, WithJsonSchema

from indexer.answers import DocsAnswer, Resolution
from indexer.search.packing import MAX_PAGE
from server.api.models import ApiModel, problem_responses
from server.api.request_state import open_record
from server.api.services import AnyVisitor, Services
from server.call_record import QUERY_TOOL, RESOLVE_TOOL
from server.gate.request_headers import client_of
from server.mcp.arguments import (
    MAX_NAME_CHARS,
    MAX_QUERY_CHARS,
    MAX_TOKENS,
    MIN_TOKENS,
    read_query,
    read_resolve,
)

router = APIRouter(tags=["documentation"])

Question = Annotated[str, Query(min_length=1, max_length=MAX_QUERY_CHARS, description="What the caller wants to know")]
Name = Annotated[str, Query(alias="libraryName", min_length=1, max_length=MAX_NAME_CHARS)]
LibraryId = Annotated[
    str, Query(min_length=1, max_length=MAX_NAME_CHARS, examples=["/django/django", "/django/django/5.2"])
]
# Read by the same rules, and refused in the same words, as the arguments of the tools.
Tokens = Annotated[
    str | None,
    WithJsonSchema({"type": "integer"}),
    Query(
        description=f"The most tokens to return, {MIN_TOKENS} to {MAX_TOKENS} and no more than the server allows; "
        "what is beyond is cut to that, and `budgetTokens` says to what. Passages are whole: an answer of a single one "
        "may have more"
    ),
]
Page = Annotated[
    str | None,
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_PAGE}),
    Query(
        description=f"Goes on where the page before ended, for the same query and tokens; 1, the default, to {MAX_PAGE}"
    ),
]


class LibraryBody(ApiModel):
    """A library a name may mean."""

    id: str
    title: str
    description: str
    snippet_count: int
    token_count: int
    versions: tuple[str, ...]
    default_version: str | None
    last_indexed_at: datetime | None
    score: float
    match: str = Field(
        description="How it was found: `name`, `spelling`, `owner` (its organisation is called so), "
        "or `topic`: only by what it is about, a guess"
    )


class ResolutionBody(ApiModel):
    """The libraries a name may mean, best first."""

    libraries: tuple[LibraryBody, ...]


class SnippetBody(ApiModel):
    """One passage of an answer and where it is from."""

    chunk_id: UUID
    title: str
    source_url: str
    version: str
    content_type: str
    token_count: int
    indexed_at: datetime


class LinkBody(ApiModel):
    """A section that fits the question and is not in the answer."""

    title: str
    source_url: str


class AnswerBody(ApiModel):
    """The text query-docs gives, and what it was made of; passages best first, links likewise."""

    library_id: str
    version: str
    text: str
    token_count: int
    snippets: tuple[SnippetBody, ...]
    uses_meaning: bool
    notice: str | None
    page: int
    budget_tokens: int
    links: tuple[LinkBody, ...]
    has_more: bool


@router.get("/resolve", summary="Find the libraries a name may mean", operation_id="resolveLibraryId")
async def resolve(
    request: Request, response: Response, visitor: AnyVisitor, services: Services, query: Question, library_name: Name
) -> ResolutionBody:
    """Gives what the tool resolve-library-id gives, as data."""
    record = open_record(request, RESOLVE_TOOL)

    async def answer() -> Resolution:
        arguments = read_resolve({"query": query, "libraryName": library_name})
        record.query = arguments.query
        async with services.desk.deadline(record):
            resolution = await services.answers.resolve(
                arguments.query, arguments.library_name, viewer=visitor.caller.user_id
            )
        record.answered(tokens=0)
        return resolution

    resolution = await services.desk.run(visitor, client_of(request.headers), record, answer)
    response.headers.update(record.headers)
    return ResolutionBody.model_validate(resolution)


@router.get(
    "/search", summary="Read a library's documentation", operation_id="queryDocs", responses=problem_responses(404)
)
async def search(
    request: Request,
    response: Response,
    visitor: AnyVisitor,
    services: Services,
    library: LibraryId,
    query: Question,
    tokens: Tokens = None,
    page: Page = None,
) -> AnswerBody:
    """Gives what the tool query-docs gives, with the passages it is made of."""
    record = open_record(request, QUERY_TOOL)

    async def answer() -> DocsAnswer:
        arguments = read_query({"libraryId": library, "query": query, "tokens": tokens, "page": page})
        record.query, record.library_id = arguments.query, arguments.library_id
        async with services.desk.deadline(record):
            found = await services.answers.query_docs(
                arguments.library_id,
                arguments.query,
                arguments.tokens,
                arguments.page,
                viewer=visitor.caller.user_id,
            )
        record.answered(tokens=found.token_count, library_id=found.library_id)
        return found

    found = await services.desk.run(visitor, client_of(request.headers), record, answer)
    response.headers.update(record.headers)
    return AnswerBody.model_validate(found)
