"""The secrets of sources where they rest: sealed when they come, opened for a crawl, sealed anew for another key."""

from dataclasses import dataclass

import orjson
import structlog

from core.database import Connection
from core.errors import InvalidInput, Misconfigured, SourceFailed
from core.sealing import SecretKeys
from crawler.credentials import Credentials, bind, check_way
from crawler.queries import secrets as queries
from crawler.queries.secrets import SealedSecrets
from crawler.records import Source
from crawler.settings import CrawlerSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Resealed:
    """How many secrets bear the newest key now, and how many no key here opens."""

    resealed: int
    unreadable: int


async def save_secrets(
    connection: Connection, keys: SecretKeys, settings: CrawlerSettings, source: Source, given: Credentials
) -> None:
    """Keeps the secrets of a source, in place of those it had.

    Raises:
        InvalidInput: They do not fit the source.
    """
    allow_private = settings.for_source(source.rules).allow_private
    bound = bind(given, source.kind, source.address, allow_private=allow_private)
    origin = str(bound.origin)
    sealed = keys.seal(bound.to_text(), _binding(source.id, origin))
    await queries.upsert_secrets(connection, source.id, origin, bound.names, sealed)


async def open_secrets(
    connection: Connection, keys: SecretKeys | None, settings: CrawlerSettings, source: Source
) -> Credentials | None:
    """Gives what to ask a source with; `settings` are those of the source.

    Raises:
        SourceFailed: They cannot be read with the keys of this machine, or may not be sent any more.
    """
    stored = await queries.find_secrets(connection, source.id)
    if stored is None:
        return None
    if keys is None:
        raise SourceFailed("The source needs secrets, and there is no key here to open them with.")
    try:
        check_way(stored.origin, allow_private=settings.allow_private)
        text = keys.open(stored.sealed, _binding(stored.source_id, stored.origin))
    except (Misconfigured, InvalidInput) as error:
        raise SourceFailed(f"The secrets of this source cannot be used. {error.message}") from error
    return Credentials.model_validate(orjson.loads(text))


async def reseal_secrets(connection: Connection, keys: SecretKeys) -> Resealed:
    """Seals all secrets with the first key, as far as they can be opened."""
    resealed = unreadable = 0
    for stored in await queries.all_secrets(connection):
        try:
            await _reseal(connection, keys, stored)
            resealed += 1
        except Misconfigured:
            log.warning("crawler.secrets_unreadable", source_id=str(stored.source_id))
            unreadable += 1
    return Resealed(resealed, unreadable)


async def _reseal(connection: Connection, keys: SecretKeys, stored: SealedSecrets) -> None:
    binding = _binding(stored.source_id, stored.origin)
    text = keys.open(stored.sealed, binding)
    if not keys.is_sealed_with_first(stored.sealed):
        await queries.update_sealed(connection, stored.source_id, keys.seal(text, binding))


def _binding(source_id: object, origin: str) -> str:
    return f"{source_id} {origin}"
