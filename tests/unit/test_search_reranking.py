"""What a reranker says joins the fused order, and never keeps an answer waiting."""

import asyncio
from contextlib import suppress
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.embedding.frames import Numbers
from indexer.embedding.process import Lane
from indexer.embedding.reranker import RerankerProcess, RerankerUnavailable
from indexer.search.caching import answer_recipe
from indexer.search.fusion import Ranked
from indexer.search.question import read_question
from indexer.search.reranking import naming_levels, reorder, text_to_read
from indexer.settings import IndexerSettings
from indexer.vectors import Candidate
from tests.waiting import eventually

A, B, C, D = (UUID(int=number) for number in range(1, 5))
READ = (Ranked(A, 4.0), Ranked(B, 3.0), Ranked(C, 2.0), Ranked(D, 1.0))


def ids(ranked: list[Ranked]) -> list[UUID]:
    return [one.id for one in ranked]


def settings(**given: object) -> IndexerSettings:
    return IndexerSettings.model_validate({"reranker_model": "some-model"} | given)


def test_what_the_reranker_finds_much_better_rises() -> None:
    assert ids(reorder(READ, [0.0, 0.1, 9.0, 0.2], [0, 0, 0, 0])) == [C, A, B, D]


def test_a_little_better_does_not_outweigh_a_lead_of_the_fused_score() -> None:
    assert ids(reorder(READ, [8.0, 9.0, 0.0, 0.0], [0, 0, 0, 0])) == [A, B, C, D]


def test_scores_that_tell_nothing_apart_leave_the_order() -> None:
    assert reorder(READ, [0.5] * 4, [0] * 4) == list(READ)


def test_each_place_keeps_its_score_so_that_as_much_is_shown() -> None:
    assert [one.score for one in reorder(READ, [1.0, 2.0, 3.0, 9.0], [0] * 4)] == [4.0, 3.0, 2.0, 1.0]


def test_the_scale_of_a_model_does_not_matter() -> None:
    scores = [-3.0, 1.0, 2.5, 0.0]
    assert reorder(READ, scores, [0] * 4) == reorder(READ, [100 * score - 7 for score in scores], [0] * 4)


def test_equal_passages_are_in_the_order_of_their_ids() -> None:
    tied = [Ranked(C, 1.0), Ranked(A, 1.0), Ranked(B, 1.0)]
    assert ids(reorder(tied, [2.0, 2.0, 2.0], [0, 0, 0])) == [A, B, C]


def test_a_passage_that_defines_the_name_gives_way_to_none_that_does_not() -> None:
    assert ids(reorder(READ, [0.0, 9.0, 8.0, 9.0], [2, 0, 0, 0]))[0] == A
    assert ids(reorder(READ, [0.0, 9.0, 9.0, 0.0], [2, 1, 2, 0])) == [C, B, A, D]


@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(0, 2)),
        min_size=1,
        max_size=30,
    )
)
def test_nothing_is_lost_and_every_level_keeps_its_places(passages: list[tuple[float, float, int]]) -> None:
    fused = sorted((score for score, _, _ in passages), reverse=True)
    read = [Ranked(UUID(int=number), score) for number, score in enumerate(fused)]
    levels = [level for _, _, level in passages]
    ordered = reorder(read, [said for _, said, _ in passages], levels)
    level_of = dict(zip(ids(read), levels, strict=True))
    assert sorted(ids(ordered)) == ids(read)
    assert [level_of[one.id] for one in ordered] == levels


def test_only_names_a_question_writes_hold_their_place() -> None:
    found = [Candidate(A, symbols=1.0), Candidate(B, symbols=0.6), Candidate(C, symbols=0.35), Candidate(D)]
    assert naming_levels(read_question("How does QuerySet.get_or_create work?", 100), found) == {A: 2, B: 1, C: 0, D: 0}
    assert naming_levels(read_question("how do i make one if there is none", 100), found) == {}


def test_where_a_passage_stands_is_read_before_what_it_says() -> None:
    payload = {"page_title": "Logging", "section": ["Logging", "Handlers"], "chunk_text": "Rotates at midnight."}
    assert text_to_read(payload) == "Logging \u203a Handlers: Rotates at midnight."


def test_answers_of_another_reranker_or_of_none_are_other_answers() -> None:
    without = answer_recipe(settings(reranker_model=""))
    recipes = {answer_recipe(settings(**given)) for given in ({}, {"reranker_model": "x"}, {"reranker_passages": 7})}
    recipes.add(answer_recipe(settings(reranker_max_tokens=7)))
    assert len(recipes | {without}) == 5
    assert answer_recipe(settings(reranker_model="", reranker_passages=7)) == without
    assert answer_recipe(settings(reranker_timeout_ms=70)) == answer_recipe(settings())


class Held(RerankerProcess):
    """A process that answers when it is let."""

    def __init__(self, **given: object) -> None:
        super().__init__(settings(**given))
        self.let = asyncio.Event()
        self.asked = 0

    async def _ask(self, lane: Lane, texts: list[str]) -> Numbers:
        assert lane == "pairs"
        self.asked += 1
        await self.let.wait()
        return np.arange(len(texts) - 1, dtype=np.float32)


async def test_a_reranker_that_is_too_slow_is_not_asked_again_before_it_is_done() -> None:
    process = Held(reranker_timeout_ms=10)
    with pytest.raises(RerankerUnavailable, match="in time"):
        await asyncio.wait_for(process.score("a question", ["a passage"]), 1)
    for _ in range(3):
        with pytest.raises(RerankerUnavailable, match="busy"):
            await process.score("a question", ["a passage"])
    assert process.asked == 1
    process.let.set()

    async def scores() -> list[float] | None:
        with suppress(RerankerUnavailable):
            return await process.score("a question", ["a passage", "another"])
        return None

    assert await eventually(scores) == [0.0, 1.0]


async def test_questions_that_come_together_are_read_one_after_the_other() -> None:
    process = Held(reranker_timeout_ms=30_000)
    asking = [asyncio.create_task(process.score("a question", ["a passage"])) for _ in range(5)]

    async def are_all_asked() -> bool:
        return process.asked == len(asking)

    await eventually(are_all_asked)
    process.let.set()
    assert await asyncio.gather(*asking) == [[0.0]] * 5
