"""A page of Markdown or MDX to blocks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from markdown_it.token import Token

from core.markdown import parse_inline, parse_markdown
from indexer.extract.blocks import Block, ExtractedPage
from indexer.extract.code import canonical_language, language_of_title
from indexer.extract.composing import (
    admonition_blocks,
    definition_blocks,
    first_heading,
    labelled_blocks,
    list_blocks,
    quoted,
    with_unique_ids,
)
from indexer.extract.html.fragments import extract_fragment
from indexer.extract.inline import ids_in, meaningful_ids, normal_text
from indexer.extract.links import links_to_others
from indexer.extract.markdown.boxes import closes_box, kind_and_label, opens_box, without_marks
from indexer.extract.markdown.comments import without_comments
from indexer.extract.markdown.concealment import concealing_tag, end_of_concealed, visible_tokens, with_html_styles
from indexer.extract.markdown.dialects import plain_markdown, split_front_matter
from indexer.extract.markdown.mdx import looks_like_mdx, plain_mdx
from indexer.extract.markdown.myst import MystReader, directive_of, role_before_code
from indexer.extract.mentions import Links, mark, mentions_at_marks, mentions_of_others
from indexer.extract.walk import MAX_BLOCKS

_HEADING_ID = re.compile(r"\{:?\s*#([\w.:-]+)[^{}]*\}\s*$")
_NO_SLUG = re.compile(r"[^\w\- ]")
_ALERT = re.compile(r"^\[!(\w+)\]\s*")
_INFO_TITLE = re.compile(
    r"""(?:title|filename|file)=(?:"([^"]+)"|'([^']+)'|(\S+))|^\w*\s*\[([^\]]+)\]"""
    r"""|^[\w+#-]+[ \t]+([\w./@-]{1,100}\.[a-zA-Z]\w{0,7})(?=\s|$)"""
)
_INFO_REST = re.compile(r"^[\w+#-]+[ \t]+([^={}\[\]]{1,100})$")
_INFO_NAME = re.compile(r"^[{. ]*([\w+#.-]+)(?:[\s,{}:\[]|$)")
_MAX_NESTING = 8
_CLOSE = "box_close"
"""Stands for the mark that closes a box, as the names of tokens do for what they close."""


def extract_markdown(text: str, url: str, *, is_mdx: bool = False) -> ExtractedPage:
    """Gives the blocks of Markdown; headings without an id of their own get the slug GitHub gives them."""
    matter, body = split_front_matter(normal_text(text))
    links = Links()
    blocks = tuple(with_unique_ids(read_markdown(body, {}, links, is_mdx=is_mdx or looks_like_mdx(body))))
    title = (matter.get("title") or first_heading(blocks)).replace("`", "")
    return ExtractedPage(
        url=url,
        title=title,
        language=matter.get("lang"),
        generator=None,
        version=None,
        blocks=blocks,
        problem=None if blocks else "empty",
        links=links_to_others(links.hrefs, url, url),
        mentions=mentions_of_others(links.mentions, url, url),
    )


def read_markdown(text: str, slugs: dict[str, int], links: Links | None = None, *, is_mdx: bool = False) -> list[Block]:
    """Gives the blocks of Markdown without front matter.

    `slugs` counts those of the page, and is added to; so are the links to `links`.
    """
    return _read(with_html_styles(without_comments(text)), _Document(slugs, links, is_mdx))


@dataclass(slots=True)
class _Document:
    """What the parts of a document share, of which a directive may hold one."""

    slugs: dict[str, int]
    links: Links | None
    is_mdx: bool
    directives: MystReader | None = None
    nesting: int = 0


def _read(text: str, document: _Document) -> list[Block]:
    text = plain_markdown(plain_mdx(text) if document.is_mdx else text)
    tokens = parse_markdown(text, is_mdx=document.is_mdx)
    if document.links is not None:
        _add_links(document.links, tokens)
    document.nesting += 1
    blocks = list(islice(_Reader(tokens, document).read(), MAX_BLOCKS))
    document.nesting -= 1
    return blocks


def _add_links(links: Links, tokens: Sequence[Token]) -> None:
    for before, token in pairwise([Token("", "", 0), *tokens]):
        if not any(child.type == "link_open" for child in token.children or ()):
            continue
        text, hrefs = _marked_text(token)
        links.hrefs += hrefs
        if before.type != "heading_open":
            links.add_mentions(mentions_at_marks(text, hrefs))


def _marked_text(token: Token) -> tuple[str, list[str]]:
    """Gives the text of a paragraph with marks where its links begin, and their references."""
    parts: list[str] = []
    hrefs: list[str] = []
    for child in visible_tokens(token.children or []):
        if child.type == "link_open" and (href := child.attrGet("href")):
            parts.append(mark(len(hrefs)))
            hrefs.append(str(href))
        elif child.type != "html_inline":
            parts.append(" " if child.type in {"softbreak", "hardbreak"} else child.content)
    return " ".join(without_marks("".join(parts)).split()), hrefs


class _Reader:
    """Turns the flat tokens of one document into blocks."""

    def __init__(self, tokens: Sequence[Token], document: _Document) -> None:
        self._tokens = tokens
        self._position = 0
        self._document = document
        self._slugs = document.slugs
        self._targets: list[str] = []
        self._is_in_codes = False

    def read(self, end: str = "", level: int = 0) -> Iterator[Block]:
        """Yields the blocks up to a closing token, at most to the end of what is nested as deep as `level`."""
        while self._position < len(self._tokens):
            token = self._tokens[self._position]
            if token.level < level:
                return
            self._position += 1
            if token.type == end:
                return
            if token.type == "paragraph_open" and closes_box(self._tokens[self._position].content):
                self._position += 2
                if end == _CLOSE:
                    return
                continue
            yield from self._read_token(token)

    def _read_token(self, token: Token) -> Iterator[Block]:
        if token.type == "heading_open":
            yield self._heading(int(token.tag[1]))
        elif token.type == "paragraph_open":
            is_box = opens_box(self._tokens[self._position].content)
            yield from self._box(token.level) if is_box else self._prose("paragraph_close")
        elif token.type == "fence" and (directive := directive_of(token.info.strip())) is not None:
            yield from self._directive(*directive, token.content)
        elif token.type in {"fence", "code_block"}:
            yield self._code(token)
        elif token.type == "table_open":
            yield self._table()
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            yield from self._list(token)
        elif token.type == "blockquote_open":
            yield from _quoted(list(self.read("blockquote_close")))
        elif token.type == "html_block" and (name := concealing_tag(token.content)):
            self._position = end_of_concealed(self._tokens, self._position, name, token.level)
        elif token.type == "html_block":
            blocks, ids = extract_fragment(without_marks(token.content))
            self._targets += ids
            yield from blocks

    def _box(self, level: int) -> list[Block]:
        kind, label = kind_and_label(inline_text(self._tokens[self._position])[0])
        self._position += 2
        outer, self._is_in_codes = self._is_in_codes, kind == "codes"
        blocks = list(self.read(_CLOSE, level))
        self._is_in_codes = outer
        if kind == "admonition":
            return admonition_blocks(label, blocks) if blocks else []
        if kind == "definition":
            return definition_blocks(label, blocks)
        if kind == "tab":
            return labelled_blocks(label, blocks)
        return [Block("paragraph", label), *blocks] if label else blocks

    def _directive(self, name: str, argument: str, content: str) -> Iterator[Block]:
        document = self._document
        if document.nesting >= _MAX_NESTING:
            yield Block("code", content.rstrip())
            return
        if document.directives is None:
            document.directives = MystReader(lambda text: _read(text, document), inline_line)
        document.directives.targets += self._targets
        self._targets = []
        yield from document.directives.read_fence(name, argument, content)

    def _heading(self, level: int) -> Block:
        inline = self._tokens[self._position]
        text, ids = inline_text(inline)
        named = _HEADING_ID.search(text)
        text = (text[: named.start()] if named else text).strip()
        own = named[1] if named else self._slug(text)
        names = meaningful_ids([own, *self._targets, *ids])
        self._targets = []
        return Block("heading", text, names[0] if names else None, tuple(names[1:]), level)

    def _slug(self, text: str) -> str:
        """Gives the id GitHub, MkDocs, Docusaurus and VitePress all give to a heading of plain words."""
        slug = _NO_SLUG.sub("", text.lower().replace("`", "")).strip().replace(" ", "-")
        seen = self._slugs.get(slug, 0)
        self._slugs[slug] = seen + 1
        return f"{slug}-{seen}" if seen else slug

    def _prose(self, end: str) -> Iterator[Block]:
        token = self._tokens[self._position]
        text, ids = inline_text(token)
        while self._tokens[self._position].type != end:
            self._position += 1
        if text:
            names = meaningful_ids([*self._targets, *ids])
            self._targets = []
            yield Block("paragraph", text, names[0] if names else None, tuple(names[1:]))
        else:
            self._targets += ids

    def _code(self, token: Token) -> Block:
        info = token.info.strip()
        title = _INFO_TITLE.search(info) or (_INFO_REST.search(info) if self._is_in_codes else None)
        label = next(filter(None, title.groups()), "") if title else ""
        name = _INFO_NAME.search(info)
        language = canonical_language(name[1]) if name else language_of_title(label)
        return Block("code", without_marks(token.content).rstrip(), language=language, title=label or None)

    def _table(self) -> Block:
        rows: list[list[str]] = []
        while (token := self._tokens[self._position]).type != "table_close":
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(inline_text(token)[0].replace("|", "\\|"))
            self._position += 1
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return Block("table", "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]))

    def _list(self, token: Token) -> Iterator[Block]:
        """Yields one block for a list of text, or marked paragraphs with the other blocks between them."""
        end = token.type.replace("_open", "_close")
        number = int(token.attrGet("start") or 1)
        items: list[tuple[str, list[Block]]] = []
        while self._tokens[self._position].type != end:
            self._position += 1
            marker = f"{number}." if token.type == "ordered_list_open" else "-"
            items.append((marker, list(self.read("list_item_close"))))
            number += 1
        self._position += 1
        yield from list_blocks(items)


def inline_line(text: str) -> str:
    """Gives a line of Markdown with links reduced to their text."""
    return " ".join(inline_text(token)[0] for token in parse_inline(text))


def inline_text(token: Token) -> tuple[str, list[str]]:
    """Gives inline Markdown with links reduced to their text, and the ids that HTML in it carries."""
    parts: list[str] = []
    ids: list[str] = []
    for child in visible_tokens(token.children or []):
        role = role_before_code(parts[-1], child.content) if child.type == "code_inline" and parts else None
        if role is not None:
            parts[-1:] = role
        elif child.type == "code_inline":
            parts.append(f"`` {child.content} ``" if "`" in child.content else f"`{child.content}`")
        elif child.type == "html_inline":
            ids += ids_in(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        else:
            parts.append(child.content)
    return " ".join("".join(parts).split()), ids


def _quoted(blocks: list[Block]) -> list[Block]:
    alert = _ALERT.match(blocks[0].text) if blocks and blocks[0].kind == "paragraph" else None
    if alert:
        text = _ALERT.sub("", blocks[0].text)
        return [replace(blocks[0], kind="admonition", text=text, title=alert[1].capitalize()), *blocks[1:]]
    return quoted(blocks)
