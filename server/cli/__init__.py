"""The command line: one program, `lectern`."""

from server.cli.program import main

__all__ = ["main"]
