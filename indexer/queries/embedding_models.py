"""Statements on `embedding_models`, and on which of them answers for a version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from core.database import Connection, Row


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """A model that made vectors, and the space of the vector store that keeps them."""

    id: int
    name: str
    passage_prompt: str
    dimension: int
    space: str


async def lock_models(connection: Connection) -> None:
    """Makes others who choose or retire a model wait until the end of the transaction."""
    await connection.execute("lock table embedding_models in share row exclusive mode")


async def find_chosen_model(connection: Connection) -> EmbeddingModel | None:
    """Gives the model that passages are embedded with, if one was ever chosen."""
    row = await connection.fetchrow(
        """
        select id, name, passage_prompt, dimension, space from embedding_models where not is_leaving
        order by chosen_at desc, id desc limit 1
        """
    )
    return _model(row) if row else None


async def kept_models(connection: Connection) -> list[EmbeddingModel]:
    """Gives the models whose vectors are kept."""
    rows = await connection.fetch(
        "select id, name, passage_prompt, dimension, space from embedding_models where not is_leaving order by id"
    )
    return [model for row in rows if (model := _model(row))]


async def find_model(connection: Connection, name: str, passage_prompt: str, dimension: int) -> EmbeddingModel | None:
    """Gives a model that is known and not leaving."""
    row = await connection.fetchrow(
        """
        select id, name, passage_prompt, dimension, space from embedding_models
        where name = $1 and passage_prompt = $2 and dimension = $3 and not is_leaving
        """,
        name,
        passage_prompt,
        dimension,
    )
    return _model(row) if row else None


async def insert_model(
    connection: Connection, name: str, passage_prompt: str, dimension: int, space: str
) -> EmbeddingModel | None:
    """Adds a model."""
    row = await connection.fetchrow(
        """
        insert into embedding_models (name, passage_prompt, dimension, space) values ($1, $2, $3, $4)
        returning id, name, passage_prompt, dimension, space
        """,
        name,
        passage_prompt,
        dimension,
        space,
    )
    return _model(row) if row else None


async def update_chosen_model(connection: Connection, model_id: int) -> None:
    """Has passages embedded with this model, and every version looked at for some that are not."""
    await connection.execute(
        "update embedding_models set chosen_at = clock_timestamp(), retired_at = null where id = $1", model_id
    )
    # All of them: one that is settled at this moment has to be looked at as well.
    await connection.execute("update library_versions set waiting_since = coalesce(waiting_since, now())")


async def update_adopting_versions(connection: Connection, model_id: int) -> None:
    """Lets versions without a model, which the first model embedded before it was recorded, answer with it."""
    await connection.execute(
        """
        update library_versions v set embedding_model = $1
        where embedding_model is null and exists (
            select from documentation_chunks c where c.library_version_id = v.id and c.embedded_by = $1)
        """,
        model_id,
    )


async def models_in_use(connection: Connection) -> list[EmbeddingModel]:
    """Gives the models whose vectors answer for some version, and the one chosen last."""
    rows = await connection.fetch(
        """
        select id, name, passage_prompt, dimension, space from embedding_models m
        where not is_leaving and (
            exists (select from library_versions v where v.embedding_model = m.id)
            or chosen_at = (select max(chosen_at) from embedding_models where not is_leaving))
        """
    )
    return [_model(row) for row in rows]


async def update_answering_model(connection: Connection, model_id: int, version_ids: Sequence[UUID]) -> list[UUID]:
    """Takes versions that wait for nothing any more off the queue and lets them answer with the model.

    The rows are locked first: whoever adds passages to a version or chooses a model writes its row, so that nothing is
    overlooked. Gives the versions that change their model, whose index generation rises; none if another was chosen.
    """
    await connection.execute(
        "select id from library_versions where id = any($1::uuid[]) order by id for update", list(version_ids)
    )
    rows = await connection.fetch(
        """
        with settled as (
            select id, embedding_model as former from library_versions v
            where id = any($2::uuid[]) and not exists (
                select from documentation_chunks c
                where c.library_version_id = v.id and c.embedded_by <> $1 and c.is_published)
            and $1 = (
                select m.id from embedding_models m where not is_leaving order by chosen_at desc, m.id desc limit 1)
        )
        update library_versions v
        set embedding_model = $1, waiting_since = null,
            index_generation = index_generation + (former is not null and former <> $1)::integer
        from settled where v.id = settled.id
        returning v.id, former
        """,
        model_id,
        list(version_ids),
    )
    return [row["id"] for row in rows if row["former"] not in (None, model_id)]


async def update_retired_models(connection: Connection) -> None:
    """Notes the models that nothing answers with and that are not the chosen one."""
    await connection.execute(
        """
        update embedding_models m set retired_at = now()
        where retired_at is null and not is_leaving
            and not exists (select from library_versions v where v.embedding_model = m.id)
            and chosen_at < (select max(chosen_at) from embedding_models where not is_leaving)
        """
    )


async def update_leaving_models(connection: Connection, retired_for: timedelta) -> list[EmbeddingModel]:
    """Gives the models whose vectors are to go: retired so long ago that no answer under way needs them."""
    rows = await connection.fetch(
        """
        update embedding_models set is_leaving = true where is_leaving or retired_at <= now() - $1::interval
        returning id, name, passage_prompt, dimension, space
        """,
        retired_for,
    )
    return [_model(row) for row in rows]


async def delete_model(connection: Connection, model_id: int) -> None:
    """Forgets a model whose vectors are gone."""
    await connection.execute("delete from embedding_models where id = $1 and is_leaving", model_id)


def _model(row: Row) -> EmbeddingModel:
    return EmbeddingModel(row["id"], row["name"], row["passage_prompt"], row["dimension"], row["space"])
