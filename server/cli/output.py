"""What commands print: JSON for programs, tables for people."""

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine, Sequence
from types import FrameType
from typing import Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Result = TypeVar("Result")
console = Console()
_WIDE = 1000
_INTERRUPTED = 130
_INTERRUPT_SECONDS = 12.0


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command's work to its end, which Ctrl-C brings about in any case: what is written survives a kill."""
    return asyncio.run(_heeding_interrupts(work))


async def _heeding_interrupts(work: Coroutine[Any, Any, Result]) -> Result:
    cancel = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        deadline = threading.Timer(_INTERRUPT_SECONDS, os._exit, (_INTERRUPTED,))
        deadline.daemon = True
        deadline.start()
        if callable(cancel):
            cancel(number, frame)

    if threading.current_thread() is threading.main_thread():
        # A wait that ends at the moment of a cancellation swallows it, before Python 3.12.
        signal.signal(signal.SIGINT, interrupt)
    return await work


def print_json(value: object) -> None:
    """Prints indented JSON."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints rows under their columns; on a terminal too narrow for that, each value on a line of its own.

    Ids and addresses stay whole, so that they can be copied.
    """
    texts = [["" if value is None else str(value) for value in row] for row in rows]
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in texts:
        table.add_row(*map(escape, row))
    wide = Console(width=_WIDE)
    if not console.is_terminal or wide.measure(table).maximum <= console.width:
        wide.print(table)
        return
    for row in texts:
        typer.echo("\n".join(f"{column}: {value}" for column, value in zip(columns, row, strict=True) if value) + "\n")
