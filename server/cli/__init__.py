"""The command line: one program, `lectern`."""

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Runs the command named on the command line; Ctrl-C ends it without a word while its parts are still read."""
    try:
        from server.cli import program  # noqa: PLC0415 - so that Ctrl-C is heeded meanwhile
    except KeyboardInterrupt:
        sys.exit(130)
    program.main()
