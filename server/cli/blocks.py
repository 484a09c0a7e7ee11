"""Blocks from the command line: take a place out of every answer, list what is taken out, let it answer again."""

from typing import Annotated, Any

import typer

from server.cli.ask import Json
from server.cli.connection import Api, open_api
from server.cli.crawls import library_path
from server.cli.output import print_json, print_table, run

Library = Annotated[str, typer.Argument(metavar="ID", help="/org/project")]
Reason = Annotated[str, typer.Option(help="Why; it is shown in the list.")]


def block(
    library: Library,
    place: Annotated[
        str,
        typer.Argument(metavar="PLACE", help="An address as answers cite it, page.html or page.html#anchor; or an id."),
    ],
    *,
    reason: Reason,
    json: Json = False,
) -> None:
    """Take a page, a section or a passage out of every answer, whatever later crawls find there."""
    run(_block(library, place, reason, as_json=json))


async def _block(library: str, place: str, reason: str, *, as_json: bool) -> None:
    async with open_api() as api:
        made = await api.post(_path(library), {"place": place, "reason": reason})
    if as_json:
        print_json(made)
    elif made["passages"]:
        typer.echo(f"Out of every answer: {made['place']} (passages: {made['passages']}).")
    else:
        typer.echo(f"Nothing is indexed at {made['place']}; what a later crawl finds there will not answer.")


def blocked(library: Library, *, json: Json = False) -> None:
    """List what is taken out of a library's answers, when and why."""
    run(_blocked(library, as_json=json))


async def _blocked(library: str, *, as_json: bool) -> None:
    async with open_api() as api:
        found = await _blocks(api, library)
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo(f"Nothing is blocked in {library}.", err=True)
        return
    print_table(
        ["id", "place", "passages", "reason", "by", "since"],
        [
            (one["id"], one["place"], one["passages"], one["reason"], one["blockedBy"], one["blockedAt"][:16])
            for one in found
        ],
    )


def unblock(
    library: Library,
    place: Annotated[str, typer.Argument(metavar="PLACE", help="What was blocked, or the block's id.")],
) -> None:
    """Let a blocked place answer again."""
    run(_unblock(library, place))


async def _unblock(library: str, place: str) -> None:
    async with open_api() as api:
        for one in await _blocks(api, library):
            if place in {one["id"], one["place"]}:
                await api.delete(f"{_path(library)}/{one['id']}")
                typer.echo(f"{one['place']} answers again.")
                return
    typer.echo(f"{library} has no block of {place}. `lectern blocked {library}` lists them.", err=True)
    raise typer.Exit(1)


async def _blocks(api: Api, library: str) -> list[dict[str, Any]]:
    return (await api.get(_path(library)))["blocks"]


def _path(library: str) -> str:
    path, _ = library_path(library)
    return f"{path}/blocks"
