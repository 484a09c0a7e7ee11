"""All commands in one place, and what becomes of an error: one line, and an exit status other than zero."""

import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated, NoReturn

import typer

from core.errors import InvalidInput, LecternError
from core.memory import bound_arenas, collect_rarely
from server.cli import ask, blocks, crawls, evaluate, keys, operate, pods, secrets, sources, upkeep

app = typer.Typer(
    name="lectern",
    help="A documentation server for coding assistants, with the meter built in.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lectern {metadata.version('lectern')}")
        raise typer.Exit


key_app = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)
app.add_typer(key_app, name="key")
crawl_app = typer.Typer(
    cls=crawls.CrawlGroup,
    help="Look at a source before adding it, with `lectern crawl --dry-run SOURCE`, and control crawls.",
    no_args_is_help=True,
)
app.add_typer(crawl_app, name="crawl")
secrets_app = typer.Typer(help="Give, name, remove and re-encrypt the secrets of sources.", no_args_is_help=True)
app.add_typer(secrets_app, name="secrets")
pod_app = typer.Typer(help="Keep private libraries in a Qdrant of one's own.", no_args_is_help=True)
app.add_typer(pod_app, name="pod")
eval_app = typer.Typer(
    cls=evaluate.EvalGroup,
    help="Measure how good answers are, with `lectern eval FILE`, and make questions for it.",
    no_args_is_help=True,
)
app.add_typer(eval_app, name="eval")


@app.callback()
def about(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """Documentation for coding assistants, with the meter built in."""


app.command()(operate.up)
app.command()(operate.serve)
app.command()(operate.worker)
app.command()(operate.mcp)
app.command()(operate.migrate)
app.command()(operate.doctor)
app.command()(sources.add)
app.command()(sources.libraries)
app.command()(sources.refresh)
app.command()(sources.remove)
app.command()(upkeep.source)
app.command()(upkeep.schedule)
app.command()(upkeep.alias)
app.command()(upkeep.reindex)
app.command()(blocks.block)
app.command()(blocks.blocked)
app.command()(blocks.unblock)
app.command()(ask.resolve)
app.command()(ask.query)
app.command()(keys.usage)
key_app.command("create")(keys.create)
key_app.command("list")(keys.list_keys)
key_app.command("revoke")(keys.revoke)
crawl_app.command(crawls.CrawlGroup.default)(sources.crawl)
for command in (crawls.watch, crawls.pause, crawls.resume, crawls.cancel, crawls.retry, crawls.pages, crawls.report):
    crawl_app.command()(command)
secrets_app.command("set")(secrets.set_secrets)
secrets_app.command("show")(secrets.show_secrets)
secrets_app.command("remove")(secrets.remove_secrets)
secrets_app.command("rotate")(secrets.rotate_secrets)
pod_app.command("set")(pods.set_pod)
pod_app.command("show")(pods.show_pod)
pod_app.command("check")(pods.check_pod)
pod_app.command("remove")(pods.remove_pod)
eval_app.command(evaluate.EvalGroup.default)(evaluate.evaluate)
eval_app.command()(evaluate.make)


def main() -> NoReturn:
    """Runs the command named on the command line.

    Exit status: 0 when what was asked for is done, 1 when it is not, 2 when it was asked wrongly, 130 when interrupted.
    """
    bound_arenas()
    collect_rarely()
    try:
        _check_words(sys.argv[1:])
        app()
    except LecternError as error:
        typer.secho(f"lectern: {error.message}", fg="red", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


def _check_words(given: Sequence[str]) -> None:
    """Refuses what the system could not read as text: it can neither be sent nor stored.

    Raises:
        InvalidInput: A word of the command line holds such bytes.
    """
    for word in given:
        try:
            word.encode()
        except UnicodeEncodeError as error:
            raise InvalidInput(f"{word!r} holds bytes that are no text in UTF-8. Write it anew.") from error
