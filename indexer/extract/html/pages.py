"""A page of HTML to blocks."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.parsing import parse
from indexer.extract.blocks import Block, ExtractedPage, Problem
from indexer.extract.composing import with_unique_ids
from indexer.extract.html.concealment import drop_concealed
from indexer.extract.html.container import find_container, find_lead
from indexer.extract.html.filters import clean
from indexer.extract.html.formulas import MATHJAX, spell_mathjax
from indexer.extract.html.member_boxes import name_members
from indexer.extract.html.profiles import Profile, declared_generator, find_profile
from indexer.extract.html.qdoc import QDOC, list_members
from indexer.extract.html.readers import READERS, is_section, read_container
from indexer.extract.inline import inline_markdown, meaningful_ids
from indexer.extract.links import base_of, links_to_others
from indexer.extract.mentions import Links, mentions_of_others
from indexer.extract.site_rules import NO_RULES, SiteRules, find_main, strip_page
from indexer.extract.walk import MAX_BLOCKS, Walk

_VERSION_METAS = ",".join(f"meta[name='{name}']" for name in ("docsearch:version", "docusaurus_version", "doc-version"))
_SPHINX_VERSION = re.compile(r"""VERSION:\s*['"]([^'"]{1,50})['"]""")
_TITLE_VERSION = re.compile(r"\bv?(\d+(?:\.\d+)+[\w.+-]{0,20})\s+documentation\b", re.IGNORECASE)
_VERSION = re.compile(r"^[\w.+-]{1,50}$")
_LANGUAGE = re.compile(r"^[a-zA-Z]{2,3}(?:[-_][\w-]{1,20})?$")
_TITLE_END = re.compile(r"\s+[—|·»\u2013]\s+|\s+-\s+(?=[^-]+$)")
_APPLICATION = (
    "#root,#app,#__next,#__nuxt,#___gatsby,app-root,redoc,#redoc-container,#swagger-ui,api-reference,elements-api,"
    "rapi-doc"
)
_APPLICATION_MARKS = ("SwaggerUIBundle", "Redoc.init", "@scalar/api-reference", "$docsify", "enable JavaScript")
_LAYOUT_IDS = frozenset(["main-content", "main", "content", "contents", "page", "body"])
_START_CHARS = 40_000
_MIN_STATIC_CHARS = 200
_MOST_TITLES = 20


def extract_html(html: str, url: str, rules: SiteRules = NO_RULES) -> ExtractedPage:
    """Gives the blocks of the page's main part; a page without any says why in `problem`."""
    document = parse(html)
    if document is None:
        return ExtractedPage(url, "", None, None, None, (), "unreadable")
    if MATHJAX in html:
        spell_mathjax(document)
    drop_concealed(document)
    profile = find_profile(html)
    strip_page(document, rules)
    own_title = _outer_title(document, rules.title, rules.over(profile))
    title = _outer_title(document, profile.title if profile else None, profile)
    main = find_main(document, rules)
    container = main or find_container(document, profile)
    links, base = Links(), base_of(document, url)
    blocks = () if container is None else read_blocks(container, rules.over(profile), links)
    lead = find_lead(document, profile) if main is None and container is not None else None
    blocks = blocks if lead is None else (*read_blocks(lead, rules.over(profile), links), *blocks)
    return ExtractedPage(
        url=url,
        title=(own_title or title or _page_title(document, blocks)).replace("`", ""),
        language=_language(document),
        generator=profile.name if profile else declared_generator(html)[:50] or None,
        version=_version(document, html),
        blocks=tuple(with_unique_ids(blocks)),
        problem=_problem(document, html, blocks),
        is_main_missing=rules.main is not None and main is None,
        links=links_to_others(links.hrefs, url, base),
        mentions=mentions_of_others(links.mentions, url, base),
    )


def read_blocks(container: LexborNode, profile: Profile | None = None, links: Links | None = None) -> tuple[Block, ...]:
    """Gives the blocks in a node; cleans the node in passing, and adds its links to `links`."""
    clean(container, profile.strips if profile else "")
    if profile is not None and profile.members:
        name_members(container, profile)
    if profile is not None and profile.name == QDOC:
        list_members(container)
    if links is not None:
        links.add(container)
    walk = Walk(READERS, read_container, profile.code_language if profile else None)
    if is_section(container) and container.id not in _LAYOUT_IDS:
        walk.targets += meaningful_ids([container.id])
    walk.read_children(container)
    return tuple(walk.blocks[:MAX_BLOCKS])


def _outer_title(document: LexborHTMLParser, selector: str | None, profile: Profile | None) -> str:
    node = document.css_first(selector) if selector else None
    if node is None:
        return ""
    clean(node, profile.strips if profile else "")
    return inline_markdown(node.inner_html or "")


def _page_title(document: LexborHTMLParser, blocks: tuple[Block, ...]) -> str:
    """Gives the only heading of level 1, else the heading with which <title> ends or begins, else <title>.

    Without a <title> it is the first heading.
    """
    head = _head_title(document)
    headings = [block.text for block in blocks if block.kind == "heading"]
    tops = [block.text for block in blocks if block.kind == "heading" and block.level == 1]
    if len(tops) == 1:
        return tops[0]
    if headings and not tops and _ends_title(document, headings[0]):
        return headings[0]
    outer = [inline_markdown(node.inner_html or "") for node in document.css("h1")[:_MOST_TITLES]]
    named = (text for text in [*outer, *headings[:1]] if text and _letters(head).startswith(_letters(text)))
    return next(named, "") or head or next(iter(tops), "")


def _ends_title(document: LexborHTMLParser, heading: str) -> bool:
    """Whether <title> ends with a heading: what stands before it is the name of the site, as may a banner."""
    node, letters = document.css_first("title"), _letters(heading)
    return node is not None and letters != "" and _letters(node.text_lexbor()).endswith(letters)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _head_title(document: LexborHTMLParser) -> str:
    node = document.css_first("title")
    return _TITLE_END.split(inline_markdown(node.inner_html or ""))[0] if node is not None else ""


def _language(document: LexborHTMLParser) -> str | None:
    root = document.css_first("html")
    language = (root.attributes.get("lang") or "") if root is not None else ""
    return language if _LANGUAGE.match(language) else None


def _version(document: LexborHTMLParser, html: str) -> str | None:
    head = document.head
    meta = head.css_first(_VERSION_METAS) if head is not None else None
    named = (meta.attributes.get("content") or "").split(",")[0].strip() if meta is not None else ""
    title = document.css_first("title")
    found = _SPHINX_VERSION.search(html[:_START_CHARS]) or (
        _TITLE_VERSION.search(title.text_lexbor()) if title is not None else None
    )
    version = named or (found[1] if found else "")
    return version if _VERSION.match(version) else None


def _problem(document: LexborHTMLParser, html: str, blocks: tuple[Block, ...]) -> Problem | None:
    if sum(len(block.text) for block in blocks) >= _MIN_STATIC_CHARS:
        return None
    if document.css_first(_APPLICATION) is not None or any(mark in html for mark in _APPLICATION_MARKS):
        return "needs_javascript"
    return None if blocks else "empty"
