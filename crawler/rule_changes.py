"""Whether a source is crawled by other rules than at the crawl before: what they leave out now is no loss."""

import hashlib
from uuid import UUID

import orjson

from core.database import Connection
from crawler.queries.symbols import find_followed, update_followed
from crawler.records import Source
from crawler.scope import NOISE_RELEASE


async def note_rules(connection: Connection, crawl_id: UUID, source: Source, previous_id: UUID | None) -> None:
    """Notes which rules a crawl follows, and whether the crawl before followed others of the same source.

    The gate on passages then asks only for those of pages that the new rules leave in, be they new of the operator or
    of a release. Another address is another source, of which nothing can be said.
    """
    rules = _digest([NOISE_RELEASE, source.rules.to_json()])
    now = {"source": _digest([source.kind, source.address]), "rules": rules}
    before = await find_followed(connection, previous_id) if previous_id else now
    # A crawl of a release that noted nothing left out something else.
    are_new = before is None or (before["source"] == now["source"] and before["rules"] != rules)
    await update_followed(connection, crawl_id, now | {"are_new": "yes" if are_new else "no"})


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
