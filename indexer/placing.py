"""Moving the points of private libraries: into the data pod of their owner, and back.

Into a pod they are copied first, and answer from there once all are there; a copy that is cut short is made again.
Back they come without the pod, which may be gone: words are written from the database, meanings are made again.
"""

from uuid import UUID

import structlog

from core.clock import Clock, utc_now
from core.database import Database
from indexer.catalogue.catalogue import version_by_id
from indexer.indexing import indexed_text
from indexer.queries import chunks as chunk_queries
from indexer.queries import embedding_models, embedding_queue
from indexer.queries import places as place_queries
from indexer.queries.versions import LibraryVersion
from indexer.vectors.pods import PodRouter

log = structlog.get_logger(__name__)

_CHUNKS_PER_STEP = 256
_FIRST = UUID(int=0)


async def move_into_pod(
    database: Database, store: PodRouter, version_id: UUID, owner_id: UUID, clock: Clock = utc_now
) -> None:
    """Copies a version's points into the pod of its owner, and has it answer from there.

    Raises:
        PodUnavailable: The pod does not take them; the version goes on answering from where it is.
        VersionNotFound: It was removed.
    """
    began = clock()
    async with database.connection() as connection:
        version = await version_by_id(connection, version_id)
    copied = await _copy(database, store, version, owner_id)
    async with database.transaction() as connection:
        if await place_queries.lock_pod_of_version(connection, version_id) is not None:
            return
        await place_queries.update_place(connection, version_id, owner_id)
        # What was written to the old place meanwhile may be missing in the new one.
        await place_queries.forget_written_words(connection, version_id, began)
        await place_queries.forget_written_meanings(connection, version_id, began)
        await place_queries.remove_points_of_version(connection, version_id, None)
        await embedding_queue.update_waiting(connection, version_id)
    log.info("indexer.version_moved_into_pod", version_id=str(version_id), chunks=copied)


async def bring_back(database: Database, version_id: UUID) -> None:
    """Has a version answer from the installation's store again; its words and meanings are to be written anew."""
    async with database.transaction() as connection:
        if await place_queries.lock_pod_of_version(connection, version_id) is None:
            return
        await place_queries.update_place(connection, version_id, None)
        await place_queries.keep_points_of_version(connection, version_id)
        await place_queries.forget_written_words(connection, version_id, None)
        await place_queries.forget_written_meanings(connection, version_id, None)
        await embedding_queue.update_waiting(connection, version_id)
    log.info("indexer.version_brought_back", version_id=str(version_id))


async def empty_pod(database: Database, store: PodRouter, owner_id: UUID) -> None:
    """Deletes from a pod what is to leave it.

    Raises:
        PodUnavailable: It does not answer.
    """
    while True:
        async with database.connection() as connection:
            points = await chunk_queries.removed_points(connection, _CHUNKS_PER_STEP, owner_id)
        if not points:
            return
        await store.at(owner_id).delete(points)
        async with database.transaction() as connection:
            await chunk_queries.delete_removed_points(connection, points)


async def delete_from_pod(database: Database, store: PodRouter, owner_id: UUID, version_id: UUID) -> None:
    """Deletes a version's points from a pod, whether it answers from there or not.

    Raises:
        PodUnavailable: It does not answer.
    """
    last = _FIRST
    while True:
        async with database.connection() as connection:
            rows = await place_queries.published_after(connection, version_id, last, _CHUNKS_PER_STEP)
        if not rows:
            return
        await store.at(owner_id).delete([row.id for row in rows])
        last = rows[-1].id


async def _copy(database: Database, store: PodRouter, version: LibraryVersion, owner_id: UUID) -> int:
    source, target = store.at(None), store.at(owner_id)
    async with database.connection() as connection:
        spaces = [model.space for model in await embedding_models.kept_models(connection)]
    done, last = 0, _FIRST
    while True:
        async with database.connection() as connection:
            rows = await place_queries.published_after(connection, version.id, last, _CHUNKS_PER_STEP)
        if not rows:
            return done
        await target.put_words([indexed_text(version, row, utc_now().date()) for row in rows])
        for space in spaces:
            if meanings := await source.meanings([row.id for row in rows], space):
                await target.put_meanings(meanings, space)
        done, last = done + len(rows), rows[-1].id
