"""A crawl as a person watches it: pages, passages, meanings, rate and the time that is left."""

import asyncio
import time
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from server.cli.connection import Api
from server.cli.output import print_json

_POLL_SECONDS = 0.3
_LINE_SECONDS = 10.0
_DONE = ("fetched", "failed", "missing", "excluded", "redirected")
_WAITS = "The crawl is interrupted. The same command goes on with it, and so does a server on this data folder."
_ENDS = {"failed": "failed", "cancelled": "was cancelled", "paused": "is paused"}
FINISHED = frozenset({"completed", "failed", "cancelled", "paused"})


async def start_crawl(api: Api, path: str, body: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    """Asks for a crawl, and shows it until it is done if that is wanted or nobody else would do the work."""
    crawl = await api.post(path, body)
    if not as_json:
        typer.echo(f"{crawl['source']} is taken for: {kind_in_words(crawl['kind'], crawl['source'])}", err=True)
    # Without a server nobody would do the work once this command ends, so it stays.
    is_followed = wait or not api.is_remote
    if is_followed:
        crawl = await follow_crawl(api, crawl["id"], is_silent=as_json)
    if as_json:
        print_json(crawl)
    elif not is_followed:
        typer.echo(
            f"{crawl['library']} {crawl['version']} is being crawled. "
            f"`lectern crawl watch {crawl['id']}` shows how far it is."
        )
    if is_failure(crawl):
        raise typer.Exit(1)


async def follow_crawl(api: Api, crawl_id: str, *, is_silent: bool) -> dict[str, Any]:
    """Shows a crawl until every passage is searchable by words and by meaning; gives its last report.

    Interrupted, it says what becomes of the crawl.
    """
    console = Console(stderr=True, quiet=is_silent)
    try:
        return await _follow(api, crawl_id, console)
    except asyncio.CancelledError:
        goes_on = (
            f"The crawl goes on. `lectern crawl watch {crawl_id}` shows it, `lectern crawl cancel {crawl_id}` ends it."
        )
        console.print(goes_on if api.is_remote else _WAITS, highlight=False, soft_wrap=True)
        raise


async def _follow(api: Api, crawl_id: str, console: Console) -> dict[str, Any]:
    started = time.monotonic()
    searchable_after: float | None = None
    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bars = {name: progress.add_task(name, total=None, rate="") for name in ("pages", "words", "meaning")}
        lines = _Lines(console)
        while True:
            crawl = await api.get(f"/crawls/{crawl_id}")
            _heed_interrupt()
            _show(progress, bars, crawl, time.monotonic() - started)
            lines.show(crawl)
            if crawl["status"] == "completed" and searchable_after is None:
                searchable_after = time.monotonic() - started
                console.print(f"Searchable by words after {searchable_after:.1f} s.")
            if crawl["status"] in FINISHED and _is_embedded(crawl):
                break
            await asyncio.sleep(_POLL_SECONDS)
    _report(console, crawl, time.monotonic() - started)
    return crawl


class _Lines:
    """Progress where no bar can be drawn, such as in the log of a build: now and then a line, if there is news."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._due = time.monotonic() + _LINE_SECONDS
        self._last = ""

    def show(self, crawl: dict[str, Any]) -> None:
        """Prints how far the crawl is, if it is time for that."""
        if self._console.is_terminal or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _LINE_SECONDS
        chunks, (done, found) = crawl["chunks"], pages_of(crawl)
        line = f"{done} of {found} pages, {chunks['withWords']} passages, {chunks['withMeaning']} with meaning ..."
        if line != self._last:
            self._console.print(line, highlight=False, soft_wrap=True)
            self._last = line


def kind_in_words(kind: str, source: str) -> str:
    """Gives what a source was taken for; a single document on this machine is read as a folder is."""
    return "document" if kind == "folder" and Path(source).is_file() else kind


def pages_of(crawl: dict[str, Any]) -> tuple[int, int]:
    """Gives how many of the pages that were found are done, and how many were found."""
    pages = crawl["pages"]
    done = sum(pages[state] for state in _DONE)
    return done, done + pages["queued"] + pages["leased"]


def is_failure(crawl: dict[str, Any]) -> bool:
    """Tells whether a crawl gave no documentation, or only a start page whose links all failed."""
    return crawl["status"] in ("failed", "cancelled", "paused") or _is_start_alone(crawl)


def _is_start_alone(crawl: dict[str, Any]) -> bool:
    pages = crawl["pages"]
    return crawl["status"] == "completed" and pages["fetched"] == 1 and pages["failed"] > 0


def _heed_interrupt() -> None:
    """Ends a task that was cancelled but not told: before Python 3.12 a wait that ends at that moment swallows it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _show(progress: Progress, bars: dict[str, TaskID], crawl: dict[str, Any], seconds: float) -> None:
    chunks, (done, found) = crawl["chunks"], pages_of(crawl)
    for name, completed, total in (
        ("pages", done, found),
        ("words", chunks["withWords"], chunks["total"]),
        ("meaning", chunks["withMeaning"], chunks["total"]),
    ):
        rate = f"{completed / seconds:.0f}/s" if seconds > 0 else ""
        progress.update(bars[name], completed=completed, total=total or None, rate=rate)


def _is_embedded(crawl: dict[str, Any]) -> bool:
    is_wanted = crawl["status"] == "completed" and crawl["embedding"] and not crawl["embeddingProblem"]
    return not is_wanted or crawl["chunks"]["withMeaning"] >= crawl["chunks"]["total"]


def _report(console: Console, crawl: dict[str, Any], seconds: float) -> None:
    pages = crawl["pages"]
    if crawl["status"] != "completed":
        reason = f": {crawl['reason']}" if crawl["reason"] else ""
        console.print(f"[red]The crawl {_ENDS[crawl['status']]}{escape(reason)}[/red]", soft_wrap=True)
    else:
        console.print(
            f"{crawl['library']} {crawl['version']}: {pages.get('fetched', 0)} pages, {pages.get('failed', 0)} failed, "
            f"{pages.get('missing', 0)} dead links, "
            f"{crawl['chunks']['total']} passages, {crawl['chunks']['withMeaning']} with meaning, {seconds:.1f} s.",
            highlight=False,
            soft_wrap=True,
        )
        if crawl["docsVersion"]:
            said = f"The documentation says that it is of version {escape(crawl['docsVersion'])}."
            console.print(said, highlight=False)
    if crawl["embeddingProblem"]:
        said = f"{escape(crawl['embeddingProblem'])} Answers compare words only."
        console.print(f"[yellow]{said}[/yellow]", highlight=False, soft_wrap=True)
    if crawl["warning"]:
        console.print(f"[yellow]{escape(crawl['warning'])}[/yellow]", soft_wrap=True)
    if _is_start_alone(crawl):
        console.print("[red]Only one page could be read; every page it leads to failed.[/red]", soft_wrap=True)
    for failed in crawl["failedPages"]:
        # Some reasons begin with the address themselves.
        reason = (failed["reason"] or "").removeprefix(f"{failed['url']}: ")
        console.print(f"  {failed['url']}: {reason}", highlight=False, markup=False, soft_wrap=True)
