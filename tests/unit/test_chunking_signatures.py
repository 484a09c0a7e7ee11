"""Long signatures: whole as long as that is bearable, else cut between parameters."""

import pytest

from indexer.chunking import MAX_SIGNATURE_TOKENS, MAX_TOKENS, Chunk, chunk_page
from indexer.extract import Block, ExtractedPage, extract_page
from indexer.tokens import count_tokens

DESCRIPTION = "Makes a table of the tides from what was measured in the harbour. "


def chunks_of(signature: str, *described: Block, title: str = "tidal.table", language: str = "python") -> list[Chunk]:
    blocks = (Block("signature", signature, "tidal.table", title=title, language=language), *described)
    return chunk_page(ExtractedPage("https://docs.example/p.html", "Page", "en", None, None, blocks))


def signature_with(parameters: int) -> str:
    names = ", ".join(f"parameter_{number}: dict[str, int] | None = None" for number in range(parameters))
    return f"tidal.table({names}) -> Table"


def test_a_signature_larger_than_a_chunk_stays_whole_with_the_start_of_its_description() -> None:
    signature = signature_with(45)
    assert MAX_TOKENS < count_tokens(signature) < MAX_SIGNATURE_TOKENS
    long = Block("paragraph", (DESCRIPTION * 40).strip(), depth=1)
    first, *others = chunks_of(signature, Block("paragraph", DESCRIPTION.strip(), depth=1), long)
    assert first.content == f"```python\n{signature}\n```\n\n{DESCRIPTION.strip()}"
    assert MAX_TOKENS < first.token_count <= MAX_SIGNATURE_TOKENS
    assert all(chunk.token_count <= MAX_TOKENS and "```" not in chunk.content for chunk in others)


def test_a_signature_without_bearable_size_is_cut_between_parameters_and_each_part_bears_its_name() -> None:
    chunks = chunks_of(signature_with(120), Block("paragraph", DESCRIPTION.strip(), depth=1))
    lines = [chunk.content.split("\n")[1] for chunk in chunks]
    assert all(chunk.content.startswith("```python\ntidal.table(") for chunk in chunks)
    assert all(line.endswith(" = None, \u2026)") for line in lines[:-1])
    assert lines[-1].endswith(" = None) -> Table")
    assert all(line.startswith("tidal.table(\u2026, parameter_") for line in lines[1:])
    assert all((chunk.content_type, chunk.symbols) == ("api_ref", ("tidal.table",)) for chunk in chunks)
    assert all(chunk.token_count <= MAX_TOKENS for chunk in chunks)
    assert chunks[-1].content.endswith(DESCRIPTION.strip())


def test_no_parameter_of_a_cut_signature_is_lost_or_said_twice() -> None:
    chunks = chunks_of(signature_with(200))
    shown = [part for chunk in chunks for part in chunk.content.split("\n")[1].split("parameter_")[1:]]
    assert [int(part.partition(":")[0]) for part in shown] == list(range(200))
    assert all(": dict[str, int] | None = None" in part for part in shown)


def test_overloads_are_cut_between_each_other() -> None:
    overloads = [f"tidal.table(port: str, year: int = {number}) -> Table" for number in range(120)]
    chunks = chunks_of("\n".join(overloads))
    lines = [line for chunk in chunks for line in chunk.content.split("\n")[1:-1]]
    assert len(chunks) > 1
    assert lines == overloads


def test_the_type_of_a_function_in_c_is_not_cut_from_its_name() -> None:
    names = ",\n             ".join(f"GTide *parameter_{number}" for number in range(200))
    chunks = chunks_of(
        f"GTideTable *\ntide_table (const char *port,\n             {names});", title="tide_table", language="c"
    )
    assert chunks[0].content.startswith("```c\nGTideTable *\ntide_table (const char *port,\n")
    assert all(
        chunk.content.startswith("```c\nGTideTable *\ntide_table (\u2026,\n             GTide *p")
        for chunk in chunks[1:]
    )


def test_members_of_an_enumeration_keep_the_remark_behind_them() -> None:
    members = ",".join(f" ## comes in, and goes out\n  tide{number}" for number in range(120))
    chunks = chunks_of(f"Tide = enum\n  none,{members}", title="Tide", language="nim")
    assert len(chunks) > 1
    assert all(chunk.content.startswith("```nim\nTide \u2026\n  tide") for chunk in chunks[1:])


@pytest.mark.parametrize(
    "signature", ["x" * 20_000, "word " * 5000, "(" * 9000, "f(" + "\U0001d54f" * 6000 + ")", ",\n" * 9000]
)
def test_whatever_a_signature_is_made_of_its_parts_fit(signature: str) -> None:
    chunks = chunks_of(signature, title="\U0001d54f" * 3000)
    assert chunks
    assert all(count_tokens(chunk.content) == chunk.token_count <= MAX_TOKENS for chunk in chunks)


def test_a_long_signature_of_a_page_is_read_with_all_its_parameters() -> None:
    signature = f'<span class="sig-name">tidal.table</span>{signature_with(300).removeprefix("tidal.table")}'
    term = f'<dt class="sig sig-object py" id="tidal.table">{signature}</dt>'
    html = f'<div role="main"><dl class="py function">{term}<dd><p>{DESCRIPTION}</p></dd></dl></div>'
    chunks = chunk_page(extract_page(html.encode(), "text/html", "https://docs.example/p.html"))
    assert "parameter_299: dict" in chunks[-1].content
    assert {chunk.symbols for chunk in chunks} == {("tidal.table",)}
