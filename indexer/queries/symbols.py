"""The indexer's look into the crawler's `source_symbols`."""

import re
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from core.database import Connection


async def symbols_of_pages(
    connection: Connection, version_id: UUID, urls: Sequence[str]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Gives anchor and name of what the site's inventory says pages define, by the address of the page.

    A folder and its `index.html` count as one page.
    """
    shown = {form: url for url in urls for form in (url, _other_form(url))}
    rows = await connection.fetch(
        """
        select s.page_url, s.anchor, s.name from source_symbols s join sources on sources.id = s.source_id
        where sources.library_version_id = $1 and s.page_url = any($2::text[])
        order by s.anchor collate "C", s.name collate "C"
        """,
        version_id,
        list(shown),
    )
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        found[shown[row["page_url"]]].append((row["anchor"], row["name"]))
    return {url: tuple(named) for url, named in found.items()}


def _other_form(url: str) -> str:
    return f"{url}index.html" if url.endswith("/") else re.sub(r"/index\.html$", "/", url)
