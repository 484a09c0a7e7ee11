"""Crawls as they stand, read for the API."""

from dataclasses import asdict, dataclass
from uuid import UUID

from core.database import Database
from crawler import service as crawling
from crawler.queries import crawls, reports, sources, symbols
from crawler.records import Crawl
from crawler.versions import mismatch
from indexer.catalogue import catalogue
from indexer.embedding.embedders import Embedders
from indexer.indexing import Indexer
from server.api.crawl_bodies import Chunks, CrawlBody, CrawlMoment, FailedPage

_MOST_FAILED_PAGES = 50
_MOST_CURRENT_PAGES = 5


@dataclass(frozen=True)
class CrawlViews:
    """Reads crawls; `embedder` tells whether what they find gets vectors, and why it does not."""

    content: Database
    indexer: Indexer
    embedder: Embedders

    async def body(self, crawl: Crawl) -> CrawlBody:
        """Gives a crawl as it stands.

        Raises:
            NotFound: It was removed meanwhile.
        """
        async with self.content.connection() as connection:
            version = await catalogue.version_by_id(connection, crawl.library_version_id)
            source = await sources.select_source(connection, crawl.source_id)
            progress = await crawling.crawl_progress(connection, crawl.id)
            failed = await crawling.failed_pages(connection, crawl.id, _MOST_FAILED_PAGES)
            found = (await symbols.facts_of(connection, crawl.id)).get("docs_version")
        counts = await self.indexer.counts(version.id)
        return CrawlBody(
            id=crawl.id,
            library=version.shown_id,
            version=version.version,
            kind=source.kind,
            source=source.address,
            origin=crawl.origin,
            status=progress.status,
            reason=progress.reason,
            pages=asdict(progress.pages),
            chunks=Chunks(total=counts.chunks, with_words=counts.with_words, with_meaning=counts.with_meaning),
            embedding=self.embedder.is_enabled,
            embedding_problem=self.embedder.problem,
            started_at=progress.started_at,
            finished_at=progress.finished_at,
            failed_pages=tuple(FailedPage.model_validate(page) for page in failed),
            docs_version=found,
            warning=mismatch(version.version, found),
        )

    async def moment(self, crawl_id: UUID) -> CrawlMoment:
        """Gives a crawl as it goes on, without its rate.

        Raises:
            NotFound: There is no such crawl.
        """
        async with self.content.connection() as connection:
            crawl = await crawls.select_crawl(connection, crawl_id)
        body = await self.body(crawl)
        async with self.content.connection() as connection:  # after the counts: what they count as done is not current
            current = await reports.current_pages(connection, crawl_id, _MOST_CURRENT_PAGES)
        return CrawlMoment(crawl=body, current_pages=tuple(current))
