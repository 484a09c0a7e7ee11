"""Running Lectern: everything at once, or its parts, and looking whether it is well."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
import uvloop

from core.data_folder import DataFolder
from core.database import Database
from core.errors import Unavailable
from core.logging import configure_logging
from core.settings import CoreSettings
from server.configuration import Configuration, read_configuration

Host = Annotated[str | None, typer.Option(help="The address to listen on.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="The port to listen on.")]


def up(*, host: Host = None, port: Port = None) -> None:
    """Run everything in one process: databases, index, worker and server, until Ctrl-C."""
    _run(_up(_configured(host, port)))


async def _up(configuration: Configuration) -> None:
    # Imported late, here and below: `--help` and commands that talk to a server should not load the engines.
    from server.app import open_app  # noqa: PLC0415 - other commands start sooner
    from server.cli.welcome import print_welcome  # noqa: PLC0415 - other commands start sooner
    from server.first_start import add_own_documentation, first_key  # noqa: PLC0415 - other commands start sooner
    from server.runtime import open_runtime  # noqa: PLC0415 - other commands start sooner
    from server.serving import bind, serve, url_of, working  # noqa: PLC0415 - other commands start sooner

    async with open_runtime(configuration, may_migrate=True) as runtime:
        with bind(configuration.server.host, configuration.server.port) as listener:
            key = await first_key(runtime)
            async with working(runtime), open_app(runtime) as app:
                await add_own_documentation(runtime)
                print_welcome(url_of(listener), key, runtime.folder.path)
                await serve(app, runtime, listener)


def serve(*, host: Host = None, port: Port = None) -> None:
    """Run the server without a worker; schemas must be up to date."""
    _run(_serve(_configured(host, port)))


async def _serve(configuration: Configuration) -> None:
    from server.app import open_app  # noqa: PLC0415 - other commands start sooner
    from server.runtime import open_runtime  # noqa: PLC0415 - other commands start sooner
    from server.serving import bind, url_of  # noqa: PLC0415 - other commands start sooner
    from server.serving import serve as serve_app  # noqa: PLC0415 - other commands start sooner

    async with open_runtime(configuration, may_migrate=False) as runtime:
        with bind(configuration.server.host, configuration.server.port) as listener:
            async with open_app(runtime) as app:
                typer.echo(f"Listening on {url_of(listener)}/mcp")
                await serve_app(app, runtime, listener)


def worker(
    *,
    no_crawls: Annotated[bool, typer.Option("--no-crawls", help="Leave crawls to others.")] = False,
    no_embeds: Annotated[bool, typer.Option("--no-embeds", help="Leave passages to embed to others.")] = False,
) -> None:
    """Work on crawls and embeddings without serving; as many of these as wanted share the queues."""
    _run(_worker(read_configuration(), crawls=not no_crawls, embeds=not no_embeds))


async def _worker(configuration: Configuration, *, crawls: bool, embeds: bool) -> None:
    from server.runtime import open_runtime  # noqa: PLC0415 - other commands start sooner
    from server.serving import working  # noqa: PLC0415 - other commands start sooner

    async with (
        open_runtime(configuration, may_migrate=False) as runtime,
        working(runtime, crawls=crawls, embeds=embeds),
    ):
        typer.echo("Working. Ctrl-C ends it.")
        await asyncio.Event().wait()


def mcp() -> None:
    """Speak MCP on standard input and output, with the key in LECTERN_API_KEY."""
    from server.cli.stdio import run_stdio  # noqa: PLC0415 - other commands start sooner

    configuration = read_configuration()
    configure_logging("json", "warning")
    _with_signals(run_stdio(configuration))


def migrate() -> None:
    """Bring the schemas up to this release."""
    _run(_migrate(read_configuration()))


async def _migrate(configuration: Configuration) -> None:
    from server.runtime import open_runtime  # noqa: PLC0415 - other commands start sooner

    async with open_runtime(configuration, may_migrate=True):
        typer.echo("Both schemas are up to date.")


def doctor() -> None:
    """Open every part once and say what is well and what is not."""
    _run(_doctor(read_configuration()))


async def _doctor(configuration: Configuration) -> None:
    from server.cli.checkup import check_elsewhere, check_running  # noqa: PLC0415 - other commands start sooner
    from server.runtime import open_runtime  # noqa: PLC0415 - other commands start sooner

    server = DataFolder(configuration.core.data_dir).running_server()
    if server is not None:
        typer.echo(f"{'data folder':<12} ok   {configuration.core.data_dir}")
        await check_running(server)
        return
    async with open_runtime(configuration, may_migrate=False) as runtime:
        await check_elsewhere(configuration.core)
        for part, where in _parts(configuration.core, runtime.folder):
            typer.echo(f"{part:<12} ok   {where}")
        if configuration.indexer.embedding_enabled:
            await runtime.embedder.process.until_tried()
            if runtime.embedder.problem:
                raise Unavailable(f"{runtime.embedder.problem} Answers compare words only.")
            typer.echo(f"{'embedder':<12} ok   {configuration.indexer.embedding_model}")
            for line in await _vectors(runtime.content):
                typer.echo(f"{'':<17} {line}")
        if runtime.reranker.is_enabled:
            async with runtime.reranker.running():
                await runtime.reranker.until_tried()
                if runtime.reranker.problem:
                    raise Unavailable(
                        f"{runtime.reranker.problem} Answers are in the order of words and meaning alone."
                    )
            typer.echo(f"{'reranker':<12} ok   {configuration.indexer.reranker_model}")


async def _vectors(content: Database) -> list[str]:
    """Gives how many passages have a vector of the model that was chosen last."""
    from indexer.queries import embedding_models, embedding_queue  # noqa: PLC0415 - other commands start sooner

    async with content.connection() as connection:
        chosen = await embedding_models.find_chosen_model(connection)
        if chosen is None:
            return []
        backlog = await embedding_queue.select_backlog(connection, chosen.id)
        former = [model.name for model in await embedding_models.models_in_use(connection) if model.id != chosen.id]
    answering = f", {', '.join(former)} answers until then" if former else ""
    return [f"{backlog.embedded} of {backlog.chunks} passages embedded by {chosen.name}{answering}"]


def _parts(core: CoreSettings, folder: DataFolder) -> list[tuple[str, str]]:
    return [
        ("data folder", str(folder.path)),
        ("database", "DATABASE_URL" if core.database_url else "embedded PostgreSQL"),
        ("accounts", "ACCOUNTS_DATABASE_URL" if core.accounts_database_url else "with the database"),
        ("vectors", core.qdrant_url or "embedded Qdrant Edge"),
        ("cache", "REDIS_URL" if core.redis_url else "in the process"),
        ("snapshots", core.snapshot_url or str(folder.snapshots)),
        ("secrets", "LECTERN_SECRETS_KEY" if core.secrets_key else "a key in the data folder"),
    ]


def _configured(host: str | None, port: int | None) -> Configuration:
    configuration = read_configuration()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    server = configuration.server.model_copy(update=given)
    return Configuration(
        configuration.core,
        configuration.accounts,
        configuration.billing,
        configuration.crawler,
        configuration.indexer,
        server,
    )


def _run(work: Coroutine[Any, Any, None]) -> None:
    core = read_configuration().core
    configure_logging(core.log_format, core.log_level)
    _with_signals(work)


def _with_signals(work: Coroutine[Any, Any, None]) -> None:
    """Runs work to its end; SIGTERM ends it as Ctrl-C does, so that nothing is left running behind it."""

    async def until_ended() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    uvloop.run(until_ended())
