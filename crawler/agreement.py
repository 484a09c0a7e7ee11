"""Whether a Markdown text says what a web page says, and whether the anchors computed from it exist in that page."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from selectolax.lexbor import LexborHTMLParser

from core.markdown import parse_markdown
from core.parsing import parse

Anchors = Literal["all", "sections", "none"]
"""Which headings of a Markdown text may be linked to: all, all but titles, none."""

_SHINGLE_WORDS = 4
_LEAST_SHARE = 0.7
"""How much of the Markdown has to stand in the page; the page has its menus besides."""
_LEAST_COVERAGE = 0.5
"""How many words of the page's main part the Markdown has to have."""
_SHELL_WORDS = 30
_MAX_WORDS = 50_000
_MAX_MARKDOWN_BYTES = 2**20

_WORD = re.compile(r"\w+")
_UNSEEN = "script,style,template,noscript"
_MAIN = "[role=main],main article,main,article"
_FRONT_MATTER = re.compile(r"^\ufeff?---\n[\s\S]{0,5000}?\n---\n")
_LINK_TARGET = re.compile(r"(?<=\])\([^()\s]{0,2048}(?:\s+\"[^\"]{0,300}\")?\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_HEADING_ID = re.compile(r"\{:?\s*#([\w.:-]+)[^{}]*\}\s*$")
_NO_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class _Heading:
    level: int
    anchor: str


def agreed_anchors(html: bytes, markdown: bytes) -> Anchors | None:
    """Gives which anchors of a Markdown text hold in the page it stands for, None if it is not the same text.

    A page without text of its own, which a script fills, cannot contradict: the Markdown is taken, without anchors.
    """
    page = parse(html) if len(markdown) <= _MAX_MARKDOWN_BYTES else None
    if page is None:
        return None
    ids = {value for node in page.css("[id],a[name]") for value in (node.id, node.attributes.get("name")) if value}
    for node in page.css(_UNSEEN):
        node.decompose()
    text = markdown.decode("utf-8", errors="replace").replace("\r\n", "\n")
    said = _words_of_markdown(text)
    if len(_words(page.body.text(separator=" ") if page.body else "")) < _SHELL_WORDS <= len(said):
        return "none"
    return _anchors_in(ids, _headings(text)) if said and _is_same_text(page, said) else None


def _is_same_text(page: LexborHTMLParser, said: list[str]) -> bool:
    shown = _shingles(_words(page.body.text(separator=" ") if page.body else ""))
    of_markdown = _shingles(said)
    main = page.css_first(_MAIN)
    main_words = len(_words(main.text(separator=" "))) if main is not None else 0
    is_covered = len(said) >= _LEAST_COVERAGE * main_words
    return is_covered and len(of_markdown & shown) >= _LEAST_SHARE * len(of_markdown)


def _anchors_in(ids: set[str], headings: list[_Heading]) -> Anchors | None:
    """Titles often have no id; any other heading without one means that the page makes its ids in another way."""
    if any(heading.anchor not in ids for heading in headings if heading.level > 1):
        return None
    return "all" if all(heading.anchor in ids for heading in headings) else "sections"


def _headings(text: str) -> list[_Heading]:
    """Gives the headings with the ids GitHub, MkDocs, Docusaurus and VitePress give to plain words."""
    tokens = parse_markdown(_FRONT_MATTER.sub("", text))
    counts: dict[str, int] = {}
    found: list[_Heading] = []
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            words = "".join(child.content if child.type != "softbreak" else " " for child in inline.children or [])
            found.append(_Heading(int(token.tag[1]), _anchor_of(words, counts)))
    return found


def _anchor_of(words: str, counts: dict[str, int]) -> str:
    if named := _HEADING_ID.search(words):
        return named[1]
    slug = _NO_SLUG.sub("", words.lower().replace("`", "")).strip().replace(" ", "-")
    seen = counts.get(slug, 0)
    counts[slug] = seen + 1
    return f"{slug}-{seen}" if seen else slug


def _words_of_markdown(text: str) -> list[str]:
    text = _FENCE.sub("", _FRONT_MATTER.sub("", text))
    return _words(_TAG.sub(" ", _LINK_TARGET.sub("", text)))


def _words(text: str) -> list[str]:
    return [match[0].lower() for match in _WORD.finditer(text)][:_MAX_WORDS]


def _shingles(words: list[str]) -> set[tuple[str, ...]]:
    if len(words) < _SHINGLE_WORDS:
        return {tuple(words)}
    return set(zip(*(words[start:] for start in range(_SHINGLE_WORDS)), strict=False))
