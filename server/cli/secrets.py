"""The secrets of sources from the command line: give, name, remove, encrypt anew."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from core.library_ids import parse_library_id
from server.cli.ask import Json
from server.cli.connection import open_api
from server.cli.output import print_json, run
from server.cli.site_options import read_secrets

Library = Annotated[str, typer.Argument(metavar="ID", help="/org/project or /org/project/version")]


def set_secrets(
    library: Library,
    *,
    secret_file: Annotated[Path, typer.Option(help="The file with them, in YAML or JSON; - is standard input.")],
) -> None:
    """Give the source of a library its secrets, in place of those it had."""
    run(_set(library, secret_file))


async def _set(library: str, secret_file: Path) -> None:
    given = read_secrets(secret_file) or {}
    async with open_api() as api:
        kept = await api.put(_path_of(library), given)
    typer.echo(f"Kept, and sent to {kept['origin']} only: {', '.join(kept['names'])}.")


def show_secrets(library: Library, *, json: Json = False) -> None:
    """Name the secrets of a library's source; values are never shown."""
    run(_show(library, as_json=json))


async def _show(library: str, *, as_json: bool) -> None:
    async with open_api() as api:
        kept = await api.get(_path_of(library))
    if as_json:
        print_json(kept)
    else:
        typer.echo(f"Sent to {kept['origin']} only: {', '.join(kept['names'])}. Given {kept['updatedAt'][:16]}.")


def remove_secrets(library: Library) -> None:
    """Forget the secrets of a library's source."""
    run(_remove(library))


async def _remove(library: str) -> None:
    async with open_api() as api:
        await api.delete(_path_of(library))
    typer.echo(f"Forgot the secrets of {library}.")


def rotate_secrets(*, json: Json = False) -> None:
    """Encrypt all secrets with the newest key, so that older ones can be taken away."""
    run(_rotate(as_json=json))


async def _rotate(*, as_json: bool) -> None:
    async with open_api() as api:
        done = await api.post("/secrets/rotate", {})
    if as_json:
        print_json(done)
    else:
        typer.echo(f"{done['resealed']} encrypted with the newest key, {done['unreadable']} that no key here opens.")
    if done["unreadable"]:
        raise typer.Exit(1)


def _path_of(library: str) -> str:
    wanted = parse_library_id(library)
    version = f"?version={quote(wanted.version, safe='')}" if wanted.version else ""
    return f"/libraries{wanted.library}/source/secrets{version}"
