"""A signature larger than any other passage goes the whole way: into the index, and into answers of any size."""

from pathlib import Path

from indexer.chunking import MAX_SIGNATURE_TOKENS, MAX_TOKENS
from tests.workshop import LIBRARY, Workshop

PARAMETERS = ", ".join(f"parameter_{number}: dict[str, int] | None = None" for number in range(45))
PAGE = f"""Tides
=====

.. py:function:: harbour_table({PARAMETERS})

   Makes a table of the tides in a harbour.
"""


async def test_a_whole_signature_is_indexed_and_answered_whatever_the_budget(
    workshop: Workshop, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "tides.rst").write_text(PAGE)
    await workshop.work(await workshop.add(str(folder)))
    async with workshop.database.connection() as connection:
        tokens = await connection.fetchval("select max(token_count) from documentation_chunks")
    assert MAX_TOKENS < tokens <= MAX_SIGNATURE_TOKENS
    for budget in (100, 2000):
        answer = await workshop.answers.query_docs(LIBRARY, "harbour_table", budget)
        assert f"harbour_table({PARAMETERS})" in answer.text
