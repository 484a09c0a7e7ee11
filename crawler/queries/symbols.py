"""Statements about `source_symbols` and the facts of crawls."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.database import Connection
from crawler.records import PageSymbol


async def delete_symbols(connection: Connection, crawl_id: UUID) -> None:
    """Forgets the names that an earlier inventory of a crawl's source had."""
    await connection.execute(
        "delete from source_symbols where source_id = (select source_id from crawls where id = $1)", crawl_id
    )


async def insert_symbols(connection: Connection, crawl_id: UUID, symbols: Sequence[PageSymbol]) -> None:
    """Notes names that pages of a crawl's source define."""
    await connection.execute(
        """
        insert into source_symbols (source_id, page_url, anchor, name, role)
        select source_id, page_url, anchor, name, role
        from crawls, unnest($2::text[], $3::text[], $4::text[], $5::text[]) as given (page_url, anchor, name, role)
        where id = $1 order by page_url, anchor, name, role
        on conflict do nothing
        """,
        crawl_id,
        [symbol.page_url for symbol in symbols],
        [symbol.anchor for symbol in symbols],
        [symbol.name for symbol in symbols],
        [symbol.role for symbol in symbols],
    )


async def update_facts(connection: Connection, crawl_id: UUID, facts: Mapping[str, str]) -> None:
    """Adds what the source says about itself to the facts of a crawl."""
    await connection.execute("update crawls set facts = facts || $2 where id = $1", crawl_id, dict(facts))


async def facts_of(connection: Connection, crawl_id: UUID) -> dict[str, str]:
    """Gives what the source said about itself in a crawl."""
    return await connection.fetchval("select facts - 'followed' from crawls where id = $1", crawl_id) or {}


async def update_followed(connection: Connection, crawl_id: UUID, followed: Mapping[str, str]) -> None:
    """Notes which rules a crawl follows, beside its facts."""
    await connection.execute(
        "update crawls set facts = jsonb_set(facts, '{followed}', $2) where id = $1", crawl_id, dict(followed)
    )


async def find_followed(connection: Connection, crawl_id: UUID) -> dict[str, str] | None:
    """Gives what was noted about the rules of a crawl, None of one of an earlier release."""
    return await connection.fetchval("select facts -> 'followed' from crawls where id = $1", crawl_id)
