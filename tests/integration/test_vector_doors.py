"""The same points and questions at both doors: the same candidates, scores and order, so that either may be chosen."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import numpy as np
import pytest
from qdrant_client import AsyncQdrantClient

from core.settings import CoreSettings
from indexer.payloads import payload_of
from indexer.preparing import LibraryName, RawPage, prepare_page
from indexer.search.fusion import rank
from indexer.search.question import read_question
from indexer.vectors import Candidate, IndexedText, Meaning, VectorStore, open_vector_store
from indexer.vectors.server import ServerStore
from indexer.vectors.store import DENSE

# The local mode says that it ignores the indexes and the search width a server needs.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]

PAGES = sorted((Path(__file__).parent.parent / "data" / "pages").glob("*.html"))
FIRST, SECOND = uuid5(UUID(int=0), "first"), uuid5(UUID(int=0), "second")
DIMENSION = 32
TOLERANCE = 1e-5
MADE = 200
FEW, ALL = 10, 1000
QUESTIONS = (
    "how do I install the theme",
    "what is returned when the list is empty",
    "describe the parameters of a function that opens a file for reading",
    "a type that converts into another one without an error",
    "list.append",
    "`Vec::push` and its capacity",
    "thing7 or the options of thing8",
    "the of and",
)


def meaning_of(text: str) -> Meaning:
    vector = np.random.default_rng(list(text.encode())).standard_normal(DIMENSION).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def real_texts(version_id: UUID) -> list[IndexedText]:
    of = LibraryName(version_id, "Library", "1.0")
    raw = [RawPage(f"https://x.dev/{page.name}", "text/html", page.read_bytes()) for page in PAGES]
    return [
        IndexedText(
            row.id,
            row.content,
            row.metadata["head"],
            tuple(row.metadata.get("symbols", ())),
            payload_of("/a/b", "1.0", version_id, row, date(2026, 1, 1)),
        )
        for page in raw
        for row in prepare_page(of, page).chunks
    ]


def made_texts(version_id: UUID, real: list[IndexedText], count: int) -> list[IndexedText]:
    """Gives passages of the words of real ones, some often and most seldom.

    No two have equal scores by their length: of equals at a limit, a door may give either.
    """
    random = np.random.default_rng(version_id.int)
    words = sorted({word for text in real for word in text.body.split()})
    seldom = random.permutation(words)

    def say(length: int) -> str:
        return " ".join(seldom[np.minimum(random.zipf(1.3, length), len(words)) - 1])

    return [
        IndexedText(
            uuid5(version_id, str(n)),
            say(20 + 2 * n),
            say(3 + n),
            (f"thing{n}",),
            {"version_id": str(version_id), "library_id": "/a/b", "content_type": "guide", "chunk_text": str(n)},
        )
        for n in range(count)
    ]


@dataclass(frozen=True)
class Doors:
    """Two stores with the same points; every third one has no meaning yet."""

    embedded: VectorStore
    server: VectorStore
    texts: list[IndexedText]

    async def fill(self) -> None:
        meanings = {text.id: meaning_of(text.body) for n, text in enumerate(self.texts) if n % 3}
        for store in (self.embedded, self.server):
            await store.add_space(DENSE, DIMENSION)
            await store.put_words(self.texts)
            await store.put_meanings(meanings)
            await store.optimize()


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncGenerator[Doors]:
    real = real_texts(FIRST)
    texts = [*real, *made_texts(FIRST, real, MADE), *real_texts(SECOND), *made_texts(SECOND, real, MADE // 4)]
    url = CoreSettings().qdrant_url
    client = AsyncQdrantClient(url) if url else AsyncQdrantClient(":memory:")
    server = await ServerStore.over(client, f"test_{uuid4().hex}")
    async with open_vector_store(tmp_path / "vectors", url=None, api_key=None, collection="c") as embedded:
        doors = Doors(embedded, server, texts)
        await doors.fill()
        yield doors
    await server.close()


def assert_alike(one: tuple[Candidate, ...], other: tuple[Candidate, ...]) -> None:
    assert [candidate.id for candidate in one] == [candidate.id for candidate in other]
    for field in ("body", "head", "symbols", "dense"):
        scores = [[getattr(candidate, field) for candidate in found] for found in (one, other)]
        assert scores[0] == pytest.approx(scores[1], abs=TOLERANCE), field


@pytest.mark.parametrize("limit", [FEW, ALL])
@pytest.mark.parametrize("has_meaning", [False, True], ids=["words", "meaning"])
async def test_both_doors_find_the_same_score_it_alike_and_it_is_ranked_alike(
    doors: Doors, has_meaning: bool, limit: int
) -> None:
    stores, opened = (doors.embedded, doors.server), set[str]()
    for text, version_id in product(QUESTIONS, (FIRST, SECOND)):
        meaning = meaning_of(text) if has_meaning else None
        words = [await store.best_by_words(version_id, text, limit) for store in stores]
        assert words[0].open_fields == words[1].open_fields
        opened |= words[0].open_fields
        found = [
            await store.candidates(version_id, text, meaning, limit, words=known)
            for store, known in zip(stores, words, strict=True)
        ]
        assert_alike(*found)
        ranked = [[one.id for one in rank(read_question(text, 1000), candidates)] for candidates in found]
        assert ranked[0] == ranked[1]
    assert opened == ({"body", "head"} if limit == FEW else set())


async def test_both_doors_give_payloads_and_meanings_alike(doors: Doors) -> None:
    ids = [text.id for text in doors.texts]
    assert await doors.embedded.payloads(ids) == await doors.server.payloads(ids)
    assert await doors.embedded.count(FIRST) == await doors.server.count(FIRST)
    one, other = await doors.embedded.meanings(ids), await doors.server.meanings(ids)
    assert one.keys() == other.keys()
    assert all(np.allclose(one[id_], other[id_], atol=TOLERANCE) for id_ in one)
