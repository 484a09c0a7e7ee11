"""Questions whose answers are known, as lines of JSON."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import InvalidInput
from core.validation import reason_of

MOST_QUESTIONS = 10_000
MAX_LINE_BYTES = 262_144
MAX_QUERY_CHARS = 4000
_MAX_PATH_CHARS = 2048
_MOST_GOLD = 50


class Gold(BaseModel):
    """Where an answer is: a page's path, and an anchor in it; without an anchor the whole page is the answer."""

    model_config = ConfigDict(frozen=True)

    path: str = Field(max_length=_MAX_PATH_CHARS, description="Relative to the directory that all pages are under")
    anchor: str = Field(default="", max_length=_MAX_PATH_CHARS)


class KnownQuestion(BaseModel):
    """A question, and every place that answers it."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    id: str = Field(min_length=1, max_length=200)
    query: str = Field(min_length=1, max_length=MAX_QUERY_CHARS)
    masked: str | None = Field(
        default=None, min_length=1, max_length=MAX_QUERY_CHARS, description="The same without names"
    )
    gold: tuple[Gold, ...] = Field(min_length=1, max_length=_MOST_GOLD)
    source: str | None = Field(
        default=None,
        alias="from",
        max_length=_MAX_PATH_CHARS,
        description="The page the question was made of; what is found there does not count",
    )


def read_questions(lines: Iterable[bytes]) -> list[KnownQuestion]:
    """Reads questions, one a line; empty lines are passed over.

    Raises:
        InvalidInput: A line is no question, an id is there twice, or there are none or too many. It names the line.
    """
    questions: dict[str, KnownQuestion] = {}
    for number, line in enumerate(lines, start=1):
        said = line.removeprefix(BOM_UTF8) if number == 1 else line
        if not said.strip():
            continue
        question = _read_question(number, said)
        if question.id in questions:
            raise InvalidInput(f"Line {number}: the id {question.id!r} is there twice.")
        if len(questions) >= MOST_QUESTIONS:
            raise InvalidInput(f"Line {number}: there are more than {MOST_QUESTIONS} questions.")
        questions[question.id] = question
    if not questions:
        raise InvalidInput("There is no question in the file.")
    return list(questions.values())


def masked_questions(questions: Sequence[KnownQuestion]) -> list[KnownQuestion]:
    """Gives the questions asked without names.

    Raises:
        InvalidInput: One has no such form.
    """
    for question in questions:
        if question.masked is None:
            raise InvalidInput(f"The question {question.id!r} has no `masked` form.")
    return [question.model_copy(update={"query": question.masked}) for question in questions]


def _read_question(number: int, line: bytes) -> KnownQuestion:
    if len(line) > MAX_LINE_BYTES:
        raise InvalidInput(f"Line {number} is longer than {MAX_LINE_BYTES} bytes.")
    try:
        return KnownQuestion.model_validate(orjson.loads(line))
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"Line {number} is not JSON: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"Line {number} is no question: {where or 'the line'}: {reason_of(first)}.") from error
