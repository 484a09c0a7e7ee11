"""What the first start does once: a key for the administrator, and Lectern's own documentation as the first library."""

from importlib.metadata import version
from pathlib import Path

from accounts.callers import ADMINISTER
from crawler.rules import CrawlRules
from crawler.service import SourceAddress
from server.runtime import Runtime

OWN_LIBRARY = "/lectern/docs"
_FIRST_KEY_PER_MINUTE = 600
_FIRST_KEY_PER_DAY = 100_000


async def first_key(runtime: Runtime) -> str | None:
    """Creates the administrator's key, if there is none yet, and gives it; it cannot be had again."""
    owner = runtime.administrator.id
    if await runtime.key_ring.keys_of(owner):
        return None
    created = await runtime.key_ring.create(
        owner,
        name="first key",
        scopes=[ADMINISTER],
        per_minute=_FIRST_KEY_PER_MINUTE,
        per_day=_FIRST_KEY_PER_DAY,
        expires_at=None,
    )
    return created.plaintext


async def add_own_documentation(runtime: Runtime) -> None:
    """Queues this release's documentation as a library; pages that have not changed cost nothing."""
    folder = own_documentation()
    if folder is None:
        return
    source = SourceAddress("folder", str(folder))
    await runtime.ingest.add(OWN_LIBRARY, version("lectern"), source, CrawlRules(), name="Lectern")


def own_documentation() -> Path | None:
    """Gives the folder of this release's documentation: in the package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent
    folders = (here / "own_docs", here.parent / "docs")
    return next((folder for folder in folders if folder.is_dir()), None)
