"""A page that is gone leaves the answers at once, however long it takes to write what is new."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from core.database import Database
from crawler.rules import CrawlRules
from crawler.service import recognise_source
from indexer.extraction_processes import ExtractionProcesses
from indexer.vectors import IndexedText
from server.ingest import CRAWL_JOB
from tests.workshop import LIBRARY, Workshop, open_workshop

OTHERS = {f"other{number}": f"There is widget {number}." for number in range(8)}


async def test_a_page_that_is_gone_leaves_before_new_words_are_written_and_a_changed_one_after_them(
    content_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    async with ExtractionProcesses(1) as processes, open_workshop(content_database, tmp_path, processes) as workshop:
        put_words = workshop.store.put_words

        async def put_slowly(texts: Sequence[IndexedText]) -> None:
            said.append(await workshop.ask("which colour has the widget"))
            await put_words(texts)

        await crawl(
            workshop, tmp_path / "docs", gone="The widget is vermilion.", kept="The colour is turquoise.", **OTHERS
        )
        monkeypatch.setattr(workshop.store, "put_words", put_slowly)
        await crawl(workshop, tmp_path / "docs", kept="The colour of the widget is magenta.", **OTHERS)
        assert [("vermilion" in text, "turquoise" in text) for text in said] == [(False, True)]
        after = await workshop.ask("which colour has the widget")
        assert ("turquoise" in after, "magenta" in after) == (False, True)


async def crawl(workshop: Workshop, folder: Path, **pages: str) -> None:
    _, started = await workshop.ingest.add(LIBRARY, "1.0", recognise_source(write_pages(folder, pages)), CrawlRules())
    await workshop.ingest.handlers[CRAWL_JOB](str(started.id))


def write_pages(folder: Path, pages: dict[str, str]) -> str:
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(f"# About {name}\n\n{text}\n")
    return str(folder)
