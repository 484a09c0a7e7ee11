"""Readers of signatures and definition lists."""

import re
from collections.abc import Iterator
from dataclasses import replace

from selectolax.lexbor import LexborNode

from indexer.extract.code import code_language
from indexer.extract.html.members import (
    MEMBER_RULES,
    is_signature_list,
    signature_language,
    signature_name,
    signature_text,
)
from indexer.extract.inline import ids_in, inline_markdown, meaningful_ids
from indexer.extract.walk import Walk

_PARTS = re.compile(r"<(?:h[1-6]|pre)[\s>]")
"""What no term holds: one that does was not closed, or only places things on the page."""

_ROWS = frozenset(["dt", "dd"])


def read_definitions(walk: Walk, node: LexborNode) -> None:
    """Emits each entry of a definition list: a signature, an anchored definition, or a plain one."""
    is_signatures = is_signature_list(node)
    for terms, bodies in _entries(node):
        if is_signatures and terms:
            _read_signatures(walk, terms, bodies, signature_language(node))
        else:
            _read_definition(walk, terms, bodies)


def read_member(walk: Walk, node: LexborNode, rule_name: str) -> bool:
    """Emits a member whose signature stands in a box of its own; False if there is none."""
    rule = MEMBER_RULES[rule_name]
    found = node.css_first(rule.signature)
    labels = [" ".join(label.text_lexbor().split()) for label in node.css(rule.labels)] if rule.labels else []
    for label in node.css(rule.labels) if labels else ():
        label.decompose()
    text = signature_text(found) if found is not None else ""
    if found is None or not text:
        return False
    noise = node.css(rule.noise)[:1] if rule.noise else []
    ids = [name for part in (found, *noise) for name in ids_in(part.html or "")]
    name = signature_name(found, text)
    for part in noise:
        part.decompose()
    targets = [*walk.targets]
    walk.targets.clear()
    _read_before(walk, node, found)
    language = code_language(found, text, walk.page_language)
    emit_signature(walk, " ".join([text, *labels]), name, [*targets, *ids], language)
    found.decompose()
    walk.describe(node)
    return True


def _read_before(walk: Walk, node: LexborNode, signature: LexborNode) -> None:
    """Reads what a page says before the signature, as Javadoc names the interfaces a class implements."""
    before: list[LexborNode] = []
    for child in node.iter():
        if child.mem_id == signature.mem_id:
            break
        before.append(child)
    else:
        return
    for child in before:
        walk.read(child)
        child.decompose()


def read_details(walk: Walk, node: LexborNode) -> bool:
    """Emits a fold of rustdoc, which has the signature in its summary; False if it is another fold."""
    summary = node.css_first("summary")
    header = summary.css_first("h2.code-header,h3.code-header,h4.code-header") if summary is not None else None
    if summary is None or header is None:
        return False
    text = signature_text(header)
    emit_signature(walk, text, signature_name(header, text), ids_in(summary.html or ""))
    walk.describe(*summary.css(".item-info"))
    summary.decompose()
    walk.describe(node)
    return True


def emit_signature(walk: Walk, text: str, name: str, ids: list[str], language: str | None = None) -> None:
    """Emits a signature; without a language of its own it has the page's."""
    walk.prefix = ""
    walk.emit("signature", text, ids, title=name, language=language or walk.page_language)


def _entries(node: LexborNode) -> Iterator[tuple[list[LexborNode], list[LexborNode]]]:
    terms: list[LexborNode] = []
    bodies: list[LexborNode] = []
    for row in _rows(node):
        if row.tag == "dt" and bodies:
            yield terms, bodies
            terms, bodies = [], []
        (terms if row.tag == "dt" else bodies).append(row)
    if terms or bodies:
        yield terms, bodies


def _rows(node: LexborNode) -> Iterator[LexborNode]:
    """Yields terms and bodies; boxes around them are seen through, and the id of such a box names the term."""
    for child in [*node.iter()]:
        if child.tag != "div":
            yield child if child.tag in _ROWS else _boxed(child)
            continue
        for row in child.iter():
            if row.tag == "dt" and not row.id and child.id:
                row.attrs["id"] = child.id
            yield row


def _boxed(part: LexborNode) -> LexborNode:
    """Gives a body with what stands in a list beside its terms and bodies, such as code."""
    box = part.parser.create_node("dd")
    part.insert_before(box, move=True)
    box.insert_child(part, move=True)
    return box


def _read_signatures(walk: Walk, terms: list[LexborNode], bodies: list[LexborNode], language: str | None) -> None:
    ids = _term_ids(terms)
    texts = [signature_text(term) for term in terms]
    names = [signature_name(term, text) for term, text in zip(terms, texts, strict=True)]
    emit_signature(walk, "\n".join(texts), ", ".join(dict.fromkeys(names)), ids, language)
    walk.describe(*bodies)


def _read_definition(walk: Walk, terms: list[LexborNode], bodies: list[LexborNode]) -> None:
    if any(_PARTS.search(term.html or "") for term in terms):
        for part in (*terms, *bodies):
            walk.read(part)
        return
    term = ", ".join(filter(None, map(_term_text, terms)))
    ids = _term_ids(terms)
    if term and ids:
        walk.emit("definition", term, ids, title=term.replace("`", ""))
        walk.describe(*bodies)
        return
    start = len(walk.blocks)
    for body in bodies:
        walk.read_children(body)
    if term:
        _put_term(walk, start, term)


def _put_term(walk: Walk, start: int, term: str) -> None:
    """Writes the term before the first paragraph of its body, or above what else the body begins with."""
    if start == len(walk.blocks) or walk.blocks[start].kind != "paragraph":
        walk.insert_label(start, f"**{term}**")
        return
    first = walk.blocks[start]
    names = (first.anchor, *first.aliases) if first.anchor else ()
    # An anchored definition would open a scope, so the ids of this one are aliases.
    walk.blocks[start] = replace(first, kind="definition", text=f"**{term}**: {first.text}", anchor=None, aliases=names)


def _term_text(term: LexborNode) -> str:
    """Gives a term with the type docutils puts behind it; the colon between them is drawn by the style sheet."""
    for classifier in term.css(".classifier") if term.css_first(".classifier-delimiter") is None else ():
        classifier.insert_before(" : ")
    return inline_markdown(term.inner_html or "").rstrip(": ")


def _term_ids(terms: list[LexborNode]) -> list[str]:
    return [name for term in terms for name in meaningful_ids([term.id, *ids_in(term.inner_html or "")])]
