"""Logs hold what happened, and not what was in memory when it did."""

import logging
from typing import Literal

import pytest
import structlog

from core.logging import configure_logging


@pytest.mark.parametrize("log_format", ["json", "pretty"])
def test_a_traceback_in_a_log_has_no_values_of_variables(
    log_format: Literal["json", "pretty"], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    configure_logging(log_format, "info")
    try:
        _fail("pa55" + "-w0rd")
    except ValueError:
        structlog.get_logger().exception("test.failed")
    finally:
        structlog.reset_defaults()
    printed = capsys.readouterr().err
    assert "_fail" in printed
    assert "pa55-w0rd" not in printed


def test_a_database_that_is_away_fills_no_log_with_tracebacks_of_its_driver(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    configure_logging("pretty", "info")
    structlog.reset_defaults()
    away = ConnectionRefusedError("Nobody is there.")
    logging.getLogger("asyncpg.pool").warning("Failed to restore the pool connection floor", exc_info=away)
    logging.getLogger("queue").error("A job was put back.", exc_info=away)
    assert capsys.readouterr().err == "ERROR queue A job was put back.\nConnectionRefusedError: Nobody is there.\n"


def _fail(secret: str) -> None:
    headers = {"Authorization": secret}
    raise ValueError(len(headers))
