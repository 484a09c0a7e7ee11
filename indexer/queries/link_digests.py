"""Statements on `library_versions.links_digest`: whether the links of a version are still those that were counted."""

from uuid import UUID

from core.database import Connection

_COUNTING = "1"
"""To be raised with another way of counting prominence or mentions, so that all of them are counted anew."""


async def find_new_digest(connection: Connection, version_id: UUID, crawl_id: UUID) -> bytes | None:
    """Gives a digest of what links are counted from, None if it is the one that was written down.

    That is each page that answers, when it was read, or which one answers for it; and where the crawl was redirected. A
    page's links, sentences and chunks only change when it is read anew, and then that moment does.
    """
    return await connection.fetchval(
        """
        with pages as (
            select string_agg(concat_ws(E'\\t', page_url, extract(epoch from indexed_at), duplicate_of),
                E'\\n' order by page_url collate "C") as lines
            from indexed_pages where library_version_id = $1 and outcome in ('indexed', 'duplicate')
        ), redirects as (
            select string_agg(concat_ws(E'\\t', url, final_url), E'\\n' order by url collate "C") as lines
            from crawl_pages where crawl_id = $2 and state = 'redirected'
        ), computed as (
            select sha256(convert_to(concat_ws(E'\\f', $3::text, p.lines, r.lines), 'UTF8')) as digest
            from pages p, redirects r
        )
        select c.digest from computed c
        join library_versions v on v.id = $1 and v.links_digest is distinct from c.digest
        """,
        version_id,
        crawl_id,
        _COUNTING,
    )


async def update_digest(connection: Connection, version_id: UUID, digest: bytes) -> None:
    """Writes down what links were counted from."""
    await connection.execute("update library_versions set links_digest = $2 where id = $1", version_id, digest)
