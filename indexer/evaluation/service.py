"""Asking known questions of an index as it is served, and making such questions from what it was made of."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from core.database import Database
from core.errors import InvalidInput, NotFound, Unavailable
from core.library_ids import parse_library_id
from core.objects import ObjectStore
from core.snapshots import read_record
from indexer.catalogue import catalogue
from indexer.embedding.embedders import Embedders
from indexer.embedding.reranker import RerankerProcess
from indexer.evaluation.configurations import RERANKER, SERVED, fields_of, seen_by
from indexer.evaluation.making import LinkingSentence, Made, digest_of, make_questions, with_known_links
from indexer.evaluation.measures import Outcome, Place
from indexer.evaluation.places import Pages, sections_by_anchor
from indexer.evaluation.questions import Gold, KnownQuestion
from indexer.evaluation.sentences import linking_sentences
from indexer.extraction_processes import ExtractionProcesses
from indexer.preparing import RawPage
from indexer.queries import chunks as chunk_queries
from indexer.queries import evaluation as queries
from indexer.queries.blocks import blocked_chunks
from indexer.queries.evaluation import StoredPage
from indexer.queries.versions import LibraryVersion
from indexer.release_notes import is_release_note
from indexer.search.fusion import Ranked
from indexer.search.question import Question, read_question
from indexer.search.service import AnswerService
from indexer.settings import IndexerSettings
from indexer.vectors import VectorStore

log = structlog.get_logger(__name__)

_MOST_FOUND = 100
_MOST_WAITING_SECONDS = 45.0
_MOST_PAGES_READ = 400
_MOST_STORED_BYTES = 16 * 2**20
_PAGES_AT_ONCE = 16
_ENOUGH_QUESTIONS = 20

IsWanted = Callable[[str], bool]
"""Whether the page of this path is meant."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is evaluated: a version of a library, the fields its ranking uses, the budget of its answers.

    What is on pages that `is_hidden` counts as not being in the index.
    """

    library: str
    configuration: str = SERVED
    tokens: int | None = None
    is_hidden: IsWanted | None = None
    viewer: UUID | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of questions, in their order, and by what it was made.

    `notice` says what was in the way of comparing meanings, if something was.
    """

    library_id: str
    version: str
    configuration: str
    tokens: int
    outcomes: tuple[Outcome, ...]
    notice: str | None


class EvaluationService:
    """Measures answers with the ranking that serves them."""

    def __init__(
        self,
        database: Database,
        objects: ObjectStore,
        store: VectorStore,
        embedder: Embedders,
        answers: AnswerService,
        processes: ExtractionProcesses,
        settings: IndexerSettings,
        reranker: RerankerProcess | None = None,
    ) -> None:
        self._database = database
        self._objects = objects
        self._store = store
        self._embedder = embedder
        self._answers = answers
        self._processes = processes
        self._settings = settings
        self._reranker = reranker or RerankerProcess(settings)

    async def ask(self, trial: Trial, questions: Sequence[KnownQuestion]) -> Evaluation:
        """Asks one question after the other.

        Nothing that was found on the page a question was made of counts: its passages are taken out before the ranking.

        Raises:
            InvalidLibraryId, LibraryNotFound, VersionNotFound: The library cannot be had.
            InvalidInput: There is no such configuration, or a question cannot be asked.
            Unavailable: The embedder is still not there after a while.
        """
        used, budget = fields_of(trial.configuration), self._answers.budget(trial.tokens)
        version, pages = await self._open(trial.library, trial.viewer)
        notice = await self._missing_meaning(version.id) if "dense" in used else None
        if RERANKER in used:
            notice = await self._missing_reranker() or notice
        hidden = await self._hidden(version.id, pages, trial.is_hidden, questions)
        place_of = await self._places(version.id, pages, questions)
        outcomes: list[Outcome] = []
        for question, ids in zip(questions, hidden, strict=True):
            outcome, problem = await self._ask(version, self._read(question), used, ids, budget)
            outcomes.append(replace(outcome, gold=tuple(map(place_of, question.gold))))
            notice = notice or problem
        log.info(
            "indexer.questions_evaluated",
            library=version.library_id,
            version=version.version,
            configuration=trial.configuration,
            count=len(outcomes),
        )
        return Evaluation(version.shown_id, version.version, trial.configuration, budget, tuple(outcomes), notice)

    async def make(
        self, library: str, limit: int, is_wanted: IsWanted | None = None, *, viewer: UUID | None = None
    ) -> Made:
        """Makes questions of sentences that link to other pages; asks nobody but the snapshot.

        Without `is_wanted` they are from release notes or, where those give too few, from all pages.

        Raises:
            InvalidLibraryId, LibraryNotFound, VersionNotFound: The library cannot be had.
            InvalidInput: No page is wanted.
        """
        version, pages = await self._open(library, viewer)
        made = Made((), 0, {})
        for sources in _choices(pages, is_wanted):
            made = await self._make(version, pages, sources, limit)
            if len(made.questions) >= min(limit, _ENOUGH_QUESTIONS):
                break
        return made

    async def _open(self, library: str, viewer: UUID | None) -> tuple[LibraryVersion, Pages]:
        wanted = parse_library_id(library)
        async with self._database.connection() as connection:
            version = await catalogue.select_version(connection, wanted, viewer)
            return version, Pages(await queries.indexed_urls(connection, version.id))

    async def _missing_meaning(self, version_id: UUID) -> str | None:
        """Waits for the embedder, and tells if there is none, or if passages have no vector yet."""
        if not self._embedder.is_enabled:
            return "There is no embedder: words alone are compared."
        try:
            async with asyncio.timeout(_MOST_WAITING_SECONDS):
                await self._embedder.until_ready()
        except TimeoutError as error:
            raise Unavailable("The embedder is not ready. Try again in a minute.") from error
        async with self._database.connection() as connection:
            counts = await chunk_queries.count_chunks(connection, version_id)
        missing = counts.chunks - counts.with_meaning
        return f"{missing} of {counts.chunks} passages have no vector yet." if missing else None

    async def _missing_reranker(self) -> str | None:
        """Waits for the reranker, if there is to be one, and tells why it cannot be had."""
        if not self._reranker.is_enabled:
            return None
        try:
            async with asyncio.timeout(_MOST_WAITING_SECONDS):
                await self._reranker.until_tried()
        except TimeoutError as error:
            raise Unavailable("The reranker is not ready. Try again in a minute.") from error
        return self._reranker.problem

    async def _hidden(
        self, version_id: UUID, pages: Pages, is_hidden: IsWanted | None, questions: Sequence[KnownQuestion]
    ) -> list[frozenset[UUID]]:
        """Gives the passages that do not count, for each question."""
        always = [url for url in pages.urls if is_hidden and is_hidden(pages.path_of(url))]
        sources = [() if question.source is None else pages.at(question.source) for question in questions]
        urls = {*always, *(url for found in sources for url in found)}
        async with self._database.connection() as connection:
            by_page = await queries.chunks_of_pages(connection, version_id, sorted(urls)) if urls else {}
            blocked = await blocked_chunks(connection, version_id)

        def chunks_of(found: Iterable[str]) -> Iterator[UUID]:
            return (id_ for url in found for id_ in by_page.get(url, ()))

        common = blocked.union(chunks_of(always))
        return [common.union(chunks_of(found)) for found in sources]

    async def _places(
        self, version_id: UUID, pages: Pages, questions: Sequence[KnownQuestion]
    ) -> Callable[[Gold], Place]:
        """Gives what tells where a gold answer is in this index."""
        paths = {gold.path for question in questions for gold in question.gold if gold.anchor}
        sections = await self._sections(version_id, {url for path in paths for url in pages.at(path)})

        def place_of(gold: Gold) -> Place:
            found = pages.at(gold.path)
            addresses = (address for url in found for address in sections.get(url, {}).get(gold.anchor, ()))
            return Place(found, tuple(addresses) if gold.anchor else None)

        return place_of

    def _read(self, question: KnownQuestion) -> Question:
        try:
            return read_question(question.query, self._settings.max_question_chars)
        except InvalidInput as error:
            raise InvalidInput(f"The question {question.id!r} cannot be asked: {error.message}") from error

    async def _ask(
        self,
        version: LibraryVersion,
        question: Question,
        used: frozenset[str],
        hidden: frozenset[UUID],
        budget: int,
    ) -> tuple[Outcome, str | None]:
        started = time.perf_counter()
        known, notice = await self._answers.candidates(version, question, by_meaning="dense" in used)
        candidates = seen_by(used, known, hidden)
        ranked, unread = await self._answers.ordered(question, candidates, reranks=RERANKER in used)
        packed = await self._answers.page(question, ranked, budget)
        seconds = time.perf_counter() - started
        outcome = Outcome(
            found=await self._addresses(ranked),
            answered=packed.section_urls,
            gold=(),
            tokens=packed.token_count,
            milliseconds=seconds * 1000,
        )
        return outcome, notice or unread

    async def _addresses(self, ranked: Sequence[Ranked]) -> tuple[str, ...]:
        best = ranked[:_MOST_FOUND]
        payloads = await self._store.payloads([one.id for one in best]) if best else {}
        return tuple(payloads[one.id]["source_url"] for one in best if one.id in payloads)

    async def _make(self, version: LibraryVersion, pages: Pages, sources: Sequence[str], limit: int) -> Made:
        async with self._database.connection() as connection:
            stored = await queries.stored_pages(connection, version.id, sources)
        # What most of the pages link to each other is what they are about; among release notes it is not.
        passed_over = frozenset(sources) if 2 * len(sources) < len(pages.urls) else frozenset[str]()
        linking = await self._linking(_affordable(stored), pages, passed_over)
        anchors = await self._sections(version.id, {url for one in linking for url, _ in one.links})
        prefix = version.shown_id.rpartition("/")[2]
        return make_questions(linking, pages, anchors, prefix, limit)

    async def _linking(
        self, stored: Sequence[StoredPage], pages: Pages, passed_over: frozenset[str]
    ) -> list[LinkingSentence]:
        found: list[LinkingSentence] = []
        for start in range(0, len(stored), _PAGES_AT_ONCE):
            raw = await asyncio.gather(*(self._read_page(page) for page in stored[start : start + _PAGES_AT_ONCE]))
            of_pages = await self._processes.run_over(linking_sentences, raw)
            sentences = [sentence for of_page in of_pages for sentence in of_page or ()]
            found += with_known_links(sentences, pages, passed_over)
        return found

    async def _read_page(self, page: StoredPage) -> RawPage:
        try:
            record = await read_record(self._objects, page.snapshot_key, page.snapshot_offset, page.snapshot_length)
        except NotFound:  # a page that is not there any more makes no questions
            return RawPage(page.url, page.content_type, b"")
        return RawPage(page.url, page.content_type, record.body)

    async def _sections(self, version_id: UUID, urls: Iterable[str]) -> dict[str, dict[str, tuple[str, ...]]]:
        async with self._database.connection() as connection:
            sections = await queries.sections_of_pages(connection, version_id, sorted(urls))
        return sections_by_anchor((one.page_url, one.source_url, one.aliases) for one in sections)


def _choices(pages: Pages, is_wanted: IsWanted | None) -> list[list[str]]:
    """Gives the pages to make questions of, and the next ones for where those give too few."""
    if is_wanted is not None:
        wanted = [url for url in pages.urls if is_wanted(pages.path_of(url))]
        if not wanted:
            raise InvalidInput(f"No page of the index matches. Patterns are relative to {pages.base or 'its pages'}.")
        return [wanted]
    notes = [url for url in pages.urls if is_release_note(pages.path_of(url))]
    return [notes, list(pages.urls)] if notes else [list(pages.urls)]


def _affordable(stored: Iterable[StoredPage]) -> list[StoredPage]:
    """Gives as many of the pages as may be read for one file of questions."""
    chosen: list[StoredPage] = []
    size = 0
    for page in sorted(stored, key=lambda one: digest_of(one.url))[:_MOST_PAGES_READ]:
        size += page.snapshot_length
        if size > _MOST_STORED_BYTES:
            break
        chosen.append(page)
    return chosen
