from pathlib import Path

import pytest

from core.errors import Misconfigured
from indexer import tokens
from indexer.tokens import count_tokens, read_vocabulary


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("hello world", 2), ("SSLContext.wrap_socket(sock)", 6), ("<|endoftext|>", 7), ("深い", 2)],
)
def test_tokens_are_counted_as_o200k_base_counts_them(text: str, count: int) -> None:
    assert count_tokens(text) == count


def test_an_endless_word_is_counted_in_linear_time() -> None:
    assert count_tokens("a" * 1_000_000) == pytest.approx(125_000, rel=0.01)


def test_the_packaged_vocabulary_is_complete() -> None:
    assert len(read_vocabulary(tokens.VOCABULARY)) == 199_998


def test_a_damaged_vocabulary_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "o200k_base.tiktoken"
    damaged.write_bytes(tokens.VOCABULARY.read_bytes()[:-10])
    with pytest.raises(Misconfigured, match="damaged"):
        read_vocabulary(damaged)


def test_a_missing_vocabulary_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="o200k_base"):
        read_vocabulary(tmp_path / "o200k_base.tiktoken")
