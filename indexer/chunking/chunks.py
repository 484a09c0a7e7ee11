"""The passage that is found, shown and cited."""

import re
from dataclasses import dataclass
from typing import Literal

ContentType = Literal["snippet", "guide", "api_ref"]

_UNSAFE = re.compile(r"[\s<>\"`{}|\\^]")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One passage of a page.

    `content` is Markdown, at most `MAX_TOKENS` tokens, `MAX_SIGNATURE_TOKENS` if it begins with a signature, with
    balanced fences and without its own heading, which is `title`. `section_path` names the headings and symbols around
    it, outermost first, itself last. `anchor` is an id that exists in the page: of the section itself, else of the
    closest one around, else of the one before; `anchor_aliases` are further ids inside the passage, `parent_anchor` is
    the id of the closest section around that has another one. `symbols` are the names it defines. `position` counts
    the page's chunks from 0.
    """

    content: str
    content_type: ContentType
    title: str
    section_path: tuple[str, ...]
    anchor: str | None
    anchor_aliases: tuple[str, ...]
    source_url: str
    page_title: str
    code_language: str | None
    token_count: int
    symbols: tuple[str, ...]
    position: int
    parent_anchor: str | None = None


def source_url(page_url: str, anchor: str | None) -> str:
    """Gives the page's URL with the anchor as fragment; characters no URL may hold are percent-encoded."""
    url = page_url.partition("#")[0]
    return f"{url}#{_UNSAFE.sub(_percent_encoded, anchor)}" if anchor else url


def _percent_encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())
