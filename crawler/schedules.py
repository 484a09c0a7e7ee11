"""When sources are crawled by themselves: every so often, a little apart from each other, seldom while they fail."""

import hashlib
import re
from datetime import timedelta
from uuid import UUID, uuid4

from core.database import Connection
from core.errors import InvalidInput
from crawler.queries import crawls
from crawler.queries import schedules as queries
from crawler.records import Schedule

SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=366)
_JITTER_PERCENT = 10
_MOST_DOUBLINGS = 5
_LONGEST_BACKOFF = timedelta(days=30)
_PERIOD = re.compile(r"([0-9]{1,5}) ?(h|d|w)", re.IGNORECASE)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def read_period(text: str) -> timedelta | None:
    """Reads `12h`, `7d` or `2w`; `off` is None.

    Raises:
        InvalidInput: It is none of these, or too short or too long.
    """
    if text.strip().lower() == "off":
        return None
    match = _PERIOD.fullmatch(text.strip())
    every = int(match[1]) * _UNITS[match[2].lower()] if match else timedelta(0)
    if not SHORTEST <= every <= LONGEST:
        raise InvalidInput(f"{text[:50]!r} is no period. Give hours, days or weeks, such as 12h, 7d or 2w, or off.")
    return every


def show_period(every: timedelta) -> str:
    """Gives a period as it can be given: in the largest unit that fits."""
    unit = next((name for name in ("w", "d") if not every % _UNITS[name]), "h")
    return f"{every // _UNITS[unit]}{unit}"


def wait_of(source_id: UUID, every: timedelta, failures: int = 0) -> timedelta:
    """Gives how long a source waits for its next crawl.

    At most a tenth is added, always the same for one source, so that those added together do not come together. Each
    failure in a row doubles the wait, up to 32 times and 30 days.
    """
    share = int.from_bytes(hashlib.sha256(source_id.bytes).digest()[:4]) / 2**32
    wait = every * 2 ** min(failures, _MOST_DOUBLINGS)
    return max(every, min(wait, _LONGEST_BACKOFF)) * (1 + share * _JITTER_PERCENT / 100)


async def set_schedule(connection: Connection, source_id: UUID, every: timedelta | None) -> Schedule:
    """Lets a source be crawled every so often, or never by itself; the first time after one wait."""
    wait = None if every is None else wait_of(source_id, every)
    await queries.update_schedule(connection, source_id, every, wait)
    return await queries.select_schedule(connection, source_id)


async def start_due_crawls(connection: Connection, limit: int) -> list[UUID]:
    """Adds the crawls whose time has come, and gives them.

    However many call this at once, each is added once; those missed while nobody worked are made up for by one.
    A source whose crawl is still going on, or paused, is passed over this time.
    """
    started: list[UUID] = []
    for due in await queries.claim_due_sources(connection, limit):
        wait = wait_of(due.source_id, due.every, due.failures)
        await queries.update_next_refresh(connection, due.source_id, due.failures, wait)
        crawl_id = uuid4()
        if await crawls.insert_crawl(connection, crawl_id, due.source_id):
            started.append(crawl_id)
    return started


async def note_end(connection: Connection, source_id: UUID, *, is_failure: bool) -> None:
    """Moves the next crawl of a source on from the end of the last one, further away the more failed in a row."""
    schedule = await queries.select_schedule(connection, source_id)
    if schedule.every is None:
        return
    failures = schedule.failures + 1 if is_failure else 0
    await queries.update_next_refresh(connection, source_id, failures, wait_of(source_id, schedule.every, failures))
