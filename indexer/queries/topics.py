"""Statements on `library_topics`, and what a topic is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.database import Connection


@dataclass(frozen=True, slots=True)
class DueTopic:
    """A library whose topic is to be written, with what it is made of: pages best known first, languages of its code.

    `revision` is the one that is written; the library may have changed again meanwhile.
    """

    library_id: str
    point_id: UUID
    revision: int
    name: str
    metadata: dict[str, Any]
    pages: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """What a library is about, as it was written, and what decides between libraries that fit equally well."""

    library_id: str
    point_id: UUID
    revision: int
    content: str
    popularity: int = 0
    total_snippets: int = 0
    last_crawled_at: datetime | None = None


async def topics_without_words(connection: Connection, limit: int, most_pages: int) -> list[DueTopic]:
    """Gives public libraries whose topic is not in the vector store as they are now."""
    rows = await connection.fetch(
        """
        select t.library_id, t.point_id, t.revision, l.name, l.metadata,
            array(
                select i.title from documentation_chunks c
                join indexed_pages i on i.library_version_id = c.library_version_id and i.page_url = c.page_url
                where c.library_version_id = v.id and c.is_published and i.title <> '' and not exists (
                    select from blocks b where b.library_id = l.id and b.page_url = i.page_url and b.anchor is null)
                group by i.page_url, i.title
                order by max(c.prominence) desc, length(i.page_url), i.page_url limit $2
            ) as pages,
            array(
                select c.metadata ->> 'code_language' from documentation_chunks c
                where c.library_version_id = v.id and c.is_published and c.metadata ? 'code_language'
                group by 1 order by count(*) desc, 1 limit 3
            ) as languages
        from library_topics t
        join libraries l on l.id = t.library_id and l.owner_id is null
        left join library_versions v on v.library_id = l.id and v.is_latest
        where t.words_revision < t.revision
        limit $1
        """,
        limit,
        most_pages,
    )
    return [
        DueTopic(
            row["library_id"],
            row["point_id"],
            row["revision"],
            row["name"],
            row["metadata"],
            tuple(row["pages"]),
            tuple(row["languages"]),
        )
        for row in rows
    ]


async def mark_words(connection: Connection, topics: Sequence[Topic]) -> None:
    """Notes what the vector store has the words of; the meaning of the same text stays, and points of none are removed.

    A library may have gone between the look at it and the writing of its point.
    """
    await connection.execute(
        """
        with given as (
            select * from unnest($1::uuid[], $2::bigint[], $3::text[]) as g (point_id, revision, content)
        ), known as (
            update library_topics t
            set words_revision = g.revision, content = g.content,
                meaning_revision = case when t.content = g.content and t.meaning_revision = t.words_revision
                    then g.revision else t.meaning_revision end
            from given g where t.point_id = g.point_id
            returning t.point_id
        )
        insert into removed_points (point_id)
        select point_id from given where point_id not in (select point_id from known) on conflict do nothing
        """,
        [topic.point_id for topic in topics],
        [topic.revision for topic in topics],
        [topic.content for topic in topics],
    )


async def count_with_words(connection: Connection) -> int:
    """Counts the topics that the vector store should have the words of."""
    return await connection.fetchval("select count(*) from library_topics where words_revision > 0")


async def forget_points(connection: Connection) -> None:
    """Has every topic written anew, words and meanings."""
    # Without the content a meaning would count as that of the same text.
    await connection.execute("update library_topics set words_revision = 0, meaning_revision = 0, content = ''")


async def topics_without_meaning(connection: Connection, limit: int) -> list[Topic]:
    """Gives topics whose words are in the vector store and whose meaning is not."""
    rows = await connection.fetch(
        """
        select library_id, point_id, words_revision as revision, content from library_topics
        where meaning_revision < words_revision limit $1
        """,
        limit,
    )
    return [Topic(**dict(row)) for row in rows]


async def mark_meanings(connection: Connection, topics: Sequence[Topic], space: str) -> None:
    """Notes what the vector store has the meaning of."""
    await connection.execute(
        """
        update library_topics t set meaning_revision = g.revision, space = $3
        from unnest($1::uuid[], $2::bigint[]) as g (point_id, revision) where t.point_id = g.point_id
        """,
        [topic.point_id for topic in topics],
        [topic.revision for topic in topics],
        space,
    )


async def forget_meanings_not_of(connection: Connection, space: str) -> None:
    """Has every topic embedded again whose meaning another model made."""
    await connection.execute(
        "update library_topics set meaning_revision = 0 where space <> $1 and meaning_revision > 0", space
    )


async def topics_of_points(connection: Connection, point_ids: Sequence[UUID]) -> list[Topic]:
    """Gives the topics of these points, in no particular order."""
    rows = await connection.fetch(
        """
        select t.library_id, t.point_id, t.revision, t.content, l.popularity_score as popularity, l.total_snippets,
               l.last_crawled_at
        from library_topics t join libraries l on l.id = t.library_id
        where t.point_id = any($1::uuid[]) and l.owner_id is null
        """,
        list(point_ids),
    )
    return [Topic(**dict(row)) for row in rows]


async def contents_of(connection: Connection, library_ids: Sequence[str]) -> dict[str, str]:
    """Gives what these libraries are about, by id."""
    rows = await connection.fetch(
        "select library_id, content from library_topics where library_id = any($1::text[])", list(library_ids)
    )
    return {row["library_id"]: row["content"] for row in rows}
