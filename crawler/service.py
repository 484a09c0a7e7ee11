"""What the other parts ask of the crawler: sources, crawls, and how far they are."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

from core.database import Connection, Database
from core.errors import InvalidInput, NotFound
from crawler.addresses import MAX_ADDRESS_CHARS, normalise_address, path_of
from crawler.archive import ARCHIVE_SUFFIXES, is_archive_name
from crawler.file_types import FILE_TYPES, is_document_name
from crawler.git_addresses import check_folder, check_ref, find_git_address, find_repository_page
from crawler.git_tags import check_tags
from crawler.queries import crawls, pages, sources
from crawler.records import Crawl, CrawlProgress, FailedPage, Source, SourceKind
from crawler.rules import CrawlRules

_READ_THE_DOCS = re.compile(r"^https?://(?:app\.)?readthedocs\.org/projects/([a-z0-9-]{1,63})(?:/|$)")
_LLMS_NAME = re.compile(r"^llms(?:-[a-z]+)?\.txt$")
_SPECIFICATION_NAME = re.compile(r"(?:openapi|swagger|api-docs)[^/]*\.(?:json|ya?ml)$")


@dataclass(frozen=True)
class SourceAddress:
    """What an operator named as a source, recognised."""

    kind: SourceKind
    address: str
    """A normalised address, or the absolute path of a folder, of a document or of an archive."""
    ref: str | None = None
    """The branch or tag of a repository that the address names besides it."""
    folder: str | None = None


def recognise_source(text: str, *, is_single: bool = False) -> SourceAddress:
    """Tells what kind of source a text names; `is_single` asks for that one page.

    Raises:
        InvalidInput: It is neither a web address, nor a git repository, nor an existing folder, document or archive.
    """
    text = text.strip()
    if not is_single and (repository := find_git_address(text)):
        if len(repository) > MAX_ADDRESS_CHARS:
            raise InvalidInput(f"The address of the repository is longer than {MAX_ADDRESS_CHARS} characters.")
        return SourceAddress("git", repository)
    if text.lower().startswith("file://"):
        text = _path_of_file_address(text)
        if not is_single and _is_repository(Path(text)):
            return SourceAddress("git", Path(text).as_uri())
    if "://" in text or text.lower().startswith(("http:", "https:")):
        address = normalise_address(text)
        return SourceAddress("page", address) if is_single else _web_source(address)
    if is_single:
        raise InvalidInput("--single is for web addresses: it takes one page.")
    return _local_source(text)


def _web_source(address: str) -> SourceAddress:
    if page := find_repository_page(address):
        return SourceAddress("git", page.address, page.ref, page.folder)
    if project := _READ_THE_DOCS.match(address):
        return SourceAddress("website", f"https://{project[1]}.readthedocs.io/")
    if path_of(address).endswith("/objects.inv"):
        # A crawl reads the inventory that lies beside its start page.
        return SourceAddress("website", address.partition("?")[0].removesuffix("objects.inv"))
    return SourceAddress(_kind_of_web_address(address), address)


def _kind_of_web_address(address: str) -> SourceKind:
    name = path_of(address).rpartition("/")[2].lower()
    if is_archive_name(name):
        return "archive"
    if name.endswith((".xml", ".xml.gz")):
        return "sitemap"
    if _LLMS_NAME.search(name):
        return "llms_txt"
    if _SPECIFICATION_NAME.search(name):
        return "openapi"
    return "website"


def _path_of_file_address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise InvalidInput(f"{text[:80]!r} is not an address: {error}.") from error
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise InvalidInput("file addresses name what is on this machine: file:///path")
    return unquote(parts.path)


def _is_repository(path: Path) -> bool:
    try:
        return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())
    except (OSError, ValueError):
        return False


def _local_source(text: str) -> SourceAddress:
    try:
        path = Path(text).expanduser().absolute()
        is_folder, is_file = bool(text) and path.is_dir(), path.is_file()
    except (OSError, ValueError, RuntimeError):
        path, is_folder, is_file = Path(), False, False
    is_document = is_folder or (is_file and is_document_name(path.name))
    if (is_document or (is_file and is_archive_name(path.name))) and len(str(path)) <= MAX_ADDRESS_CHARS:
        return SourceAddress("folder" if is_document else "archive", str(path))
    shown = text[:100]
    if is_file:
        raise InvalidInput(
            f"{shown!r} is a file that cannot be read. Give a folder, a document ({', '.join(FILE_TYPES)}), or an "
            f"archive ({', '.join(ARCHIVE_SUFFIXES)})."
        )
    raise InvalidInput(
        f"{shown!r} is neither a web address nor an existing folder. Web addresses start with https:// or http://."
    )


def check_rules(kind: SourceKind, rules: CrawlRules) -> None:
    """Refuses rules that a source of this kind cannot follow.

    Raises:
        InvalidInput: A branch, a tag or a folder is no such thing, or is given for something else than a repository.
    """
    if kind != "git" and (rules.ref or rules.folder or rules.tags):
        raise InvalidInput("A branch, a tag or a folder can be chosen of git repositories only, which end in .git.")
    if rules.tags:
        check_tags(rules.tags)
    if rules.ref:
        check_ref(rules.ref)
    if rules.folder:
        check_folder(rules.folder)


async def save_source(
    connection: Connection, version_id: UUID, kind: SourceKind, address: str, rules: CrawlRules
) -> Source:
    """Sets what to crawl for a library version, in place of what was set before.

    Raises:
        InvalidInput: There is no such library version, or the rules do not fit the kind.
    """
    check_rules(kind, rules)
    return await sources.upsert_source(connection, uuid4(), version_id, kind, address, rules)


async def start_crawl(database: Database, source_id: UUID) -> Crawl:
    """Gives the source's unfinished crawl, to go on with, or a new one.

    Raises:
        NotFound: There is no such source.
    """
    crawl_id = uuid4()
    async with database.transaction() as connection:
        await sources.select_source(connection, source_id)
        if await crawls.insert_crawl(connection, crawl_id, source_id):
            return await crawls.select_crawl(connection, crawl_id)
        unfinished = await crawls.find_unfinished_crawl(connection, source_id)
    if unfinished is None:
        raise NotFound("The source's crawl has just ended. Start it again.")
    return unfinished


async def crawl_progress(connection: Connection, crawl_id: UUID) -> CrawlProgress:
    """Gives how far a crawl is.

    Raises:
        NotFound: There is no such crawl.
    """
    crawl = await crawls.select_crawl(connection, crawl_id)
    counts = await pages.count_pages(connection, crawl_id)
    return CrawlProgress(crawl.id, crawl.status, crawl.reason, crawl.started_at, crawl.finished_at, counts)


async def failed_pages(connection: Connection, crawl_id: UUID, limit: int) -> list[FailedPage]:
    """Gives at most `limit` pages that could not be read, with the reason."""
    return await pages.failed_pages(connection, crawl_id, "failed", limit)


async def complete_crawl(connection: Connection, crawl_id: UUID) -> None:
    """Marks a crawl whose pages are all indexed; the next one compares itself with it."""
    await crawls.update_crawl_status(connection, crawl_id, "completed", None)


async def fail_crawl(connection: Connection, crawl_id: UUID, reason: str) -> None:
    """Ends a crawl whose pages are not to be used."""
    await crawls.update_crawl_status(connection, crawl_id, "failed", reason)
