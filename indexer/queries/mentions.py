"""The statement on `documentation_chunks.mentions`: what other pages say when they link to a passage."""

from uuid import UUID

from core.database import Connection


async def update_mentions(connection: Connection, version_id: UUID, crawl_id: UUID) -> int:
    """Brings the mentions of a version's chunks up to its pages' links; gives how many chunks have others now.

    A sentence counts for the first chunk of the section it links to, without a fragment for the first of the page:
    where the link leads to after redirects, and on the page that answers for its duplicates. Each counts once; of many,
    hashes choose at most ten with 150 words. The words of a chunk with others are written anew.
    """
    tag = await connection.execute(
        """
        with written as materialized (
            select i.page_url as source, split_part(m.line, E'\\t', 1) as link,
                split_part(m.line, E'\\t', 2) as sentence
            from indexed_pages i cross join lateral string_to_table(i.mentions, E'\\n') as m (line)
            where i.library_version_id = $1 and i.outcome = 'indexed' and i.mentions <> ''
        ), followed as materialized (
            select distinct coalesce(t.duplicate_of, t.page_url) as target,
                substr(w.link, strpos(w.link || '#', '#') + 1) as anchor, w.sentence
            from written w
            left join crawl_pages r
                on r.crawl_id = $2 and r.url = split_part(w.link, '#', 1) and r.state = 'redirected'
            join indexed_pages t
                on t.library_version_id = $1 and t.page_url = coalesce(r.final_url, split_part(w.link, '#', 1))
            where coalesce(t.duplicate_of, t.page_url) <> w.source
        ), names as materialized (
            select id, page_url, chunk_index, metadata ->> 'anchor' as anchor from documentation_chunks
            where library_version_id = $1
            union all
            select id, page_url, chunk_index, jsonb_array_elements_text(metadata -> 'anchor_aliases')
            from documentation_chunks where library_version_id = $1
            union all
            select id, page_url, chunk_index, '' from documentation_chunks where library_version_id = $1
        ), places as materialized (
            select distinct on (page_url, anchor) page_url, anchor, id from names
            where anchor is not null order by page_url, anchor, chunk_index, id
        ), said as materialized (
            select distinct p.id, f.sentence, sha256(convert_to(f.sentence, 'UTF8')) as turn
            from followed f join places p on p.page_url = f.target and p.anchor = f.anchor
        ), numbered as materialized (
            select id, sentence, turn, row_number() over before as number,
                sum(length(sentence) - length(replace(sentence, ' ', '')) + 1) over before as words
            from said window before as (partition by id order by turn)
        ), chosen as materialized (
            select id, string_agg(sentence, E'\\n' order by turn) as mentions from numbered
            where number <= 10 and words <= 150 group by id
        ), computed as materialized (
            select c.id, coalesce(m.mentions, '') as mentions
            from documentation_chunks c left join chosen m on m.id = c.id where c.library_version_id = $1
        )
        update documentation_chunks c set mentions = n.mentions, words_indexed_at = null
        from computed n where c.id = n.id and c.mentions <> n.mentions
        """,
        version_id,
        crawl_id,
    )
    return int(tag.rsplit(" ", 1)[-1])
