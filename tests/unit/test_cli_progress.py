"""How far a crawl is, as the command line counts it."""

from server.cli.progress import pages_of

COUNTS = {"queued": 3, "leased": 1, "fetched": 5, "failed": 1, "missing": 2, "excluded": 1, "redirected": 1}


def test_pages_are_counted_once_whatever_else_is_known_of_them() -> None:
    assert pages_of({"pages": COUNTS | {"unchanged": 4, "missed": 2}}) == (10, 14)
