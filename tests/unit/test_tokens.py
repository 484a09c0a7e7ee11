from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import Misconfigured
from indexer import tokens
from indexer.tokens import BREAK, count_break, count_parts, count_tokens, is_apart, read_vocabulary

PIECES = [
    "word",
    "Word",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\xa0",
    "\u2028",
    ".",
    "...",
    "/",
    "//",
    "```",
    "|",
    "-",
    "'s",
    "1234",
]
TEXTS = st.lists(
    st.sampled_from([*PIECES, "é", "e\u0301", "\u0301", "深", "😀", "<a>"]) | st.text(max_size=3), max_size=12
).map("".join)


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("hello world", 2), ("SSLContext.wrap_socket(sock)", 6), ("<|endoftext|>", 7), ("深い", 2)],
)
def test_tokens_are_counted_as_o200k_base_counts_them(text: str, count: int) -> None:
    assert count_tokens(text) == count


def test_an_endless_word_is_counted_in_linear_time() -> None:
    assert count_tokens("a" * 1_000_000) == pytest.approx(125_000, rel=0.01)


@given(TEXTS, TEXTS.filter(is_apart))
@example("It ends.", "so")
@example("```", "- one")
@example("a /", "1")
def test_texts_that_stand_apart_cost_together_what_each_costs_and_the_break(left: str, right: str) -> None:
    assert count_tokens(f"{left}{BREAK}{right}") == count_tokens(left) + count_break(left) + count_tokens(right)


@given(st.lists(TEXTS.filter(is_apart), min_size=1, max_size=5))
def test_parts_that_stand_apart_cost_in_one_text_what_they_cost_alone(texts: list[str]) -> None:
    alone = [count_tokens(text) + count_break(text) for text in texts]
    assert count_parts([f"{text}{BREAK}" for text in texts]) == alone


@pytest.mark.parametrize("text", ["", " a", "/a", "\na", "\xa0a"])
def test_what_may_go_on_with_the_token_before_does_not_stand_apart(text: str) -> None:
    assert not is_apart(text)


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
