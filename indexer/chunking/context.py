"""The texts of a chunk that the indexes read."""

import re

from indexer.chunking.chunks import Chunk

_FENCE = re.compile(r"^(?:`{3,}|~{3,})[\w+#.-]*$\n?", re.MULTILINE)
_FIRST_FENCED = re.compile(r"^(`{3,})[^\n]*\n(.*?)\n\1$", re.MULTILINE | re.DOTALL)
_ARROW = " \u203a "
_MAX_SIGNATURE_CHARS = 500


def context_prefix(library_name: str, version: str | None, chunk: Chunk) -> str:
    """Gives where a chunk stands: library with version, page, headings, each name once, from wide to narrow."""
    library = f"{library_name} {version}" if version else library_name
    names = (library, chunk.page_title, *chunk.section_path)
    known: dict[str, str] = {}
    for name in filter(None, names):
        known.setdefault(name.casefold(), name)
    return _ARROW.join(known.values())


def head_text(chunk: Chunk) -> str:
    """Gives what names a chunk: title, headings, signature, symbols and anchors, each once and on its own line."""
    found = _FIRST_FENCED.search(chunk.content) if chunk.content_type == "api_ref" else None
    signature = found[2][:_MAX_SIGNATURE_CHARS] if found else ""
    anchors = (chunk.anchor, *chunk.anchor_aliases) if chunk.content_type == "api_ref" else (chunk.anchor,)
    lines = (chunk.title, *chunk.section_path, chunk.page_title, signature, *chunk.symbols, *anchors)
    return "\n".join(dict.fromkeys(line for line in lines if line))


def body_text(chunk: Chunk) -> str:
    """Gives the content without the lines of its fences."""
    return _FENCE.sub("", chunk.content).strip()
