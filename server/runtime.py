"""Everything a running Lectern is made of, opened in order and closed in reverse.

The only place that knows which engines are embedded and which are reached by URL.
"""

import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from accounts.data_pods import DataPods
from accounts.keys import KeyRing
from accounts.limits import Limiter
from accounts.people import ensure_administrator
from accounts.queries.users import User
from accounts.settings import AccountsSettings, key_pepper
from billing.meter import Meter
from billing.settings import BillingSettings
from core.cache import open_cache
from core.data_folder import DataFolder
from core.database import Database
from core.embedded_postgres import embedded_postgres
from core.jobs import JobQueue
from core.objects import ObjectStore, open_object_store
from core.sealing import secret_keys
from core.settings import CoreSettings
from indexer.catalogue.topics import Topics
from indexer.embedding.embedders import Embedders
from indexer.embedding.reranker import RerankerProcess
from indexer.embedding.worker import EmbeddingWorker
from indexer.evaluation.service import EvaluationService
from indexer.extraction_processes import ExtractionProcesses
from indexer.indexing import Indexer
from indexer.search.askings import Askings
from indexer.search.caching import CachedAnswers, answer_recipe
from indexer.search.service import AnswerService
from indexer.settings import IndexerSettings
from indexer.vectors import VectorStore, open_vector_store
from indexer.vectors.pods import PodRouter, Pods
from migrations.runner import Plane, check_schema, migrate
from server.configuration import Configuration
from server.ingest import Ingest
from server.local_access import LocalKeyRing
from server.pod_connections import PodConnections
from server.pods import PodKeeper
from server.vault import Vault


@dataclass(frozen=True)
class Runtime:
    """The opened parts. `local_token` is known to this process and to commands on the same data folder alone."""

    configuration: Configuration
    folder: DataFolder
    content: Database
    accounts: Database
    answers: CachedAnswers
    evaluation: EvaluationService
    topics: Topics
    store: VectorStore
    objects: ObjectStore
    embedder: Embedders
    reranker: RerankerProcess
    embedding: EmbeddingWorker
    askings: Askings
    indexer: Indexer
    jobs: JobQueue
    ingest: Ingest
    vault: Vault
    pods: PodKeeper
    key_ring: KeyRing
    limiter: Limiter
    meter: Meter
    administrator: User
    local_token: str


@asynccontextmanager
async def open_runtime(configuration: Configuration, *, may_migrate: bool) -> AsyncGenerator[Runtime]:
    """Opens every part.

    Args:
        configuration: The settings.
        may_migrate: Whether older schemas are brought up to date; otherwise they are an error. Embedded databases
            belong to this process and are always brought up to date.

    Raises:
        Conflict: Another process holds the data folder.
        Misconfigured, Unavailable: A part cannot be opened; the message names it.
    """
    core, indexing = configuration.core, configuration.indexer
    folder = DataFolder(core.data_dir)
    folder.prepare()
    async with AsyncExitStack() as stack:
        if core.database_url is None or core.qdrant_url is None:
            # Embedded engines belong to one process; with none of them, several may share the folder.
            stack.enter_context(folder.held())
        content, accounts = await _open_databases(stack, core, folder, may_migrate=may_migrate)
        jobs = JobQueue(content)
        await jobs.install()
        cache = await stack.enter_async_context(open_cache(core.redis_url))
        objects = open_object_store(core.snapshot_url or str(folder.snapshots))
        keys = secret_keys(core.secrets_key, folder)
        data_pods = DataPods(accounts, keys)
        connections = PodConnections(data_pods, configuration.crawler, indexing)
        pods = await stack.enter_async_context(Pods(connections, indexing.pod_timeout_seconds).running())
        store = PodRouter(await _open_vectors(stack, core, indexing, folder), pods, content)
        shared_cache = cache if core.redis_url else None
        embedder = await stack.enter_async_context(Embedders(indexing, content, shared_cache).running())
        askings = Askings(content)
        processes = await stack.enter_async_context(ExtractionProcesses(indexing.extraction_processes))
        indexer = Indexer(content, objects, store, indexing, processes)
        vault = Vault(content, keys, configuration.crawler, folder, data_pods)
        keeper = PodKeeper(content, jobs, store, indexer, data_pods, connections)
        ingest = Ingest(content, jobs, objects, indexer, configuration.crawler, vault, keeper)
        administrator = await ensure_administrator(accounts, configuration.accounts.administrator_email)
        token = secrets.token_urlsafe(32)
        key_ring = await stack.enter_async_context(
            _key_ring(accounts, configuration.accounts, folder, token, administrator)
        )
        meter = await stack.enter_async_context(_meter(accounts, configuration.billing))
        topics = Topics(content, store, embedder)
        reranker = RerankerProcess(indexing)
        answers = AnswerService(content, store, embedder, indexing, reranker)
        yield Runtime(
            configuration=configuration,
            folder=folder,
            content=content,
            accounts=accounts,
            answers=CachedAnswers(answers, content, cache, answer_recipe(indexing), note_asked=askings.note),
            evaluation=EvaluationService(content, objects, store, embedder, answers, processes, indexing, reranker),
            topics=topics,
            store=store,
            objects=objects,
            embedder=embedder,
            reranker=reranker,
            embedding=EmbeddingWorker(content, store, embedder.process, indexing, pods.away),
            askings=askings,
            indexer=indexer,
            jobs=jobs,
            ingest=ingest,
            vault=vault,
            pods=keeper,
            key_ring=key_ring,
            limiter=Limiter(cache, refused_keys_per_minute=configuration.accounts.refused_keys_per_minute),
            meter=meter,
            administrator=administrator,
            local_token=token,
        )


def _key_ring(
    accounts: Database, settings: AccountsSettings, folder: DataFolder, token: str, administrator: User
) -> LocalKeyRing:
    pepper, seconds = key_pepper(settings, folder), settings.key_cache_seconds
    return LocalKeyRing(accounts, pepper, cache_seconds=seconds, token=token, administrator=administrator)


def _meter(accounts: Database, settings: BillingSettings) -> Meter:
    deadline = timedelta(seconds=settings.meter_timeout_seconds)
    return Meter(accounts, is_query_logged=settings.is_query_logged, deadline=deadline)


async def _open_databases(
    stack: AsyncExitStack, core: CoreSettings, folder: DataFolder, *, may_migrate: bool
) -> tuple[Database, Database]:
    """Opens the database of each plane, with the schema of this release."""
    if core.database_url is not None:
        content_url = core.database_url.get_secret_value()
    else:
        content_url = stack.enter_context(embedded_postgres(folder.postgres))
    accounts_url = core.accounts_database_url.get_secret_value() if core.accounts_database_url else content_url
    await prepare_schemas(content_url, accounts_url, may_migrate=may_migrate or core.database_url is None)
    content = await Database.connect(content_url, pool_size=core.database_pool_size, schema="content")
    stack.push_async_callback(content.close)
    accounts = await Database.connect(
        accounts_url, pool_size=core.database_pool_size, schema="accounts", role="lectern_service"
    )
    stack.push_async_callback(accounts.close)
    return content, accounts


async def prepare_schemas(content_url: str, accounts_url: str, *, may_migrate: bool) -> None:
    """Brings both schemas up to this release, or checks that they are.

    Raises:
        Misconfigured: A schema is newer than this release, or older and must not be changed here.
    """
    planes: dict[Plane, str] = {"content": content_url, "accounts": accounts_url}
    for plane, url in planes.items():
        database = await Database.connect(url, pool_size=2)
        try:
            await (migrate(database, plane) if may_migrate else check_schema(database, plane))
        finally:
            await database.close()


async def _open_vectors(
    stack: AsyncExitStack, core: CoreSettings, indexing: IndexerSettings, folder: DataFolder
) -> VectorStore:
    return await stack.enter_async_context(
        open_vector_store(
            folder.vectors,
            url=core.qdrant_url,
            api_key=core.qdrant_api_key,
            collection=indexing.qdrant_collection,
            min_free_bytes=core.min_free_bytes,
        )
    )
