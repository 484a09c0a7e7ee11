"""A second process that answers from a shared cache alone: `python -m tests.cached_reader DATABASE_URL REDIS_URL`.

Reads a library id and a question from each line of its input, separated by a tab, and writes what it answers as a line
of JSON: the text, or the code of the error. In place of an id `?` asks which libraries the name after the tab means.
"""

import asyncio
import json
import sys
from typing import TYPE_CHECKING, NoReturn, cast

from pydantic import SecretStr

from core.cache import open_cache
from core.database import Database
from core.errors import LecternError, Unavailable
from indexer.embedding.embedders import Embedders
from indexer.search.caching import CachedAnswers
from indexer.search.service import AnswerService
from indexer.settings import IndexerSettings

if TYPE_CHECKING:
    from indexer.vectors import VectorStore

RECIPE = "tests"


class NoStore:
    """A vector store that is away."""

    async def candidates(self, *_: object) -> NoReturn:
        raise Unavailable("This process answers from the cache alone.")


async def main(database_url: str, redis_url: str) -> None:
    """Answers until its input ends."""
    settings = IndexerSettings.model_validate({"embedding_enabled": False})
    database = await Database.connect(database_url, pool_size=2, schema="content")
    answers = AnswerService(database, cast("VectorStore", NoStore()), Embedders(settings, database), settings)
    async with open_cache(SecretStr(redis_url)) as cache:
        cached = CachedAnswers(answers, database, cache, RECIPE)
        while line := await asyncio.to_thread(sys.stdin.readline):
            library, _, question = line.strip().partition("\t")
            sys.stdout.write(f"{json.dumps(await answer(cached, library, question))}\n")
            sys.stdout.flush()
    await database.close()


async def answer(cached: CachedAnswers, library: str, question: str) -> str:
    """Gives the answer's text, or the error's code."""
    if library == "?":
        return " ".join(match.id for match in (await cached.resolve(question, question)).libraries)
    try:
        return (await cached.query_docs(library, question, None)).text
    except LecternError as error:
        return error.code


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
