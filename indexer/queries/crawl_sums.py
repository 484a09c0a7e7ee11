"""Statements that sum up what the indexer made of a crawl, for its report."""

from dataclasses import dataclass
from uuid import UUID

from core.database import Connection


@dataclass(frozen=True, slots=True)
class IndexedSums:
    """What a crawl's pages come to; `main_missing` are those where the operator's selector found nothing."""

    chunks: int
    tokens: int
    code_blocks: int
    main_missing: int


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """What became of pages, how many, and the first of them."""

    outcome: str
    pages: int
    examples: tuple[str, ...]


async def indexed_sums(connection: Connection, crawl_id: UUID) -> IndexedSums:
    """Sums up the pages of a crawl."""
    row = await connection.fetchrow(
        """
        select coalesce(sum(chunk_count), 0)::bigint as chunks, coalesce(sum(tokens), 0)::bigint as tokens,
            coalesce(sum(code_blocks), 0)::bigint as code_blocks,
            count(*) filter (where is_main_missing) as main_missing
        from indexed_pages
        where library_version_id = (select library_version_id from crawls where id = $1) and crawl_id = $1
        """,
        crawl_id,
    )
    return IndexedSums(**dict(row)) if row else IndexedSums(0, 0, 0, 0)


async def count_known_meanings(connection: Connection, version_id: UUID, crawl_id: UUID) -> int:
    """Counts a crawl's passages whose text has a vector: their own, or that of the same text elsewhere."""
    return await connection.fetchval(
        """
        select count(*) from documentation_chunks c
        where library_version_id = $1 and crawl_id = $2 and (embedded_by > 0 or exists (
            select from documentation_chunks known where known.text_hash = c.text_hash and known.embedded_by > 0))
        """,
        version_id,
        crawl_id,
    )


async def outcome_counts(connection: Connection, crawl_id: UUID, examples: int) -> list[OutcomeCount]:
    """Counts a crawl's pages by what the indexer made of them, the most frequent first."""
    rows = await connection.fetch(
        """
        select outcome, count(*) as pages, (array_agg(page_url order by length(page_url), page_url))[:$2] as examples
        from indexed_pages
        where library_version_id = (select library_version_id from crawls where id = $1) and crawl_id = $1
        group by outcome order by 2 desc, 1
        """,
        crawl_id,
        examples,
    )
    return [OutcomeCount(row["outcome"], row["pages"], tuple(row["examples"])) for row in rows]


async def generator_counts(connection: Connection, crawl_id: UUID, limit: int) -> dict[str, int]:
    """Counts a crawl's pages by what made them, the most frequent first; pages that do not tell are left out."""
    rows = await connection.fetch(
        """
        select generator, count(*) as pages from indexed_pages
        where library_version_id = (select library_version_id from crawls where id = $1) and crawl_id = $1
            and generator is not null
        group by 1 order by 2 desc, 1 limit $2
        """,
        crawl_id,
        limit,
    )
    return {row["generator"]: row["pages"] for row in rows}


async def language_counts(connection: Connection, crawl_id: UUID, limit: int) -> dict[str, int]:
    """Counts a crawl's pages by their language, the most frequent first; pages that do not tell are left out."""
    rows = await connection.fetch(
        """
        select language, count(*) as pages from indexed_pages
        where crawl_id = $1 and language is not null group by 1 order by 2 desc, 1 limit $2
        """,
        crawl_id,
        limit,
    )
    return {row["language"]: row["pages"] for row in rows}
