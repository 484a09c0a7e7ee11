"""Embedding models as an operator meets them."""

import json
from pathlib import Path

from bench.product import running_lectern


async def test_adding_a_library_does_not_wait_for_a_model_that_cannot_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "note.md").write_text("# Note\n\nThe colour of the note is vermilion.\n")
    nowhere = str(tmp_path / "nowhere")
    async with running_lectern(tmp_path, LECTERN_EMBEDDING_MODEL=nowhere) as product:
        added = await product.run(
            "add", str(tmp_path / "notes"), "--id", "/acme/notes", "--version", "1", "--wait", "--json"
        )
        crawl = json.loads(added)
        assert crawl["status"] == "completed"
        assert nowhere in crawl["embeddingProblem"]
        assert crawl["chunks"]["withMeaning"] == 0
        assert "vermilion" in await product.run("query", "/acme/notes", "colour")
