"""What a case is: what the site does, and what has to become of the crawl and of one of its pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from crawler.records import PageState
from tests.hostile.wire import Play, page

BAD, GOOD = "/bad.html", "/good.html"

Indexed = Literal["indexed", "empty", "unreadable", "needs_javascript"]


@dataclass(frozen=True)
class Case:
    """One way to do harm, and how it has to end."""

    name: str
    does: str
    """What the site does, in words for the documentation."""
    routes: Mapping[str, Play]
    status: Literal["crawled", "failed"] = "crawled"
    """How the crawl ends; a crawl in which a page is bad still gives the others."""
    reason: str | None = None
    """A part of the crawl's reason; None where there must be none."""
    page: str | None = None
    """The path of the page meant by `state`, `page_reason` and `indexed`."""
    state: PageState | None = None
    """What becomes of that page; None where the crawl must not even note it."""
    page_reason: str | None = None
    indexed: Indexed | None = None
    """What the indexer makes of that page."""
    start: str = "/"
    is_single: bool = False
    limits: Mapping[str, object] = field(default_factory=dict[str, object])
    """Settings of the crawler that this case needs."""
    most_requests: int | None = None
    """The most the site may have been asked for."""

    @property
    def outcome(self) -> str:
        """How it ends, in words for the documentation."""
        if self.page is None:
            return f"crawl {self.status}" + (f": {self.reason}" if self.reason else "")
        became = self.state or "never asked for"
        words = f"page {became}" + (f": {self.page_reason}" if self.page_reason else "")
        return words + (f"; {self.indexed} by the indexer" if self.indexed not in (None, "indexed") else "")


def bad_page(
    name: str,
    does: str,
    play: Play,
    state: PageState,
    reason: str | None = None,
    *,
    indexed: Indexed | None = None,
    limits: Mapping[str, object] | None = None,
) -> Case:
    """Gives a site of three pages of which one is bad: the other two have to be read all the same."""
    routes = {"/": page("Start", BAD.lstrip("/"), GOOD.lstrip("/")), GOOD: page("Good"), BAD: play}
    return Case(name, does, routes, page=BAD, state=state, page_reason=reason, indexed=indexed, limits=limits or {})
