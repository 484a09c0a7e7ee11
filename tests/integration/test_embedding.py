"""The embedding process, with the real model."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator

import numpy as np
import pytest

from indexer.embedding.process import EmbedderProcess, EmbedderUnavailable
from indexer.settings import IndexerSettings

START_SECONDS = 120


@pytest.fixture(scope="module")
async def embedder() -> AsyncGenerator[EmbedderProcess]:
    settings = IndexerSettings.model_validate({"question_embedding_timeout_seconds": 30})
    async with EmbedderProcess(settings).running() as process:
        await asyncio.wait_for(process.until_ready(), START_SECONDS)
        yield process


async def test_a_question_is_near_to_the_passage_that_answers_it(embedder: EmbedderProcess) -> None:
    question = await embedder.embed_question("How do I open a file for writing?")
    writing, cooking = await embedder.embed_passages(
        ["open(path, 'w') opens a file so that it can be written.", "Boil the potatoes for twenty minutes."]
    )
    assert question.shape == (384,)
    assert question.dtype == np.float32
    assert np.linalg.norm(question) == pytest.approx(1.0, abs=1e-5)
    assert question @ writing > question @ cooking + 0.2


async def test_the_same_text_has_the_same_meaning_alone_and_in_a_batch(embedder: EmbedderProcess) -> None:
    alone = await embedder.embed_passages(["A short one."])
    batched = await embedder.embed_passages(["A short one.", "Another text. " * 60])
    assert np.allclose(alone[0], batched[0], atol=1e-5)


async def test_many_callers_each_get_their_own_answer(embedder: EmbedderProcess) -> None:
    texts = [f"text number {number}" for number in range(20)]
    together = await asyncio.gather(*(embedder.embed_question(text) for text in texts))
    one_by_one = await embedder.embed_passages(texts)
    assert np.allclose(np.array(together), np.array(one_by_one), atol=1e-4)


async def test_a_killed_process_is_noticed_at_once_and_started_again(embedder: EmbedderProcess) -> None:
    assert embedder.pid is not None
    batch = asyncio.create_task(embedder.embed_passages(["a long text to be embedded " * 50] * 64))
    # Until the batch is on its way, so that it is what the kill interrupts.
    await embedder.embed_question("first")
    os.kill(embedder.pid, signal.SIGKILL)
    with pytest.raises(EmbedderUnavailable):
        await batch
    await asyncio.wait_for(embedder.until_ready(), START_SECONDS)
    assert (await embedder.embed_question("again")).shape == (384,)


async def test_without_the_process_a_question_is_refused_and_not_kept_waiting() -> None:
    settings = IndexerSettings.model_validate({"embedding_enabled": False})
    async with EmbedderProcess(settings).running() as process:
        with pytest.raises(EmbedderUnavailable):
            await asyncio.wait_for(process.embed_question("x"), 1)
