"""Structured logs: an event is a fixed `package.thing_happened` plus key-values, one line each, on standard error."""

import logging
import sys
from typing import Any, Literal

import structlog

from core.errors import Unavailable

LogFormat = Literal["json", "pretty"]

# Without the values of local variables, which a log must not hold: there are secrets and pages among them.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


class _OfLibraries(logging.Formatter):
    """Lines of libraries: with a traceback, except where it says no more than that another server is away."""

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - the standard library's own names and types
        """Gives the text for an exception."""
        error = ei[1]
        is_away = isinstance(error, ConnectionError | TimeoutError | Unavailable)
        return f"{type(error).__name__}: {error}" if is_away else super().formatException(ei)


def configure_logging(log_format: LogFormat, level: str) -> None:
    """Sets up structlog once for this process.

    Args:
        log_format: `json` for machines, `pretty` for a terminal.
        level: A name of the standard library's levels; lower ones are dropped.
    """
    pretty = log_format == "pretty"
    renderer = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if pretty else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer() if pretty else _TRACEBACKS,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries speak through the standard library's logging: only what an operator must see.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OfLibraries("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # Says with a traceback, again and again, that a database is away. Whoever needs the database says it in one line.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)
