"""Words and meanings of one passage that are written at the same time both stay."""

import asyncio
from pathlib import Path
from uuid import uuid4

import numpy as np

from core.database import Database
from indexer.vectors import IndexedText, open_vector_store
from indexer.vectors.store import DENSE
from tests.embedding_rig import ModelOfHashes, chunk_row, open_rig, working
from tests.waiting import eventually

TEXTS = ["The first passage.", "The second passage.", "The third passage."]


async def test_a_meaning_that_comes_while_words_are_rewritten_stays(tmp_path: Path) -> None:
    version = str(uuid4())
    texts = [IndexedText(uuid4(), "colour widget " * 40, "Head", (), {"version_id": version}) for _ in range(1000)]
    async with open_vector_store(tmp_path, dimension=8, url=None, api_key=None, collection="unused") as store:
        await store.put_words(texts)
        meanings = {text.id: np.ones(8, np.float32) for text in texts[:50]}
        await asyncio.gather(store.put_words(texts), store.put_meanings(meanings))
        assert (await store.meanings(list(meanings), DENSE)).keys() == meanings.keys()


async def test_a_passage_rewritten_while_it_is_embedded_is_looked_at_again(
    content_database: Database, tmp_path: Path
) -> None:
    model = ModelOfHashes()
    model.turns = asyncio.Semaphore(0)
    async with open_rig(content_database, tmp_path) as rig:
        version = await rig.add("/acme/site", TEXTS)

        async def is_asked() -> bool:
            return bool(model.asked)

        async def is_done() -> bool:
            return len(await rig.vectors(version.id)) == len(TEXTS) and not await rig.value(
                "select count(*) from embedding_leases"
            )

        async with working(rig.worker(model)):
            await eventually(is_asked)
            await rig.value("update documentation_chunks set words_indexed_at = null")
            model.turns.release()
            await eventually(is_done)
            # As another process does that has looked for meanings before they came.
            await rig.store.delete([chunk_row(version.id, number, text).id for number, text in enumerate(TEXTS)])
            await rig.indexer.sync_words(version.id)
            model.turns = None
            await rig.until_settled()
            assert (await rig.vectors(version.id)).keys() == set(TEXTS)
