"""Pages of an answer from many short passages, over the embedded store."""

from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import UUID, uuid5

import pytest

from indexer.search.fusion import Ranked
from indexer.search.packing import MAX_PAGE, Packed
from indexer.search.pages import page_of
from indexer.search.question import Question
from indexer.tokens import count_tokens
from indexer.vectors import IndexedText, VectorStore
from indexer.vectors.edge import EdgeStore

VERSION = uuid5(UUID(int=0), "version")
QUESTION = Question("what does the error mean", names_symbols=False)


def indexed(number: int) -> IndexedText:
    content = f"E{number}: the error of number {number}, which is its own."
    payload = {
        "version_id": str(VERSION),
        "library_id": "/a/b",
        "version": "1",
        "content_type": "guide",
        "source_url": f"http://docs.test/errors.html#e{number}",
        "chunk_text": content,
        "chunk_index": number,
        "token_count": count_tokens(content),
        "indexed_on": "2026-01-02",
        "title": f"E{number}",
    }
    return IndexedText(uuid5(VERSION, str(number)), content, f"E{number}", (), payload)


def ranked(count: int, *, tail: float = 1.0) -> list[Ranked]:
    """Gives passages in their order, as good as each other but for those behind the fiftieth."""
    return [Ranked(uuid5(VERSION, str(n)), (1.0 if n <= 50 else tail) - n / 10_000) for n in range(1, count + 1)]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[VectorStore]:
    opened = await EdgeStore.open(tmp_path / "vectors")
    await opened.put_words([indexed(number) for number in range(1, 121)])
    yield opened
    await opened.close()


async def all_pages(store: VectorStore, found: list[Ranked], budget: int) -> list[Packed]:
    pages = [await page_of(store, QUESTION, found, budget)]
    while pages[-1].has_more and len(pages) < MAX_PAGE:
        pages.append(await page_of(store, QUESTION, found, budget, len(pages) + 1))
    return pages


@pytest.mark.parametrize("budget", [400, 1500, 3000, 4999, 20_000])
async def test_pages_give_each_of_many_short_passages_once_and_leave_none_out(store: VectorStore, budget: int) -> None:
    pages = await all_pages(store, ranked(120), budget)
    given = [snippet.title for page in pages for snippet in page.snippets]
    assert len(set(given)) == len(given)
    if len(pages) < MAX_PAGE:
        assert len(given) == 120
    assert all(page.has_more for page in pages[:-1])
    assert all(page.token_count <= budget for page in pages)


async def test_a_page_is_filled_as_long_as_there_is_something_worth_showing(store: VectorStore) -> None:
    page = await page_of(store, QUESTION, ranked(120), 4000)
    assert page.token_count > 4000 * 0.85
    assert page.has_more


async def test_what_is_hardly_about_the_question_fills_no_page_but_is_told_of(store: VectorStore) -> None:
    page = await page_of(store, QUESTION, ranked(120, tail=0.2), 4000)
    assert [snippet.title for snippet in page.snippets] == [f"E{number}" for number in range(1, 51)]
    assert page.has_more
    assert page.links


async def test_passages_that_are_gone_are_passed_over(store: VectorStore) -> None:
    found = ranked(10)
    await store.delete([one.id for one in found[:9]])
    page = await page_of(store, QUESTION, found, 1000)
    assert [snippet.title for snippet in page.snippets] == ["E10"]
    assert not page.has_more
