"""Which model passages are embedded with, and how one takes over from another.

The model chosen last embeds what it has not embedded yet, into a space of its own. A version goes on answering with the
vectors of its model until none of its passages waits any more; then it changes over in one transaction. When no version
answers with a model any more, its space goes.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import structlog

from core.database import Connection, Database
from core.errors import Unavailable
from indexer.embedding.process import LoadedModel
from indexer.queries import embedding_models, embedding_queue
from indexer.queries.embedding_models import EmbeddingModel
from indexer.vectors import VectorStore

log = structlog.get_logger(__name__)

RETIREMENT: Final = timedelta(seconds=60)
"""How long vectors are kept after the last version left them: answers under way may still need them."""
_FIRST_SPACE = "dense"
_VERSIONS_AT_ONCE = 100


async def choose_model(database: Database, store: VectorStore, loaded: LoadedModel) -> EmbeddingModel:
    """Has passages embedded with a model from now on; nothing changes if that is so already.

    Raises:
        Misconfigured: The index was made with another model, of which it does not say which.
    """
    async with database.transaction() as connection:
        await embedding_models.lock_models(connection)
        chosen = await embedding_models.find_chosen_model(connection)
        identity = (loaded.name, loaded.passage_prompt, loaded.dimension)
        model = await embedding_models.find_model(connection, *identity) or await _add(connection, loaded, chosen)
        if chosen is None or chosen.id != model.id:
            await embedding_models.update_chosen_model(connection, model.id)
        if chosen is None:
            await embedding_models.update_adopting_versions(connection, model.id)
    await store.add_space(model.space, model.dimension)
    if chosen is not None and chosen.id != model.id:
        log.info("indexer.embedding_model_changed", model=model.name, before=chosen.name)
    return model


async def is_chosen(database: Database, model: EmbeddingModel) -> bool:
    """Tells whether passages are still embedded with this model: another worker may have chosen another."""
    async with database.connection() as connection:
        chosen = await embedding_models.find_chosen_model(connection)
    return chosen is not None and chosen.id == model.id


async def settle_versions(database: Database, model: EmbeddingModel, version_ids: Sequence[UUID]) -> None:
    """Takes versions of which nothing waits any more off the queue, and lets them answer with the model."""
    async with database.transaction() as connection:
        changed = await embedding_models.update_answering_model(connection, model.id, version_ids)
    for version_id in changed:
        log.info("indexer.version_changed_model", version_id=str(version_id), model=model.name)


async def settle_all(database: Database, model: EmbeddingModel) -> None:
    """Settles every version on the queue that can be."""
    after = UUID(int=0)
    while True:
        async with database.connection() as connection:
            versions = await embedding_queue.waiting_versions(connection, after, _VERSIONS_AT_ONCE)
        if not versions:
            return
        await settle_versions(database, model, versions)
        after = versions[-1]


async def drop_retired_models(database: Database, store: VectorStore, retired_for: timedelta = RETIREMENT) -> None:
    """Removes the vectors of models that nothing answers with; killed in between, it is done again."""
    async with database.transaction() as connection:
        await embedding_models.lock_models(connection)
        await embedding_models.update_retired_models(connection)
        leaving = await embedding_models.update_leaving_models(connection, retired_for)
    for model in leaving:
        await store.drop_space(model.space)
        async with database.transaction() as connection:
            await embedding_models.delete_model(connection, model.id)
        log.info("indexer.vectors_removed", model=model.name)


async def _add(connection: Connection, loaded: LoadedModel, chosen: EmbeddingModel | None) -> EmbeddingModel:
    space = f"{_FIRST_SPACE}_{uuid4().hex[:12]}" if chosen else _FIRST_SPACE
    added = await embedding_models.insert_model(connection, loaded.name, loaded.passage_prompt, loaded.dimension, space)
    if added is None:
        raise Unavailable("The database did not take the embedding model.")
    return added
