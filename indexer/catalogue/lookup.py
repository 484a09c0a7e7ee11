"""Finding libraries by name through the index of names, and keeping that index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.database import Connection
from core.library_ids import shown_id
from indexer.catalogue.names import (
    CONFIDENT,
    THRESHOLD,
    AskedForm,
    MatchKind,
    Source,
    asked_forms,
    can_be_misspelt,
    form_score,
    library_forms,
    match_kind,
)
from indexer.catalogue.typos import typo_keys
from indexer.queries import libraries as library_queries
from indexer.queries import library_names as name_queries
from indexer.queries.library_names import KnownName

_MOST_OF_ONE_FORM = 50
_MOST_NEAR = 60
_MOST_EDITS = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A library that a name may mean; `score` is 0..1."""

    library_id: str
    score: float
    match: MatchKind


async def find(connection: Connection, wanted: str, viewer: UUID | None = None) -> list[Found]:
    """Gives the libraries a name may mean, best first; misspellings count only where nothing fits as written.

    Of private libraries, only the viewer's own count.
    """
    asked = asked_forms(wanted)
    if not asked:
        return []
    known = await name_queries.names_of_forms(
        connection, [reading.form for reading in asked], _MOST_OF_ONE_FORM, viewer
    )
    ranked = rank(asked, known)
    if ranked and ranked[0].score >= CONFIDENT:
        return ranked
    return rank(asked, [*known, *await _near(connection, asked, viewer)])


def rank(asked: Sequence[AskedForm], known: Iterable[KnownName]) -> list[Found]:
    """Orders the libraries by their best name; popularity, then coverage, then freshness break ties."""
    best: dict[str, tuple[float, KnownName]] = {}
    scores: dict[tuple[str, Source], float] = {}
    for name in known:
        if (name.form, name.source) not in scores:
            scores[name.form, name.source] = form_score(asked, name.form, name.source)
        score = scores[name.form, name.source]
        if score >= THRESHOLD and score > best.get(name.library_id, (0.0, name))[0]:
            best[name.library_id] = (score, name)
    ordered = sorted(best.values(), key=lambda pair: _order(*pair))
    return [Found(name.library_id, score, match_kind(asked, name.form, name.source)) for score, name in ordered]


async def index_names(connection: Connection, library_ids: Sequence[str]) -> None:
    """Writes the names of these libraries anew; belongs into the transaction that changes them."""
    for library in await library_queries.libraries(connection, library_ids):
        forms = library_forms(shown_id(library.id), library.name, library.aliases)
        names = [
            (form, source, typo_keys(form) if can_be_misspelt(form, source) else None) for form, source in forms.items()
        ]
        await name_queries.delete_names(connection, library.id)
        await name_queries.insert_names(connection, library.id, names)


async def _near(connection: Connection, asked: Sequence[AskedForm], viewer: UUID | None) -> list[KnownName]:
    keys = {key for reading in asked for key in typo_keys(reading.form)}
    if not keys:
        return []
    lengths = [len(reading.form) for reading in asked]
    return await name_queries.names_near(
        connection, sorted(keys), min(lengths) - _MOST_EDITS, max(lengths) + _MOST_EDITS, _MOST_NEAR, viewer
    )


def _order(score: float, name: KnownName) -> tuple[float, int, int, float, str]:
    indexed = name.last_crawled_at.timestamp() if name.last_crawled_at else 0.0
    return (-score, -name.popularity, -name.total_snippets, -indexed, name.library_id)
