"""What an operator says about the pages of one site: where the content is, what is none, the language of the code."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from indexer.extract.blocks import ExtractedPage
from indexer.extract.html.profiles import Profile
from indexer.extract.html.targets import drop_shown

EXTRACTION_RELEASE = 9
"""Rises when the same page gives other passages or links; those of an earlier one are extracted anew when refreshed."""

_ROOTS = frozenset(["html", "body"])


@dataclass(frozen=True, slots=True)
class SiteRules:
    """The rules of one site; the selectors are CSS that was checked when it was given."""

    main: str | None = None
    strip: tuple[str, ...] = ()
    title: str | None = None
    code_language: str | None = None

    @property
    def digest(self) -> str:
        """What pages extracted by the same rules, and by the same release, have in common."""
        text = orjson.dumps([EXTRACTION_RELEASE, self.main, self.strip, self.title, self.code_language])
        return hashlib.sha256(text).hexdigest()[:32]

    def over(self, profile: Profile | None) -> Profile | None:
        """Gives the profile of a generator with what the operator says instead."""
        if self.code_language is None:
            return profile
        return replace(profile or Profile(""), code_language=self.code_language)


NO_RULES = SiteRules()


def site_rules_of(rules: Mapping[str, Any]) -> SiteRules:
    """Gives the part of a source's rules that is about its pages."""
    return SiteRules(rules.get("main"), tuple(rules.get("strip", ())), rules.get("title"), rules.get("code_language"))


def strip_page(document: LexborHTMLParser, rules: SiteRules) -> None:
    """Removes what the operator says is no content."""
    for selector in rules.strip:
        for node in document.css(selector):
            if node.tag not in _ROOTS:
                drop_shown(node)


def find_main(document: LexborHTMLParser, rules: SiteRules) -> LexborNode | None:
    """Gives the first node with text that the operator's selector finds."""
    found = document.css(rules.main) if rules.main else []
    return next((node for node in found if node.text_lexbor().strip()), None)


def with_code_language(page: ExtractedPage, rules: SiteRules) -> ExtractedPage:
    """Gives a page whose code without a language is in the site's."""
    if rules.code_language is None:
        return page
    blocks = (
        replace(block, language=rules.code_language) if block.kind == "code" and block.language is None else block
        for block in page.blocks
    )
    return replace(page, blocks=tuple(blocks))
