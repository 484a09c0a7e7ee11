"""Asking from the command line: the same two questions an assistant asks."""

from typing import Annotated

import typer

from server.cli.connection import open_api
from server.cli.output import print_json, print_table, run

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def resolve(
    name: Annotated[str, typer.Argument(help="A library's name, as people say it.")], *, json: Json = False
) -> None:
    """Find the library id for a name."""
    run(_resolve(name, as_json=json))


async def _resolve(name: str, *, as_json: bool) -> None:
    async with open_api() as api:
        found = await api.get("/resolve", query=name, libraryName=name)
    if as_json:
        print_json(found)
        return
    libraries = found["libraries"]
    if not libraries:
        typer.echo(f"No library here is called {name!r}. `lectern libraries` lists what there is.")
        raise typer.Exit(1)
    print_table(
        ["library", "title", "versions", "passages", "by"],
        [(one["id"], one["title"], ", ".join(one["versions"]), one["snippetCount"], one["match"]) for one in libraries],
    )


def query(
    library: Annotated[str, typer.Argument(metavar="ID", help="/org/project or /org/project/version")],
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    *,
    tokens: Annotated[int | None, typer.Option(help="The most tokens to return, from 100.")] = None,
    page: Annotated[int, typer.Option(help="Go on where the page before ended, up to 10.")] = 1,
    json: Json = False,
) -> None:
    """Ask a library a question."""
    run(_query(library, question, tokens, page, as_json=json))


async def _query(library: str, question: str, tokens: int | None, page: int, *, as_json: bool) -> None:
    async with open_api() as api:
        answer = await api.get("/search", library=library, query=question, tokens=tokens, page=page)
    if as_json:
        print_json(answer)
        return
    typer.echo(answer["text"])
    if answer.get("notice"):
        typer.secho(answer["notice"], dim=True, err=True)
