"""All commands in one place, and what becomes of an error: one line, and an exit status other than zero."""

import sys
from importlib import metadata
from typing import Annotated, NoReturn

import typer

from core.errors import LecternError
from server.cli import ask, keys, operate, sources

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
app.command()(sources.crawl)
app.command()(sources.add)
app.command()(sources.libraries)
app.command()(sources.refresh)
app.command()(sources.remove)
app.command()(ask.resolve)
app.command()(ask.query)
app.command()(keys.usage)
key_app.command("create")(keys.create)
key_app.command("list")(keys.list_keys)
key_app.command("revoke")(keys.revoke)


def main() -> NoReturn:
    """Runs the command named on the command line.

    Exit status: 0 when what was asked for is done, 1 when it is not, 2 when it was asked wrongly, 130 when interrupted.
    """
    try:
        app()
    except LecternError as error:
        typer.secho(f"lectern: {error.message}", fg="red", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)
