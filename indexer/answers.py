"""What the server gives a client: libraries for a name, and the passages that answer a question."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LibraryMatch:
    """A library that a name may mean; `score` is 0..1 and orders the matches.

    `match` says how it was found: by its `name`, by a name spelled nearly so (`spelling`), because its organisation is
    called so (`owner`), or only by what it is about (`topic`): a guess.
    """

    id: str
    title: str
    description: str
    snippet_count: int
    token_count: int
    versions: tuple[str, ...]
    default_version: str | None
    last_indexed_at: datetime | None
    score: float
    match: str = "name"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The libraries a name may mean, best first; none when nothing is close enough."""

    libraries: tuple[LibraryMatch, ...]


@dataclass(frozen=True, slots=True)
class AnswerSnippet:
    """One passage of an answer and where it is from."""

    chunk_id: UUID
    title: str
    source_url: str
    version: str
    content_type: str
    token_count: int
    indexed_at: datetime


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """A section that fits a question and is not in the answer."""

    title: str
    source_url: str


@dataclass(frozen=True, slots=True)
class DocsAnswer:
    """The rendered answer with what it was made of.

    `budget_tokens` is what `token_count` was kept within, after what was asked for was cut to what is allowed. `links`
    are sections that fit and are not shown, best first; with `has_more` there is a page after this one.
    `uses_meaning` is False when only words were compared, because vectors are still missing or the embedder is away;
    `notice` then says why, in words for an operator.
    """

    library_id: str
    version: str
    text: str
    token_count: int
    snippets: tuple[AnswerSnippet, ...]
    uses_meaning: bool
    notice: str | None = None
    page: int = 1
    budget_tokens: int = 0
    links: tuple[AnswerLink, ...] = ()
    has_more: bool = False
