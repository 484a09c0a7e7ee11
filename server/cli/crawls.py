"""Crawls from the command line: watch, pause, resume, cancel, retry, and what became of each page."""

from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import typer
from typer.core import TyperGroup

from core.errors import InvalidInput
from core.library_ids import parse_library_id
from server.cli.ask import Json
from server.cli.connection import Api, open_api
from server.cli.crawl_report import print_report
from server.cli.output import print_json, run
from server.cli.progress import follow_crawl, is_failure, start_crawl

Crawl = Annotated[
    str, typer.Argument(metavar="ID", help="A crawl's id, or a library's: /org/project[/version], its last crawl.")
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it is done, and show progress.")]
_PAGES_AT_ONCE = 500


class PageState(str, Enum):  # noqa: UP042 - what typer shows as choices are the values
    """What can become of a page."""

    QUEUED = "queued"
    LEASED = "leased"
    FETCHED = "fetched"
    FAILED = "failed"
    MISSING = "missing"
    EXCLUDED = "excluded"
    REDIRECTED = "redirected"


class CrawlGroup(TyperGroup):
    """Commands about crawls; what begins with none of them is a source to look at."""

    default = "look"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer keeps the type to itself
        """Puts the default command in front of anything else."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [self.default, *args]
        return super().parse_args(ctx, args)


def watch(crawl: Crawl, *, json: Json = False) -> None:
    """Show how far a crawl is until it ends."""
    run(_watch(crawl, as_json=json))


async def _watch(crawl: str, *, as_json: bool) -> None:
    async with open_api(with_worker=True) as api:
        ended = await follow_crawl(api, await _crawl_id(api, crawl), is_silent=as_json)
    if as_json:
        print_json(ended)
    if is_failure(ended):
        raise typer.Exit(1)


def pause(crawl: Crawl, *, json: Json = False) -> None:
    """Pause a crawl; what was read is kept, and `resume` goes on where it was."""
    run(_change(crawl, "pause", as_json=json))


def cancel(crawl: Crawl, *, json: Json = False) -> None:
    """End a crawl for good; the version answers as it did before it, a new one not at all."""
    run(_change(crawl, "cancel", as_json=json))


async def _change(crawl: str, what: str, *, as_json: bool) -> None:
    async with open_api() as api:
        changed = await api.post(f"/crawls/{await _crawl_id(api, crawl)}/{what}", {})
    if as_json:
        print_json(changed)
        return
    reason = f": {changed['reason']}" if changed["reason"] else "."
    typer.echo(f"The crawl of {changed['library']} {changed['version']} is {changed['status']}{reason}")


def resume(crawl: Crawl, *, wait: Wait = False, json: Json = False) -> None:
    """Let a paused crawl go on where it was."""
    run(_go_on(crawl, "resume", wait=wait, as_json=json))


def retry(crawl: Crawl, *, wait: Wait = False, json: Json = False) -> None:
    """Read the failed pages of the last crawl again; what comes is indexed and answers."""
    run(_go_on(crawl, "retry", wait=wait, as_json=json))


async def _go_on(crawl: str, what: str, *, wait: bool, as_json: bool) -> None:
    async with open_api(with_worker=True) as api:
        path = f"/crawls/{await _crawl_id(api, crawl)}/{what}"
        await start_crawl(api, path, {}, wait=wait, as_json=as_json)


def pages(
    crawl: Crawl,
    *,
    state: Annotated[PageState | None, typer.Option(help="Only pages in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most pages to list.")] = 1000,
    json: Json = False,
) -> None:
    """List what became of each address a crawl found."""
    run(_pages(crawl, state.value if state else None, limit, as_json=json))


async def _pages(crawl: str, state: str | None, limit: int, *, as_json: bool) -> None:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    async with open_api() as api:
        path = f"/crawls/{await _crawl_id(api, crawl)}/pages"
        while len(found) < limit:
            size = min(_PAGES_AT_ONCE, limit - len(found))
            answer = await api.get(path, state=state, limit=size, cursor=cursor)
            found += answer["pages"]
            cursor = answer["next"]
            if cursor is None:
                break
    if as_json:
        print_json(found)
        return
    for page in found:
        typer.echo(_page_line(page))
    if not found:
        typer.echo(f"No page of this crawl is {state}." if state else "No address was found yet.", err=True)
    if cursor is not None:
        typer.echo(f"There are more than {limit}: give --limit.", err=True)


def _page_line(page: dict[str, Any]) -> str:
    indexed = f"passages: {page['chunks']}" if page["indexed"] == "indexed" else page["indexed"]
    facts: list[str | None] = [
        str(page["httpStatus"] or ""),
        page["reason"],
        f"to {page['finalUrl']}" if page["state"] == "redirected" else None,
        "unchanged" if page["isUnchanged"] else None,
        None if page["bodyBytes"] is None else f"{page['bodyBytes'] / 1024:.1f} KiB",
        None if page["seconds"] is None else f"{page['seconds'] * 1000:.0f} ms",
        indexed,
    ]
    return f"{page['state']:10} {page['url']}  {', '.join(fact for fact in facts if fact)}".rstrip()


def report(crawl: Crawl, *, json: Json = False) -> None:
    """Show what a crawl read and left out, what came of it, what slowed it down and what ended it."""
    run(_report(crawl, as_json=json))


async def _report(crawl: str, *, as_json: bool) -> None:
    async with open_api() as api:
        found = await api.get(f"/crawls/{await _crawl_id(api, crawl)}/report")
    if as_json:
        print_json(found)
    else:
        print_report(found)


async def _crawl_id(api: Api, text: str) -> str:
    """Gives the id of a crawl, or of the last crawl of the library named."""
    if "/" not in text:
        return _checked_id(text)
    path, version = library_path(text)
    found = (await api.get(f"{path}/crawls", version=version, limit=1))["crawls"]
    if not found:
        typer.echo(f"{text} was never crawled.", err=True)
        raise typer.Exit(1)
    return found[0]["id"]


def _checked_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidInput(f"{text!r} is neither the id of a crawl nor that of a library, /org/project.") from error


def library_path(text: str) -> tuple[str, str | None]:
    """Gives the API's path of a library and the version that is named.

    Raises:
        InvalidLibraryId: It is no library id.
    """
    wanted = parse_library_id(text)
    return f"/libraries{wanted.library}", wanted.version
