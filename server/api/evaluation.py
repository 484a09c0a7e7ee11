"""Measuring answers: known questions asked of the index as served, and questions made of its own links.

For those who manage libraries: neither billed nor limited like answers.
"""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from crawler.globs import first_match
from indexer.evaluation.configurations import SERVED
from indexer.evaluation.measures import Outcome
from indexer.evaluation.questions import MAX_QUERY_CHARS, Gold, KnownQuestion
from indexer.evaluation.service import EvaluationService, IsWanted, Trial
from server.api.library_services import KeeperOf, Services
from server.api.models import ApiModel, problem_responses
from server.mcp.arguments import MAX_TOKENS, MIN_TOKENS

MOST_AT_ONCE = 50
MOST_MADE = 1000

router = APIRouter(prefix="/evaluations", tags=["evaluation"], responses=problem_responses(404))

Id = Annotated[str, Field(max_length=2048, examples=["/python/docs/3.13"])]
Pattern = Annotated[str, Field(min_length=1, max_length=200)]
Patterns = Annotated[tuple[Pattern, ...], Field(max_length=50)]


class NewEvaluation(ApiModel):
    """Questions, and what to ask them of."""

    library: Id
    configuration: str = Field(default=SERVED, max_length=100, description="Which fields the ranking uses")
    tokens: int | None = Field(default=None, ge=MIN_TOKENS, le=MAX_TOKENS, description="The most tokens of an answer")
    excludes: Patterns = Field(default=(), description="Path patterns of pages that count as not indexed")
    questions: tuple[KnownQuestion, ...] = Field(min_length=1, max_length=MOST_AT_ONCE)


class PlaceBody(ApiModel):
    """A gold answer in this index; none of either if it is not there."""

    pages: tuple[str, ...] = Field(description="Those its path means")
    sections: tuple[str, ...] | None = Field(description="Those its anchor is in, if it has one; else any of the pages")


class OutcomeBody(ApiModel):
    """What came of a question."""

    id: str
    found: tuple[str, ...] = Field(description="Sections in the order of the ranking, before packing; at most 100")
    answered: tuple[str, ...] = Field(description="Sections of the passages a client gets")
    gold: tuple[PlaceBody, ...]
    tokens: int
    milliseconds: float = Field(description="From the question to the packed answer, inside the server")


class EvaluationBody(ApiModel):
    """What came of questions, in their order."""

    library: str
    version: str
    configuration: str
    tokens: int
    outcomes: tuple[OutcomeBody, ...]
    notice: str | None = Field(description="What was in the way of comparing meanings")


class NewQuestions(ApiModel):
    """What to make questions of."""

    library: Id
    pages: Patterns = Field(default=(), description="Path patterns; by default release notes, or else all pages")
    limit: int = Field(default=250, ge=1, le=MOST_MADE)


class QuestionBody(ApiModel):
    """A question as a file of questions has it."""

    id: str
    query: Annotated[str, Field(max_length=MAX_QUERY_CHARS)]
    masked: str | None
    gold: tuple[Gold, ...]
    source: str | None = Field(alias="from")


class QuestionsBody(ApiModel):
    """Questions, and how many sentences made none, by reason."""

    questions: tuple[QuestionBody, ...]
    sentences: int = Field(description="Sentences that link to another page of the library")
    dropped: dict[str, int]


def _service_of(request: Request) -> EvaluationService:
    return cast("EvaluationService", request.app.state.evaluation)


Service = Annotated[EvaluationService, Depends(_service_of)]


@router.post("", summary="Ask known questions", operation_id="evaluate")
async def evaluate(keeper: KeeperOf, services: Services, service: Service, new: NewEvaluation) -> EvaluationBody:
    """Asks questions whose answers are known, and gives what was found, in how many tokens and milliseconds."""
    keeper.check((await services.version(new.library, keeper.user_id)).owner_id)
    trial = Trial(new.library, new.configuration, new.tokens, _matching(new.excludes), keeper.user_id)
    evaluation = await service.ask(trial, new.questions)
    outcomes = zip(new.questions, evaluation.outcomes, strict=True)
    return EvaluationBody(
        library=evaluation.library_id,
        version=evaluation.version,
        configuration=evaluation.configuration,
        tokens=evaluation.tokens,
        outcomes=tuple(_outcome_body(question.id, outcome) for question, outcome in outcomes),
        notice=evaluation.notice,
    )


@router.post("/questions", summary="Make questions of a library", operation_id="makeQuestions")
async def make_questions(keeper: KeeperOf, services: Services, service: Service, new: NewQuestions) -> QuestionsBody:
    """Makes questions of sentences that link to a section of another page; asks nobody but the snapshot."""
    keeper.check((await services.version(new.library, keeper.user_id)).owner_id)
    made = await service.make(new.library, new.limit, _matching(new.pages), viewer=keeper.user_id)
    questions = tuple(QuestionBody.model_validate(question.model_dump(by_alias=True)) for question in made.questions)
    return QuestionsBody(questions=questions, sentences=made.sentences, dropped=dict(made.dropped))


def _matching(patterns: tuple[str, ...]) -> IsWanted | None:
    return (lambda path: first_match(patterns, path) is not None) if patterns else None


def _outcome_body(id_: str, outcome: Outcome) -> OutcomeBody:
    return OutcomeBody(
        id=id_,
        found=tuple(outcome.found),
        answered=tuple(outcome.answered),
        gold=tuple(PlaceBody(pages=place.pages, sections=place.sections) for place in outcome.gold),
        tokens=outcome.tokens,
        milliseconds=outcome.milliseconds,
    )
