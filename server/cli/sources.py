"""Libraries from the command line: look, add, list, refresh, remove."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console

from core.errors import InvalidInput
from core.logging import configure_logging
from server.cli.ask import Json
from server.cli.connection import open_api
from server.cli.crawls import library_path
from server.cli.output import print_json, print_table, run
from server.cli.progress import kind_in_words, start_crawl
from server.cli.site_options import (
    AllVersions,
    CaFile,
    CodeLanguage,
    Language,
    Main,
    Rendering,
    SecretFile,
    Strip,
    Title,
    read_certificates,
    read_secrets,
)
from server.configuration import read_configuration

if TYPE_CHECKING:
    from server.looking import Look

Include = Annotated[list[str] | None, typer.Option(help="A path pattern to keep; may be given several times.")]
Exclude = Annotated[list[str] | None, typer.Option(help="A path pattern to leave out; may be given several times.")]

AllowPrivate = Annotated[bool, typer.Option("--allow-private", help="Allow loopback and private addresses.")]
Single = Annotated[bool, typer.Option("--single", help="Take this one page only.")]
Ref = Annotated[str | None, typer.Option(help="The branch or tag of a git repository.")]
Folder = Annotated[str | None, typer.Option(help="The only folder of a git repository to read.")]
Tags = Annotated[
    str | None, typer.Option(help="A pattern of tags, such as 'v5.*': the newest of them become versions.")
]
Newest = Annotated[int, typer.Option(min=1, max=20, help="How many of these tags.")]
Source = Annotated[
    str,
    typer.Argument(
        help="A website, a sitemap, an llms.txt, an OpenAPI file, a repository, an archive, a folder or a file."
    ),
]
_MOST_SHOWN = 200


def crawl(
    source: Source,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be crawled; store nothing.")] = False,
    single: Single = False,
    ref: Ref = None,
    folder: Folder = None,
    tags: Tags = None,
    newest: Newest = 3,
    include: Include = None,
    exclude: Exclude = None,
    max_pages: Annotated[int, typer.Option(min=1, max=1000, help="The most pages to ask for.")] = 50,
    allow_private: AllowPrivate = False,
    secret_file: SecretFile = None,
    ca_file: CaFile = None,
    main: Main = None,
    strip: Strip = None,
    title: Title = None,
    code_language: CodeLanguage = None,
    language: Language = None,
    all_versions: AllVersions = False,
    rendering: Rendering = False,
    json: Json = False,
) -> None:
    """Show what a crawl of a source would read and leave out, and by which rule."""
    if not dry_run:
        raise InvalidInput("`lectern crawl` only looks: give --dry-run, or use `lectern add` to add documentation.")
    rules: dict[str, Any] = {"includes": include or [], "excludes": exclude or [], "ref": ref, "folder": folder}
    rules |= {"tags": tags, "newest": newest}
    rules |= {"allow_private": allow_private or None}
    rules |= {"certificates": read_certificates(ca_file), "main": main, "strip": strip or []}
    rules |= {"title": title, "code_language": code_language}
    rules |= {"language": language, "all_versions": all_versions or None, "rendering": rendering or None}
    secrets = read_secrets(secret_file)
    run(_survey(source, rules, secrets, is_single=single, max_pages=max_pages, as_json=json))


async def _survey(
    source: str,
    rules: dict[str, Any],
    secrets: dict[str, Any] | None,
    *,
    is_single: bool,
    max_pages: int,
    as_json: bool,
) -> None:
    # Imported late: other commands should not pay for the crawler.
    from server.looking import look_at  # noqa: PLC0415 - other commands start sooner

    configuration = read_configuration()
    configure_logging(configuration.core.log_format, "warning")
    with Console(stderr=True, quiet=as_json).status("Looking, for a minute at most ..."):
        look = await look_at(
            source, rules, configuration.crawler, secrets=secrets, is_single=is_single, max_pages=max_pages
        )
    seen = look.survey
    if as_json:
        contents = {url: asdict(content) for url, content in look.contents.items()}
        print_json(asdict(seen) | {"would_crawl": seen.would_crawl, "contents": contents})
    else:
        _print_survey(look)
    if not any(page.state == "read" for page in seen.pages):
        raise typer.Exit(1)


def _print_survey(look: "Look") -> None:
    seen = look.survey
    typer.echo(f"{seen.address} is taken for: {kind_in_words(seen.kind, seen.address)}")
    for name, value in seen.facts.items():
        typer.echo(f"  {name}: {value}")
    for file in seen.site_files:
        typer.echo(f"  {file.url}: {file.says}")
    typer.echo("\nAsked for:")
    for page in seen.pages:
        outcome = page.reason or f"{page.content_type}, {page.size_bytes / 1024:.1f} KiB, {page.links} new links"
        typer.echo(f"  {page.state:10} {page.url}  {outcome}")
        if page.url in look.contents:
            typer.echo(f"  {'':10} {look.contents[page.url]}")
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
    tags: Tags = None,
    newest: Newest = 3,
    include: Include = None,
    exclude: Exclude = None,
    max_pages: Annotated[int | None, typer.Option(min=1, max=1_000_000, help="The most pages to keep.")] = None,
    allow_private: AllowPrivate = False,
    secret_file: SecretFile = None,
    ca_file: CaFile = None,
    main: Main = None,
    strip: Strip = None,
    title: Title = None,
    code_language: CodeLanguage = None,
    language: Language = None,
    all_versions: AllVersions = False,
    rendering: Rendering = False,
    private: Annotated[bool, typer.Option("--private", help="Only its owner is to know of it.")] = False,
    every: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="Crawl it again by itself every so often, such as 12h or 7d.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until everything is indexed, and show progress.")] = False,
    json: Json = False,
) -> None:
    """Add documentation. Interrupted, the same command goes on where it was."""
    body: dict[str, Any] = {
        "source": source,
        "id": library,
        "version": version,
        "name": name,
        "includes": include or [],
        "excludes": exclude or [],
        "maxPages": max_pages,
        "allowPrivate": allow_private,
        "single": single,
        "ref": ref,
        "folder": folder,
        "tags": tags,
        "newest": newest,
        "every": every,
        "main": main,
        "strip": strip or [],
        "title": title,
        "codeLanguage": code_language,
        "language": language,
        "allVersions": all_versions,
        "rendering": rendering,
        "private": private,
        "certificates": read_certificates(ca_file),
        "secrets": read_secrets(secret_file),
    }
    run(_add(body, wait=wait, as_json=json))


async def _add(body: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    async with open_api(with_worker=True) as api:
        await start_crawl(api, "/libraries", body, wait=wait, as_json=as_json)


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
        await start_crawl(api, "/libraries/refresh", {"id": library}, wait=wait, as_json=as_json)


def libraries(*, json: Json = False) -> None:
    """List the libraries."""
    run(_libraries(as_json=json))


async def _libraries(*, as_json: bool) -> None:
    async with open_api() as api:
        found = (await api.get("/libraries"))["libraries"]
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo("There is no library yet. `lectern add` adds one.", err=True)
        return
    rows = [
        (
            library["id"],
            version["version"],
            version["chunks"],
            _embedded(version),
            version["crawl"] or "",
            (version["indexedAt"] or "")[:10],
            (version["nextAt"] or "")[:10],
            version["docsVersion"] or "",
        )
        for library in found
        for version in library["versions"]
    ]
    print_table(["library", "version", "passages", "embedded", "crawl", "indexed", "next", "docs say"], rows)
    for library in found:
        for version in library["versions"]:
            if version["problem"]:
                typer.echo(f"{library['id']} {version['version']} {version['crawl']}: {version['problem']}")
        if library["private"]:
            typer.echo(f"{library['id']} is private, of user {library['ownerId']}")


def _embedded(version: dict[str, Any]) -> str:
    """Gives the share of passages with a vector, and with one of the model that is to take over."""
    share = f"{version['withMeaning'] * 100 // max(1, version['chunks'])} %"
    if version["withNextModel"] is None:
        return share
    return f"{share}, new model {version['withNextModel'] * 100 // max(1, version['chunks'])} %"


def remove(
    library: Annotated[str, typer.Argument(metavar="ID", help="/org/project, or /org/project/version for that one")],
    *,
    owner: Annotated[str | None, typer.Option(metavar="USER", help="Whose private library it is.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a library with all its versions, or one version of it."""
    if not yes:
        typer.confirm(f"Remove {library} with everything indexed of it?", abort=True)
    run(_remove(library, owner))


async def _remove(library: str, owner: str | None) -> None:
    path, version = library_path(library)
    async with open_api() as api:
        await api.delete(f"{path}/versions/{quote(version, safe='')}" if version else path, owner=owner)
    typer.echo(f"Removed {library}.")
