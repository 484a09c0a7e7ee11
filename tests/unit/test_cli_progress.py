"""How far a crawl is, as the command line counts it."""

from pathlib import Path

from server.cli.progress import kind_in_words, pages_of

COUNTS = {"queued": 3, "leased": 1, "fetched": 5, "failed": 1, "missing": 2, "excluded": 1, "redirected": 1}


def test_pages_are_counted_once_whatever_else_is_known_of_them() -> None:
    assert pages_of({"pages": COUNTS | {"unchanged": 4, "missed": 2}}) == (10, 14)


def test_a_single_document_is_not_called_a_folder(tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text("# Guide\n")
    assert kind_in_words("folder", str(tmp_path / "guide.md")) == "document"
    assert kind_in_words("folder", str(tmp_path)) == "folder"
    assert kind_in_words("llms_txt", "https://docs.example/llms.txt") == "llms_txt"
