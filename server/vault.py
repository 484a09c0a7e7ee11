"""The secrets of sources: kept, named, forgotten, and sealed anew with another key."""

from accounts.data_pods import DataPods
from core.data_folder import DataFolder
from core.database import Connection, Database
from core.errors import NotFound
from core.sealing import KEY_FILE, SecretKeys, new_key
from crawler.credentials import Credentials
from crawler.queries import secrets as queries
from crawler.queries import sources
from crawler.queries.secrets import SealedSecrets
from crawler.records import Source
from crawler.settings import CrawlerSettings
from crawler.source_secrets import Resealed, reseal_secrets, save_secrets
from indexer.queries.versions import LibraryVersion


class Vault:
    """Keeps secrets for sources; what it gives back are names."""

    def __init__(
        self,
        database: Database,
        keys: SecretKeys,
        settings: CrawlerSettings,
        folder: DataFolder,
        pods: DataPods | None = None,
    ) -> None:
        self.keys = keys
        self._pods = pods
        self._database = database
        self._settings = settings
        self._folder = folder

    async def keep(self, connection: Connection, source: Source, given: Credentials) -> None:
        """Keeps the secrets of a source, in place of those it had.

        Raises:
            InvalidInput: They do not fit the source.
        """
        await save_secrets(connection, self.keys, self._settings, source, given)

    async def keep_for(self, version: LibraryVersion, given: Credentials) -> SealedSecrets:
        """Keeps the secrets of a version's source, and gives their names.

        Raises:
            NotFound: The version has no source.
            InvalidInput: They do not fit it.
        """
        async with self._database.transaction() as connection:
            source = await sources.select_source_of_version(connection, version.id)
            await self.keep(connection, source, given)
        return await self.names_for(version)

    async def names_for(self, version: LibraryVersion) -> SealedSecrets:
        """Gives the names of a version's secrets, and where they are sent.

        Raises:
            NotFound: It has none, or no source.
        """
        async with self._database.connection() as connection:
            source = await sources.select_source_of_version(connection, version.id)
            found = await queries.find_secrets(connection, source.id)
        if found is None:
            raise NotFound(f"{version.shown_id} {version.version} has no secrets.")
        return found

    async def forget_for(self, version: LibraryVersion) -> None:
        """Forgets the secrets of a version's source.

        Raises:
            NotFound: The version has no source.
        """
        async with self._database.transaction() as connection:
            source = await sources.select_source_of_version(connection, version.id)
            await queries.delete_secrets(connection, source.id)

    async def rotate(self) -> Resealed:
        """Seals every secret with the newest key; where the keys are the data folder's own, with a fresh one.

        Interrupted, it can be done again. An old key of the data folder goes once nothing needs it.
        """
        if self.keys.is_own:
            old = self._folder.read_secret(KEY_FILE)
            self._folder.replace_secret(KEY_FILE, f"{new_key()},{old}")
        async with self._database.transaction() as connection:
            done = await reseal_secrets(connection, self.keys)
        if self._pods is not None:
            resealed, unreadable = await self._pods.reseal()
            done = Resealed(done.resealed + resealed, done.unreadable + unreadable)
        if self.keys.is_own and not done.unreadable:
            newest = self._folder.read_secret(KEY_FILE).partition(",")[0]
            self._folder.replace_secret(KEY_FILE, newest)
        return done
