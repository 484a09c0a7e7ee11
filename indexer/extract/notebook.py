"""A Jupyter notebook to blocks: cells in order, what they printed cut short, pictures left out."""

import re
from collections.abc import Iterator
from itertools import islice

import orjson

from indexer.extract.blocks import Block, ExtractedPage
from indexer.extract.code import canonical_language
from indexer.extract.composing import first_heading, with_unique_ids
from indexer.extract.inline import normal_text
from indexer.extract.markdown import read_markdown
from indexer.extract.openapi.document import Values, mapping, sequence, string
from indexer.extract.walk import MAX_BLOCKS

_MARK = re.compile(r'"(?:cells|worksheets)"\s*:\s*\[')
_MAX_OUTPUTS = 20
_MAX_OUTPUT_LINES = 30
_MAX_OUTPUT_CHARS = 2000
_COLOURS = re.compile(r"\x1b\[[0-9;?]{0,30}[ -/]?[@-~]")
_CELL_MAGIC = re.compile(r"^%%(bash|sh|sql|html|javascript|js|latex|perl|ruby|cython|R)\b")


def extract_notebook(text: str, url: str) -> ExtractedPage | None:
    """Gives the page of a notebook, None if the text is none.

    Raises:
        ValueError: It says that it is one, and is no JSON.
    """
    if _MARK.search(text) is None:
        return None
    notebook = mapping(orjson.loads(text))
    if "nbformat" not in notebook:
        return None
    blocks = tuple(with_unique_ids(islice(_blocks(notebook), MAX_BLOCKS)))
    title = string(mapping(notebook.get("metadata")).get("title")) or first_heading(blocks)
    problem = None if blocks else "empty"
    return ExtractedPage(url, title[:300].replace("`", ""), None, "jupyter", None, blocks, problem)


def _blocks(notebook: Values) -> Iterator[Block]:
    language = _language(mapping(notebook.get("metadata")))
    slugs: dict[str, int] = {}
    for cell in _cells(notebook):
        # The third format calls the text of a code cell its input.
        source = normal_text(_joined(cell.get("source", cell.get("input"))))
        tags = _tags(cell)
        kind = "" if "remove-cell" in tags else cell.get("cell_type")
        if kind == "markdown":
            yield from read_markdown(source, slugs)
        elif kind == "heading":
            yield from read_markdown(f"{'#' * _level(cell)} {source}", slugs)
        elif kind == "code":
            named = string(cell.get("language"))
            yield from () if "remove-input" in tags else _code_blocks(source, language, named)
            yield from () if "remove-output" in tags else _output_blocks(cell)


def _cells(notebook: Values) -> Iterator[Values]:
    yield from map(mapping, sequence(notebook.get("cells")))
    for sheet in sequence(notebook.get("worksheets")):
        yield from map(mapping, sequence(mapping(sheet).get("cells")))


def _tags(cell: Values) -> set[str]:
    """Gives the tags that say what is not shown. Source: Jupyter Book and nbconvert, which writes them with `_`."""
    metadata = mapping(cell.get("metadata"))
    tags = {string(tag).replace("_", "-") for tag in sequence(metadata.get("tags"))}
    return tags | ({"remove-cell"} if metadata.get("nbsphinx") == "hidden" else set())


def _language(metadata: Values) -> str | None:
    info, kernel = mapping(metadata.get("language_info")), mapping(metadata.get("kernelspec"))
    name = string(info.get("name")) or string(kernel.get("language")) or string(kernel.get("name"))
    return canonical_language(name) if name else None


def _level(cell: Values) -> int:
    level = cell.get("level")
    return min(max(level, 1), 6) if isinstance(level, int) else 1


def _code_blocks(source: str, language: str | None, named: str) -> Iterator[Block]:
    """Yields the code of a cell; `named` is the language that the third format names in each."""
    code = source.strip("\n").rstrip()
    if code:
        magic = _CELL_MAGIC.match(code)
        own = magic[1] if magic else named
        yield Block("code", code, language=canonical_language(own) if own else language)


def _output_blocks(cell: Values) -> Iterator[Block]:
    outputs = (_output_text(mapping(output)) for output in sequence(cell.get("outputs"))[:_MAX_OUTPUTS])
    text = "\n".join(output.strip("\n") for output in outputs if output.strip())
    if text:
        yield Block("code", _shortened(text), title="Output")


def _output_text(output: Values) -> str:
    """Gives what an output says in plain text; one that is only a picture says nothing."""
    if output.get("output_type") in {"error", "pyerr"}:
        return f"{string(output.get('ename'))}: {string(output.get('evalue'))[:_MAX_OUTPUT_CHARS]}"
    data = mapping(output.get("data"))
    text = _joined(output.get("text") or data.get("text/plain") or data.get("text/markdown"), _MAX_OUTPUT_CHARS * 2)
    return "" if _is_name_of_object(text) else normal_text(_COLOURS.sub("", text))


def _is_name_of_object(text: str) -> bool:
    """Whether an output is only what stands for a picture, such as `<Figure size 640x480>`."""
    return text.startswith("<") and text.rstrip().endswith(">") and "\n" not in text.strip()


def _shortened(text: str) -> str:
    lines = text[:_MAX_OUTPUT_CHARS].split("\n")[:_MAX_OUTPUT_LINES]
    kept = "\n".join(lines).rstrip()
    return kept if len(kept) >= len(text.rstrip()) else f"{kept}\n\u2026"


def _joined(value: object, limit: int = 1_000_000) -> str:
    """Gives a text that is stored as one or as its lines."""
    lines = [value] if isinstance(value, str) else sequence(value)
    return "".join(line for line in lines if isinstance(line, str))[:limit]
