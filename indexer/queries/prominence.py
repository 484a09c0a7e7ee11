"""Statements on `documentation_chunks.prominence`: how many pages link to a passage's page and to its section."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.database import Connection


@dataclass(frozen=True, slots=True)
class LinkedChunks:
    """What is linked to: the first 8 bytes of each id as uint64, ascending, and its prominence in hundredths, uint8."""

    keys: NDArray[np.uint64]
    hundredths: NDArray[np.uint8]


async def update_prominence(connection: Connection, version_id: UUID, crawl_id: UUID) -> int:
    """Brings the prominence of a version's chunks up to its pages' links; gives how many have changed.

    It is log(1 + links) over that of the most linked: half of it of the page, half of the best of the chunk's anchors.
    Links count once for each page they are on, where they lead to after redirects, and to the page that answers for its
    duplicates. Hundredths are told apart, so that one more link does not write every chunk anew.
    """
    tag = await connection.execute(
        """
        with written as materialized (
            select i.page_url as source, split_part(l.link, '#', 1) as address,
                substr(l.link, strpos(l.link || '#', '#') + 1) as anchor
            from indexed_pages i cross join lateral string_to_table(i.links, E'\\n') as l (link)
            where i.library_version_id = $1 and i.outcome = 'indexed'
        ), followed as materialized (
            select distinct w.source, coalesce(t.duplicate_of, t.page_url) as target, w.anchor
            from written w
            left join crawl_pages r on r.crawl_id = $2 and r.url = w.address and r.state = 'redirected'
            join indexed_pages t on t.library_version_id = $1 and t.page_url = coalesce(r.final_url, w.address)
            where coalesce(t.duplicate_of, t.page_url) <> w.source
        ), page_links as materialized (
            select target, ln(1 + count(distinct source)) as weight from followed group by target
        ), section_links as materialized (
            select target, anchor, ln(1 + count(*)) as weight from followed where anchor <> '' group by target, anchor
        ), names as materialized (
            select id, page_url, metadata ->> 'anchor' as anchor from documentation_chunks where library_version_id = $1
            union all
            select id, page_url, jsonb_array_elements_text(metadata -> 'anchor_aliases') from documentation_chunks
            where library_version_id = $1
        ), best_sections as materialized (
            select n.id, max(s.weight) as weight from names n
            join section_links s on s.target = n.page_url and s.anchor = n.anchor group by n.id
        ), computed as materialized (
            select c.id, round((
                coalesce(p.weight / (select max(weight) from page_links), 0) / 2
                + coalesce(s.weight / (select max(weight) from section_links), 0) / 2
            )::numeric, 2)::real as prominence
            from documentation_chunks c
            left join page_links p on p.target = c.page_url
            left join best_sections s on s.id = c.id
            where c.library_version_id = $1
        )
        update documentation_chunks c set prominence = n.prominence from computed n
        where c.id = n.id and c.prominence <> n.prominence
        """,
        version_id,
        crawl_id,
    )
    return int(tag.rsplit(" ", 1)[-1])


async def linked_chunks(connection: Connection, version_id: UUID) -> LinkedChunks:
    """Gives the chunks of a version that are linked to."""
    row = await connection.fetchrow(
        """
        select string_agg(substr(uuid_send(id), 1, 8), ''::bytea order by id) as keys,
            string_agg(substr(int2send((prominence * 100)::int2), 2, 1), ''::bytea order by id) as hundredths
        from documentation_chunks where library_version_id = $1 and prominence > 0
        """,
        version_id,
    )
    keys, hundredths = (row["keys"] or b"", row["hundredths"] or b"") if row else (b"", b"")
    return LinkedChunks(np.frombuffer(keys, ">u8").astype(np.uint64), np.frombuffer(hundredths, np.uint8))
