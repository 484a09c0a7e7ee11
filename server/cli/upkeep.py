"""Keeping libraries as they should be: the rules of their sources, schedules, further names, a new index."""

from typing import Annotated, Any, cast

import typer

from server.cli.ask import Json
from server.cli.connection import Api, open_api
from server.cli.crawls import Wait, library_path
from server.cli.output import print_json, run
from server.cli.progress import start_crawl

Library = Annotated[str, typer.Argument(metavar="ID", help="/org/project or /org/project/version")]
Patterns = list[str] | None
_RESET = "default"


def source(
    library: Library,
    *,
    include: Annotated[Patterns, typer.Option(help="A path pattern to keep; several times; '' for all.")] = None,
    exclude: Annotated[Patterns, typer.Option(help="A path pattern to leave out; several times; '' for none.")] = None,
    max_pages: Annotated[str | None, typer.Option(help="The most pages to keep, or `default`.")] = None,
    max_depth: Annotated[str | None, typer.Option(help="The most links from the start, or `default`.")] = None,
    delay: Annotated[str | None, typer.Option(help="Seconds between two requests, or `default`.")] = None,
    connections: Annotated[str | None, typer.Option(help="Requests at once, 1 to 4, or `default`.")] = None,
    allow_private: Annotated[
        bool | None, typer.Option("--allow-private/--no-private", help="Loopback and private addresses.")
    ] = None,
    ref: Annotated[str | None, typer.Option(help="The branch or tag of a git repository, or `default`.")] = None,
    folder: Annotated[str | None, typer.Option(help="The only folder of a git repository, or `default`.")] = None,
    json: Json = False,
) -> None:
    """Show what is crawled for a version and by which rules; with options, change them."""
    numbers = {"maxPages": max_pages, "maxDepth": max_depth, "delaySeconds": delay, "connections": connections}
    change: dict[str, Any] = {"includes": _patterns(include), "excludes": _patterns(exclude)}
    change |= {**numbers, "ref": ref, "folder": folder, "allowPrivate": allow_private}
    given = {name: None if value == _RESET else value for name, value in change.items() if value is not None}
    run(_source(library, given, as_json=json))


def _patterns(given: Patterns) -> Patterns:
    return None if given is None else [pattern for pattern in given if pattern]


async def _source(library: str, change: dict[str, Any], *, as_json: bool) -> None:
    path, version = library_path(library)
    async with open_api() as api:
        found = await (_change(api, library, change) if change else api.get(f"{path}/source", version=version))
    if as_json:
        print_json(found)
        return
    _print_source(found)
    if change:
        typer.echo("The next crawl follows them: `lectern refresh` starts it.")


async def _change(api: Api, library: str, change: dict[str, Any]) -> dict[str, Any]:
    path, version = library_path(library)
    return await api.patch(f"{path}/source", change, version=version)


def _print_source(found: dict[str, Any]) -> None:
    typer.echo(f"{found['library']} {found['version']}: {found['kind']} {found['source']}")
    rules: dict[str, Any] = found["rules"]
    for name, value in rules.items():
        if value not in (None, [], ""):
            shown = ", ".join(cast("list[str]", value)) if isinstance(value, list) else str(value).splitlines()[0]
            typer.echo(f"  {name}: {shown}")
    _print_schedule(found)


def _print_schedule(found: dict[str, Any]) -> None:
    if found["every"] is None:
        typer.echo("  crawled when asked")
        return
    failures = f", {found['failures']} failures in a row" if found["failures"] else ""
    typer.echo(f"  crawled every {found['every']}, next {found['nextAt'][:16]} UTC{failures}")


def schedule(
    library: Library,
    every: Annotated[
        str, typer.Argument(metavar="PERIOD", help="Hours, days or weeks, such as 12h, 7d or 2w; or off.")
    ],
    *,
    json: Json = False,
) -> None:
    """Have a version crawled again by itself every so often, or no more."""
    run(_schedule(library, every, as_json=json))


async def _schedule(library: str, every: str, *, as_json: bool) -> None:
    async with open_api() as api:
        found = await _change(api, library, {"every": every})
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found['library']} {found['version']}:")
    _print_schedule(found)


def alias(
    library: Library,
    names: Annotated[
        list[str] | None, typer.Argument(help="What else it is called; none takes the names away.")
    ] = None,
) -> None:
    """Set what a library is called besides its name: packages, abbreviations, former names."""
    run(_alias(library, names or []))


async def _alias(library: str, names: list[str]) -> None:
    path, _ = library_path(library)
    async with open_api() as api:
        kept = (await api.put(f"{path}/aliases", {"aliases": names}))["aliases"]
    typer.echo(f"{library} is also called: {', '.join(kept)}." if kept else f"{library} has no further names.")


def reindex(library: Library, *, wait: Wait = False, json: Json = False) -> None:
    """Build the index anew from what the last crawl stored, without asking anybody."""
    run(_reindex(library, wait=wait, as_json=json))


async def _reindex(library: str, *, wait: bool, as_json: bool) -> None:
    async with open_api(with_worker=True) as api:
        await start_crawl(api, "/libraries/reindex", {"id": library}, wait=wait, as_json=as_json)
