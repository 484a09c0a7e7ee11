"""Size, fences and losslessness, whatever the page is like."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.chunking import MAX_SIGNATURE_TOKENS, MAX_TOKENS, Chunk, chunk_page
from indexer.extract import Block, BlockKind, ExtractedPage
from indexer.tokens import count_tokens
from tests.fences import is_balanced

SENTENCE = "The tide comes in twice a day and goes out as often, says the `table` of the harbour. "


def chunks_of(*blocks: Block) -> list[Chunk]:
    return chunk_page(ExtractedPage("https://docs.example/p.html", "Page", "en", None, None, blocks))


def assert_sound(chunks: list[Chunk]) -> None:
    for chunk in chunks:
        cap = MAX_SIGNATURE_TOKENS if chunk.content_type == "api_ref" else MAX_TOKENS
        assert chunk.token_count == count_tokens(chunk.content) <= cap
        assert is_balanced(chunk.content)


def test_long_prose_is_cut_between_sentences_near_the_target() -> None:
    chunks = chunks_of(Block("paragraph", (SENTENCE * 100).strip()))
    assert_sound(chunks)
    assert all(chunk.content.endswith("harbour.") for chunk in chunks)
    assert all(350 <= chunk.token_count <= 450 for chunk in chunks[:-1])
    assert " ".join(chunk.content for chunk in chunks) == (SENTENCE * 100).strip()


@pytest.mark.parametrize(
    "blocks",
    [
        [Block("paragraph", SENTENCE * 24 + "And so on")],
        [Block("paragraph", SENTENCE * 8), Block("code", "/* a */\n" * 60), Block("paragraph", "/ is the root.")],
        [Block("heading", "Tides", "tides", level=2), *([Block("paragraph", SENTENCE.strip())] * 60)],
        [Block("list", "\n".join(f"- /dev/tty{number}" for number in range(400)))],
    ],
)
def test_a_chunk_says_exactly_how_many_tokens_it_has_however_they_were_counted(blocks: list[Block]) -> None:
    assert_sound(chunks_of(*blocks))


def test_code_stays_with_the_paragraph_that_leads_to_it() -> None:
    filler = [Block("paragraph", SENTENCE * 19)]
    chunks = chunks_of(*filler, Block("paragraph", "Like this:"), Block("code", "x = 1\n" * 40, language="python"))
    assert_sound(chunks)
    assert chunks[1].content.startswith("Like this:\n\n```python")


def test_a_heading_of_a_joined_section_opens_no_fence() -> None:
    headings = [Block("heading", "\n~~~", level=1), Block("heading", "Tides", level=1, depth=1)]
    assert_sound(chunks_of(Block("definition", "word", "a", level=1), *headings))


def test_long_code_is_cut_at_top_level_definitions_with_its_fence_closed_and_opened_again() -> None:
    code = "\n\n".join(
        f"def f{number}(value):\n    result = value + {number}\n\n    return result" for number in range(60)
    )
    chunks = chunks_of(Block("code", code, language="python"))
    assert_sound(chunks)
    assert all(chunk.content.startswith("```python\ndef f") for chunk in chunks)
    bodies = [chunk.content.removeprefix("```python\n").removesuffix("\n```") for chunk in chunks]
    assert "\n\n".join(bodies) == code


def test_a_long_table_is_cut_between_rows_with_its_header_repeated() -> None:
    rows = [f"| {number} | {SENTENCE} |" for number in range(60)]
    chunks = chunks_of(Block("table", "\n".join(["| n | text |", "| --- | --- |", *rows]), title="Tides"))
    assert_sound(chunks)
    assert all(chunk.content.startswith("**Tides**\n\n| n | text |\n| --- | --- |\n| ") for chunk in chunks)
    assert [line for chunk in chunks for line in chunk.content.split("\n")[4:]] == rows


def test_a_long_list_is_cut_between_items() -> None:
    items = [f"- {number} {SENTENCE.strip()}" for number in range(80)]
    chunks = chunks_of(Block("list", "\n".join(items)))
    assert_sound(chunks)
    assert "\n".join(chunk.content for chunk in chunks).split("\n") == items


def test_a_short_rest_joins_the_piece_before_it() -> None:
    chunks = chunks_of(*(Block("paragraph", (SENTENCE * times).strip()) for times in (18, 18, 4)))
    assert_sound(chunks)
    assert [chunk.content.count("The tide") for chunk in chunks] == [18, 22]


@pytest.mark.parametrize("code", ["```\ninner\n```", "~~~\ninner", "````\n```\n````", "`" * 3000 + "\nx", "a ``` b"])
def test_code_that_holds_fences_is_fenced_safely(code: str) -> None:
    chunks = chunks_of(Block("code", code, language="markdown"), Block("paragraph", "After."))
    assert_sound(chunks)
    assert "After." in chunks[-1].content


@pytest.mark.parametrize("text", ["```", "~~~ python", "- ```js", "> ```", "1. ~~~"])
def test_prose_that_looks_like_a_fence_is_escaped(text: str) -> None:
    chunks = chunks_of(Block("paragraph", text))
    assert_sound(chunks)
    assert "\\" in chunks[0].content


@pytest.mark.parametrize("kind", ["paragraph", "code", "table", "list", "admonition", "signature"])
@pytest.mark.parametrize("unit", ["a", "\U0001d54f", "x1 ", "|", "`", "\n\n", "中"])
def test_endless_blocks_of_any_kind_stay_under_the_cap(kind: BlockKind, unit: str) -> None:
    text = unit * 6000
    text = f"| a |\n| --- |\n| {text} |" if kind == "table" else text
    assert_sound(chunks_of(Block(kind, text, "id", title="Note", language="python")))


def test_a_small_section_whose_heading_is_long_is_not_joined_beyond_the_cap() -> None:
    chunks = chunks_of(
        Block("heading", "Page", level=1),
        Block("definition", SENTENCE * 8, "a", level=1),
        Block("heading", SENTENCE * 20, level=2),
        Block("heading", "word", level=1, depth=1),
    )
    assert_sound(chunks)


block_kinds: st.SearchStrategy[BlockKind] = st.sampled_from(
    ["heading", "paragraph", "code", "table", "list", "admonition", "signature", "definition"]
)
pieces = st.sampled_from(["word", "`code`", "```", "~~~", "\n", " ", "| a |", "# x", "- i", "> q", "é", SENTENCE * 8])
random_blocks = st.builds(
    Block,
    block_kinds,
    st.lists(pieces, min_size=1, max_size=12).map("".join),
    st.none() | st.sampled_from(["a", "b", "c"]),
    st.just(()),
    st.integers(1, 6),
    st.integers(0, 3),
    st.none() | st.just("python"),
    st.none() | st.just("Title"),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(random_blocks, max_size=12))
def test_any_blocks_give_chunks_under_the_cap_with_balanced_fences(blocks: list[Block]) -> None:
    chunks = chunks_of(*(block for block in blocks if block.kind != "table"))
    assert_sound(chunks)
    assert [chunk.position for chunk in chunks] == list(range(len(chunks)))
    anchors = {block.anchor for block in blocks} | {None}
    assert {chunk.anchor for chunk in chunks} <= anchors
