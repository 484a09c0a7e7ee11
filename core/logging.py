"""Structured logs: an event is a fixed `package.thing_happened` plus key-values, one line each, on standard error."""

import logging
import sys
from typing import Literal

import structlog

LogFormat = Literal["json", "pretty"]

# Without the values of local variables, which a log must not hold: there are secrets and pages among them.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


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
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s", force=True
    )
