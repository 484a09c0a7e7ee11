"""What kind of source a web address is, found out by looking at what it answers with.

A name tells less than the answer: a sitemap may be called anything, and so may an OpenAPI document or a repository.
"""

import asyncio
import re
from dataclasses import replace

from core.errors import InvalidInput
from crawler.access import Access
from crawler.credentials import Credentials, bind
from crawler.document_types import is_specification_start
from crawler.exchange import Ask
from crawler.fetch import Fetcher
from crawler.git_addresses import find_git_address
from crawler.llms_files import is_llms_file, listed_pages
from crawler.outcomes import Fetched, Outcome
from crawler.politeness import Politeness
from crawler.service import SourceAddress
from crawler.settings import CrawlerSettings
from crawler.site_files import SiteFiles
from crawler.sitemap import parse_sitemap

MAX_LOOK_SECONDS = 10.0
_LOOKED_AT_BYTES = 2**18
_LEAST_LISTED = 3
_ARCHIVE_TYPES = frozenset(
    f"application/{name}"
    for name in (
        *("zip", "x-zip-compressed", "gzip", "x-gzip", "x-tar", "x-gtar", "x-compressed-tar"),
        *("x-bzip2", "x-bzip", "x-bzip-compressed-tar", "x-xz", "x-xz-compressed-tar"),
    )
)
_XML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:\?xml|urlset|sitemapindex|rss|feed)", re.IGNORECASE)

# Gitea and Forgejo name the address to clone from; GitLab shows that it is one, below the address of the project.
_CLONE_ADDRESS = re.compile(
    rb"(?:repo-clone-url|repo-clone-https|data-link|clone-url)[^>]{0,300}?\"(https?://[^\"\s]{1,500}\.git)\""
)
_GITLAB = re.compile(
    rb"content=\"GitLab\"[^>]{0,100}property=\"og:site_name\"|property=\"og:site_name\"[^>]{0,100}content=\"GitLab\""
)
_GITLAB_PROJECT = re.compile(rb"\bdata-project-full-path=\"([\w./-]{3,300})\"")


async def look_at_source(
    found: SourceAddress,
    settings: CrawlerSettings,
    credentials: Credentials | None = None,
    certificates: str | None = None,
) -> SourceAddress:
    """Gives what a source that was taken for a website by its address turns out to be.

    `settings` are those of the source. An address that does not answer stays what it was taken for: the crawl will say
    what is wrong with it.

    Raises:
        InvalidInput: The secrets do not fit the source.
    """
    if found.kind != "website":
        return found
    if credentials is not None:
        credentials = bind(credentials, found.kind, found.address, allow_private=settings.allow_private)
    access = Access(credentials, certificates)
    seconds = min(settings.request_timeout_seconds, MAX_LOOK_SECONDS)
    settings = settings.model_copy(update={"max_tries": 1, "request_timeout_seconds": seconds})
    politeness = Politeness(connections=1, delay_seconds=0)
    try:
        async with asyncio.timeout(MAX_LOOK_SECONDS), Fetcher(settings, politeness, access=access) as fetcher:
            files = SiteFiles(settings, fetcher, politeness)
            outcome = await _fetch_start(files, found.address)
    except TimeoutError:
        return found
    return _recognised(found, outcome) if isinstance(outcome, Fetched) else found


async def _fetch_start(files: SiteFiles, address: str) -> Outcome:
    async def follow(target: str) -> Outcome | str:
        return await files.refusal_of(target) or target

    ask = Ask(address, _LOOKED_AT_BYTES, content_types=None, is_cut=True)
    return await files.refusal_of(address) or await files.fetch(ask, follow)


def _recognised(found: SourceAddress, start: Fetched) -> SourceAddress:
    if start.content_type in _ARCHIVE_TYPES:
        return replace(found, kind="archive")
    if is_specification_start(start.body):
        return replace(found, kind="openapi")
    if _XML.match(start.body) and _names_pages(start.body):
        return replace(found, kind="sitemap")
    if "html" in start.content_type:
        return _repository_of(found, start) or found
    is_list = start.body.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"# ") and is_llms_file(start.body, start.content_type)
    if is_list and start.url.endswith(".txt") and len(listed_pages(start.body, start.url)) >= _LEAST_LISTED:
        return replace(found, kind="llms_txt")
    return found


def _names_pages(body: bytes) -> bool:
    sitemap = parse_sitemap(body)
    return bool(sitemap.pages or sitemap.sitemaps)


def _repository_of(found: SourceAddress, start: Fetched) -> SourceAddress | None:
    """Gives the repository whose front page this is, on a host of one's own, if it is on the same one."""
    origin = "/".join(start.url.split("/")[:3])
    named = _CLONE_ADDRESS.search(start.body)
    address = named[1].decode(errors="replace") if named else None
    if address is None and _GITLAB.search(start.body) and (project := _GITLAB_PROJECT.search(start.body)):
        address = f"{origin}/{project[1].decode()}.git"
    # Pages inside a repository may be documentation that somebody publishes there.
    if address is None or address.removesuffix(".git") != start.url.rstrip("/"):
        return None
    try:
        repository = find_git_address(address)
    except InvalidInput:
        return None
    return replace(found, kind="git", address=repository) if repository else None
