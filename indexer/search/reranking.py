"""A second look at the best passages: a cross-encoder reads each of them together with the question.

What it says and the fused score decide together. A model alone misjudges documentation of a kind it was not trained on,
which the other score makes up for. Source: Wang et al., "BERT-based Dense Retrievers Require Interpolation with BM25
for Effective Passage Retrieval", ICTIR 2021, https://doi.org/10.1145/3471158.3472233.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

from indexer.embedding.passages import place_text
from indexer.embedding.reranker import RerankerProcess, RerankerUnavailable
from indexer.search.fusion import Ranked, from_zero_to_one
from indexer.search.question import Question
from indexer.settings import IndexerSettings
from indexer.vectors import Candidate, VectorStore

_READ_SHARE = 0.5
_NAMES_IT, _NAMES_ITS_END = 0.85, 0.55
"""From which weight of its names on a passage defines the very name a question writes, or the last part of it."""
_MOST_REMEMBERED = 1000


class Reranking:
    """Puts the best passages in a better order, if there is a reranker; without one it costs nothing.

    Args:
        process: The reranker.
        store: Where the texts of passages are.
        settings: How many passages are read.
    """

    def __init__(self, process: RerankerProcess, store: VectorStore, settings: IndexerSettings) -> None:
        self._process = process
        self._store = store
        self._limit = settings.reranker_passages
        self._remembered: OrderedDict[bytes, list[float]] = OrderedDict()

    @property
    def passages(self) -> int:
        """How many passages are read."""
        return self._limit if self._process.is_enabled else 0

    async def reordered(
        self, question: Question, ranked: list[Ranked], candidates: Sequence[Candidate]
    ) -> tuple[list[Ranked], str | None]:
        """Gives the passages with the first ones in a better order, or as they were and why.

        What is remembered is not read again: of one question there are several pages, and answers of several sizes.
        """
        read = ranked[: self.passages]
        if len(read) < 2:  # noqa: PLR2004 - one alone is in order
            return ranked, None
        payloads = await self._store.payloads([one.id for one in read])
        try:
            scores = await self._scores(question.text, [text_to_read(payloads.get(one.id, {})) for one in read])
        except RerankerUnavailable as error:
            return ranked, f"{error.message} This answer is in the order of words and meaning alone."
        levels = naming_levels(question, candidates)
        return [*reorder(read, scores, [levels.get(one.id, 0) for one in read]), *ranked[len(read) :]], None

    async def _scores(self, question: str, texts: Sequence[str]) -> list[float]:
        key = _digest(question, *texts)
        scores = self._remembered.get(key) or await self._process.score(question, texts)
        self._remembered[key] = scores
        self._remembered.move_to_end(key)
        if len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        return scores


def text_to_read(payload: Mapping[str, Any]) -> str:
    """Gives what is read of a passage: where it stands, and all it says."""
    return f"{place_text(payload)}: {payload.get('chunk_text', '')}"


def naming_levels(question: Question, candidates: Sequence[Candidate]) -> dict[UUID, int]:
    """Tells how exactly passages define a name the question writes: 2 the name itself, 1 its last part, 0 neither."""
    if not question.names_symbols:
        return {}
    return {one.id: (one.symbols >= _NAMES_IT) + (one.symbols >= _NAMES_ITS_END) for one in candidates}


def reorder(read: Sequence[Ranked], scores: Sequence[float], levels: Sequence[int]) -> list[Ranked]:
    """Gives the passages that were read in the order of both scores together; ties are broken by id.

    Each place keeps its score, so that as much is shown as before. Passages of one level are put in order among
    themselves, in the places they have: what defines a name that was asked for gives way to nothing that does not.
    """
    fused = from_zero_to_one([one.score for one in read])
    said = from_zero_to_one(scores)
    joined = [(1 - _READ_SHARE) * old + _READ_SHARE * new for old, new in zip(fused, said, strict=True)]
    order = sorted(range(len(read)), key=lambda place: (-joined[place], read[place].id))
    best = {level: iter([place for place in order if levels[place] == level]) for level in set(levels)}
    return [Ranked(read[next(best[level])].id, one.score) for one, level in zip(read, levels, strict=True)]


def _digest(*parts: str) -> bytes:
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
