"""Words in the vector store that were written by an earlier release, in a form that no question finds any more."""

from pathlib import Path

from core.errors import NotFound
from indexer.vectors import IndexedText
from tests.workshop import Workshop


async def words_forms(workshop: Workshop) -> list[int]:
    async with workshop.database.connection() as connection:
        return [row["words_form"] for row in await connection.fetch("select words_form from library_versions")]


async def is_found(workshop: Workshop) -> bool:
    try:
        return "zebra" in await workshop.ask("zebra")
    except NotFound:
        return False


async def test_words_of_an_earlier_release_are_written_anew_at_the_first_start(
    workshop: Workshop, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "one.md").write_text("# Widget\n\nThe zebra widget comes in many colours.\n")
    crawl = await workshop.work(await workshop.add(str(folder)))
    assert await words_forms(workshop) == [1]
    async with workshop.database.connection() as connection:
        chunk_id = await connection.fetchval("select id from documentation_chunks")
        await connection.execute("update library_versions set words_form = 0")
    payload = {"version_id": str(crawl.library_version_id), "library_id": "/a/b", "content_type": "guide"}
    # The point has no word of its passage, as one of an earlier release has none that is looked for.
    await workshop.store.put_words([IndexedText(chunk_id, "", "", (), payload)])
    assert not await is_found(workshop)

    await workshop.ingest.recover()
    assert await is_found(workshop)
    assert await words_forms(workshop) == [1]
