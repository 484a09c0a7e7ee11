"""Libraries from the command line: add, list, refresh, remove."""

from typing import Annotated, Any

import typer

from server.cli.ask import Json
from server.cli.connection import Api, open_api
from server.cli.output import print_json, print_table, run
from server.cli.progress import follow_crawl, is_failure

Exclude = Annotated[list[str] | None, typer.Option(help="A path pattern to leave out; may be given several times.")]


def add(
    source: Annotated[str, typer.Argument(help="A web address or a folder.")],
    *,
    library: Annotated[str, typer.Option("--id", metavar="/ORG/PROJECT", help="The library's id.")],
    version: Annotated[str, typer.Option(help="The version this documentation is of.")] = "latest",
    name: Annotated[str | None, typer.Option(help="The library's name; follows from the id when left out.")] = None,
    exclude: Exclude = None,
    max_pages: Annotated[int | None, typer.Option(help="The most pages to keep.")] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Allow loopback and private addresses.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until everything is indexed, and show progress.")] = False,
    json: Json = False,
) -> None:
    """Add documentation. Interrupted, the same command goes on where it was."""
    body: dict[str, Any] = {
        "source": source,
        "id": library,
        "version": version,
        "name": name,
        "excludes": exclude or [],
        "maxPages": max_pages,
        "allowPrivate": allow_private,
    }
    run(_add(body, wait=wait, as_json=json))


async def _add(body: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    async with open_api(with_worker=True) as api:
        await _crawl("/libraries", body, api, wait=wait, as_json=as_json)


async def _crawl(path: str, body: dict[str, Any], api: Api, *, wait: bool, as_json: bool) -> None:
    crawl = await api.post(path, body)
    # Without a server nobody would do the work once this command ends, so it stays.
    if wait or not api.is_remote:
        crawl = await follow_crawl(api, crawl["id"], is_silent=as_json)
    if as_json:
        print_json(crawl)
    elif not (wait or not api.is_remote):
        typer.echo(f"{crawl['library']} {crawl['version']} is being crawled. `lectern libraries` shows how far it is.")
    if is_failure(crawl):
        raise typer.Exit(1)


def refresh(
    library: Annotated[str, typer.Argument(metavar="ID", help="/org/project or /org/project/version")],
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is done, and show progress.")] = False,
    json: Json = False,
) -> None:
    """Crawl a library again; what has not changed costs nothing."""
    run(_refresh(library, wait=wait, as_json=json))


async def _refresh(library: str, *, wait: bool, as_json: bool) -> None:
    async with open_api(with_worker=True) as api:
        await _crawl("/libraries/refresh", {"id": library}, api, wait=wait, as_json=as_json)


def libraries(*, json: Json = False) -> None:
    """List the libraries."""
    run(_libraries(as_json=json))


async def _libraries(*, as_json: bool) -> None:
    async with open_api() as api:
        found = (await api.get("/libraries"))["libraries"]
    if as_json:
        print_json(found)
        return
    rows = [
        (
            lib["id"],
            version["version"],
            version["chunks"],
            f"{version['withMeaning'] * 100 // max(1, version['chunks'])} %",
            version["crawl"] or "",
            (version["indexedAt"] or "")[:16],
        )
        for lib in found
        for version in lib["versions"]
    ]
    print_table(["library", "version", "passages", "embedded", "crawl", "indexed"], rows)


def remove(
    library: Annotated[str, typer.Argument(metavar="ID", help="/org/project")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a library with all its versions."""
    if not yes:
        typer.confirm(f"Remove {library} with everything indexed of it?", abort=True)
    run(_remove(library))


async def _remove(library: str) -> None:
    async with open_api() as api:
        await api.delete(f"/libraries{library if library.startswith('/') else '/' + library}")
    typer.echo(f"Removed {library}.")
