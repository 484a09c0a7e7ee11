"""Libraries from the command line: look, add, list, refresh, remove."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.errors import InvalidInput
from core.logging import configure_logging
from server.cli.ask import Json
from server.cli.connection import Api, open_api
from server.cli.output import print_json, print_table, run
from server.cli.progress import follow_crawl, is_failure
from server.configuration import read_configuration

if TYPE_CHECKING:
    from crawler.survey import Survey

Exclude = Annotated[list[str] | None, typer.Option(help="A path pattern to leave out; may be given several times.")]

AllowPrivate = Annotated[bool, typer.Option("--allow-private", help="Allow loopback and private addresses.")]
Single = Annotated[bool, typer.Option("--single", help="Take this one page only.")]
Ref = Annotated[str | None, typer.Option(help="The branch or tag of a git repository.")]
Folder = Annotated[str | None, typer.Option(help="The only folder of a git repository to read.")]
Source = Annotated[
    str, typer.Argument(help="A web address, a sitemap, an llms.txt, a git repository, an archive or a folder.")
]
_MOST_SHOWN = 200


def crawl(
    source: Source,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be crawled; store nothing.")] = False,
    single: Single = False,
    ref: Ref = None,
    folder: Folder = None,
    exclude: Exclude = None,
    max_pages: Annotated[int, typer.Option(min=1, max=1000, help="The most pages to ask for.")] = 50,
    allow_private: AllowPrivate = False,
    json: Json = False,
) -> None:
    """Show what a crawl of a source would read and leave out, and by which rule."""
    if not dry_run:
        raise InvalidInput("`lectern crawl` only looks: give --dry-run, or use `lectern add` to add documentation.")
    rules = {"excludes": exclude or [], "allow_private": allow_private or None, "ref": ref, "folder": folder}
    run(_survey(source, rules, is_single=single, max_pages=max_pages, as_json=json))


async def _survey(source: str, rules: dict[str, Any], *, is_single: bool, max_pages: int, as_json: bool) -> None:
    # Imported late: other commands should not pay for the crawler.
    from crawler.rules import rules_from_json  # noqa: PLC0415
    from crawler.service import check_rules, recognise_source  # noqa: PLC0415
    from crawler.survey import survey  # noqa: PLC0415

    configuration = read_configuration()
    configure_logging(configuration.core.log_format, "warning")
    found = recognise_source(source, is_single=is_single)
    given = rules_from_json(rules)
    check_rules(found.kind, given)
    seen = await survey(found.kind, found.address, given, configuration.crawler, max_pages=max_pages)
    if as_json:
        print_json(asdict(seen) | {"would_crawl": seen.would_crawl})
    else:
        _print_survey(seen)
    if not any(page.state == "read" for page in seen.pages):
        raise typer.Exit(1)


def _print_survey(seen: "Survey") -> None:
    typer.echo(f"{seen.address} is taken for: {seen.kind}")
    for file in seen.site_files:
        typer.echo(f"  {file.url}: {file.says}")
    typer.echo("\nAsked for:")
    for page in seen.pages:
        outcome = page.reason or f"{page.content_type}, {page.size_bytes / 1024:.1f} KiB, {page.links} new links"
        typer.echo(f"  {page.state:10} {page.url}  {outcome}")
    if seen.not_asked:
        typer.echo("\nA crawl would also ask for:")
        _print_some(seen.not_asked)
    if seen.exclusions:
        typer.echo("\nLeft out:")
    for exclusion in seen.exclusions:
        typer.echo(f"  {exclusion.count} by: {exclusion.reason}, such as {exclusion.examples[0]}")
    end = f" This is not all: {seen.stopped_by}." if seen.stopped_by else ""
    left_out = sum(exclusion.count for exclusion in seen.exclusions)
    typer.echo(f"\nWould crawl {seen.would_crawl} pages, left out {left_out}.{end} Nothing was stored.")


def _print_some(addresses: Iterable[str]) -> None:
    shown = list(addresses)
    for address in shown[:_MOST_SHOWN]:
        typer.echo(f"  {address}")
    if len(shown) > _MOST_SHOWN:
        typer.echo(f"  ... and {len(shown) - _MOST_SHOWN} more; --json lists all")


def add(
    source: Source,
    *,
    library: Annotated[str, typer.Option("--id", metavar="/ORG/PROJECT", help="The library's id.")],
    version: Annotated[str, typer.Option(help="The version this documentation is of.")] = "latest",
    name: Annotated[str | None, typer.Option(help="The library's name; follows from the id when left out.")] = None,
    single: Single = False,
    ref: Ref = None,
    folder: Folder = None,
    exclude: Exclude = None,
    max_pages: Annotated[int | None, typer.Option(help="The most pages to keep.")] = None,
    allow_private: AllowPrivate = False,
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
        "single": single,
        "ref": ref,
        "folder": folder,
    }
    run(_add(body, wait=wait, as_json=json))


async def _add(body: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    async with open_api(with_worker=True) as api:
        await _crawl("/libraries", body, api, wait=wait, as_json=as_json)


async def _crawl(path: str, body: dict[str, Any], api: Api, *, wait: bool, as_json: bool) -> None:
    crawl = await api.post(path, body)
    if not as_json:
        typer.echo(f"{crawl['source']} is taken for: {crawl['kind']}", err=True)
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
