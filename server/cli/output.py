"""What commands print: JSON for programs, tables for people."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.table import Table

Result = TypeVar("Result")
console = Console()
_WIDE = 1000


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command's work to its end."""
    return asyncio.run(work)


def print_json(value: object) -> None:
    """Prints indented JSON."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints rows under their columns."""
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    # Elsewhere nothing is narrow, and programs look for whole words.
    (console if console.is_terminal else Console(width=_WIDE)).print(table)
