"""`docs/benchmarks.md`: each measurement owns a section of it and writes that one anew."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def write_section(name: str, text: str) -> None:
    """Replaces the section between the page's marks of that name.

    Raises:
        LookupError: The page has no such marks.
    """
    page = PAGE.read_text()
    marks = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    if marks.search(page) is None:
        raise LookupError(f"{PAGE.name} has no section {name}")
    PAGE.write_text(marks.sub(lambda found: f"{found[1]}\n{text.strip()}\n\n{found[2]}", page))


def circumstances(command: str) -> str:
    """Gives the line that stands above every figure: when, on what, by which command."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {gib:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"
    return f"{datetime.now(UTC).date().isoformat()}, {machine}, shared machine. `{command}`"


def table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Gives a Markdown table."""
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
