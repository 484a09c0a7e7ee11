"""Statements on what `indexed_pages` says about each page, and on pages that say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.database import Connection
from indexer.duplicates import ComparedPage, Fingerprint
from indexer.queries.pages import FetchedPage


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What was found out about a page; `tokens` are those of its chunks."""

    page_url: str
    generator: str | None
    language: str | None
    version: str | None
    code_blocks: int
    tokens: int
    fingerprint: Fingerprint
    links: tuple[str, ...] = ()
    mentions: tuple[tuple[str, str], ...] = ()
    """Addresses of other pages, each with a sentence that links there."""


async def update_page_facts(connection: Connection, version_id: UUID, pages: Sequence[PageFacts]) -> None:
    """Writes down what was found out about pages whose outcome was just written."""
    await connection.execute(
        """
        update indexed_pages i set generator = f.generator, language = f.language, version = f.version,
            code_blocks = f.code_blocks, tokens = f.tokens, content_sha256 = f.content, opening = f.opening,
            signature = f.signature, code_words = f.code_words, links = f.links, mentions = f.mentions,
            duplicate_of = null
        from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::bytea[], $9::bytea[],
                $10::bytea[], $11::bytea[], $12::text[], $13::text[])
            as f (page_url, generator, language, version, code_blocks, tokens, content, opening, signature, code_words,
                links, mentions)
        where i.library_version_id = $1 and i.page_url = f.page_url
        """,
        version_id,
        [page.page_url for page in pages],
        [page.generator for page in pages],
        [page.language for page in pages],
        [page.version for page in pages],
        [page.code_blocks for page in pages],
        [page.tokens for page in pages],
        [page.fingerprint.content for page in pages],
        [page.fingerprint.opening for page in pages],
        [page.fingerprint.signature for page in pages],
        [page.fingerprint.code_words for page in pages],
        ["\n".join(page.links) for page in pages],
        ["\n".join(map("\t".join, page.mentions)) for page in pages],
    )


async def compared_pages(connection: Connection, version_id: UUID, crawl_id: UUID) -> list[ComparedPage]:
    """Gives the pages of a crawl that hold something, with what is compared of them."""
    rows = await connection.fetch(
        """
        select page_url, content_sha256, opening, signature, code_words from indexed_pages
        where library_version_id = $1 and crawl_id = $2 and outcome in ('indexed', 'duplicate')
            and content_sha256 is not null
        """,
        version_id,
        crawl_id,
    )
    return [
        ComparedPage(
            row["page_url"],
            Fingerprint(row["content_sha256"], row["opening"], row["signature"], row["code_words"]),
        )
        for row in rows
    ]


async def pages_without_chunks(
    connection: Connection, version_id: UUID, crawl_id: UUID, but_urls: Sequence[str], limit: int
) -> list[FetchedPage]:
    """Gives pages of a crawl that should answer and have no chunks, such as one whose primary is gone."""
    rows = await connection.fetch(
        """
        select p.url, p.content_type, p.is_unchanged, p.snapshot_key, p.snapshot_offset, p.snapshot_length
        from indexed_pages i
        join crawl_pages p on p.crawl_id = i.crawl_id and p.url = i.page_url and p.state = 'fetched'
        where i.library_version_id = $1 and i.crawl_id = $2 and i.outcome in ('indexed', 'duplicate')
            and i.page_url <> all($3::text[])
            and not exists (
                select from documentation_chunks c
                where c.library_version_id = $1 and c.page_url = i.page_url and c.crawl_id = $2
            )
        order by p.url limit $4
        """,
        version_id,
        crawl_id,
        list(but_urls),
        limit,
    )
    return [
        FetchedPage(
            row["url"],
            row["content_type"] or "",
            row["is_unchanged"],
            row["snapshot_key"],
            row["snapshot_offset"],
            row["snapshot_length"],
        )
        for row in rows
    ]


async def update_duplicates(connection: Connection, version_id: UUID, primaries: Mapping[str, str]) -> None:
    """Writes down which page answers for which others."""
    await connection.execute(
        """
        update indexed_pages i set outcome = 'duplicate', duplicate_of = d.primary_url, chunk_count = 0
        from unnest($2::text[], $3::text[]) as d (page_url, primary_url)
        where i.library_version_id = $1 and i.page_url = d.page_url
        """,
        version_id,
        list(primaries),
        list(primaries.values()),
    )
