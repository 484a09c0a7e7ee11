"""Sources that are git repositories: what is read, under which address, and what git is kept from."""

import asyncio
from pathlib import Path

import pytest

from core.database import Database
from core.errors import InvalidInput, SourceFailed
from core.objects import ObjectStore
from crawler import service
from crawler.git import check_out
from crawler.git_addresses import find_git_address, web_base
from crawler.rules import CrawlRules
from crawler.settings import CrawlerSettings
from tests.crawl_runs import SETTINGS, add_source, complete, crawl, rows_of, stored_bodies
from tests.crawl_site import Site
from tests.git_repository import commit, git, make_repository

FILES = {"README.md": "# Read me", "docs/a.md": "# A", "docs/b/c.rst": "C", "src/main.py": "pass"}


def documents(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != ".git"}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://GitHub.com/org/repo.git", "https://github.com/org/repo.git"),
        ("github.com/org/repo.git/", "https://github.com/org/repo.git"),
        ("git@github.com:org/repo.git", "ssh://git@github.com/org/repo.git"),
        ("ssh://me@host.example:2222/org/repo", "ssh://me@host.example:2222/org/repo"),
        ("file:///srv/repo.git", "file:///srv/repo.git"),
        ("https://github.com/org/repo", None),
        ("docs/folder", None),
    ],
)
def test_a_git_address_is_recognised(text: str, address: str | None) -> None:
    assert find_git_address(text) == address
    if address is not None:
        found = service.recognise_source(text)
        assert (found.kind, found.address) == ("git", address)


@pytest.mark.parametrize(
    "text",
    [
        "ssh://-oProxyCommand=x@host/a.git",
        "ssh://-oProxyCommand=x/a.git",
        "ssh://git:secret@host/a.git",
        "https://me:secret@host.example/a.git",
        "file://elsewhere/a.git",
        "ssh://host:99999/a.git",
        "ext::sh -c touch% /tmp/x.git",
        "git://host.example/a.git",
    ],
)
def test_a_repository_named_in_a_dangerous_way_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        service.recognise_source(text)


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("https://github.com/org/repo.git", "https://github.com/org/repo/blob/v1.0/"),
        ("ssh://git@github.com/org/repo.git", "https://github.com/org/repo/blob/v1.0/"),
        ("https://gitlab.com/group/sub/repo.git", "https://gitlab.com/group/sub/repo/-/blob/v1.0/"),
        ("https://git.example:8443/org/repo.git", "https://git.example:8443/org/repo.git/"),
        ("ssh://git@git.example/org/repo.git", "ssh://git.example/org/repo.git/"),
        ("file:///srv/secret/repo.git", "folder://repo.git/"),
        ("file:///srv/secret/repo/.git", "folder://repo/"),
    ],
)
def test_documents_have_the_address_a_person_would_open(address: str, base: str) -> None:
    assert web_base(address, "v1.0") == base


@pytest.mark.parametrize(
    "rules",
    [
        {"ref": "--upload-pack=x"},
        {"ref": "a..b"},
        {"folder": "../x"},
        {"folder": "/etc"},
        {"folder": "docs/*"},
        {"folder": ".git"},
    ],
)
def test_refs_and_folders_that_are_none_are_refused(rules: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        service.check_rules("git", CrawlRules.model_validate(rules))


def test_a_ref_of_something_else_than_a_repository_is_refused() -> None:
    with pytest.raises(InvalidInput, match="git repositories only"):
        service.check_rules("website", CrawlRules(ref="main"))


async def test_a_repository_is_read_as_a_folder(content_database: Database, store: ObjectStore, tmp_path: Path) -> None:
    url = make_repository(tmp_path / "repo.git", FILES)
    source = await add_source(content_database, url)

    report = await crawl(content_database, store, source)

    assert (report.status, report.reason) == ("crawled", None)
    assert await stored_bodies(content_database, store, report.crawl_id) == {
        "folder://repo.git/README.md": b"# Read me",
        "folder://repo.git/docs/a.md": b"# A",
        "folder://repo.git/docs/b/c.rst": b"C",
    }
    await complete(content_database, report.crawl_id)
    commit(tmp_path / "repo.git", {"docs/a.md": "# A changed"})
    again = await crawl(content_database, store, source)
    assert (again.pages.fetched, again.pages.unchanged) == (3, 2)


async def test_a_branch_a_tag_and_a_folder_can_be_chosen(tmp_path: Path) -> None:
    url = make_repository(tmp_path / "repo.git", FILES)
    git(tmp_path / "repo.git", "tag", "v1.0")
    git(tmp_path / "repo.git", "checkout", "-q", "-b", "next")
    commit(tmp_path / "repo.git", {"docs/new.md": "new", "docs/a.md": "# A next"})
    git(tmp_path / "repo.git", "checkout", "-q", "main")

    async def checked_out(name: str, ref: str | None = None, folder: str | None = None) -> tuple[set[str], str]:
        (tmp_path / name).mkdir()
        found = await check_out(url, tmp_path / name, SETTINGS, ref=ref, folder=folder)
        return documents(found.folder), found.base

    read = set(FILES) - {"src/main.py"}
    assert await checked_out("default") == (read, "folder://repo.git/")
    assert await checked_out("tag", "v1.0") == (read, "folder://repo.git/")
    assert await checked_out("branch", "next") == ({*read, "docs/new.md"}, "folder://repo.git/")
    assert await checked_out("sparse", "next", "docs") == ({"a.md", "new.md", "b/c.rst"}, "folder://repo.git/docs/")
    assert documents(tmp_path / "sparse" / "tree") == {"docs/a.md", "docs/new.md", "docs/b/c.rst"}
    with pytest.raises(SourceFailed, match="no folder nothing"):
        await checked_out("nothing", folder="nothing")
    with pytest.raises(SourceFailed, match="Remote branch v9 not found"):
        await checked_out("missing", "v9")


async def test_links_out_of_the_tree_are_refused(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.md").write_text("secret")
    links = {
        "out.md": str(tmp_path / "secret" / "key.md"),
        "folder": str(tmp_path / "secret"),
        "config.md": ".git/config",
        "inside.md": "README.md",
    }
    source = await add_source(content_database, make_repository(tmp_path / "repo.git", FILES, links))

    report = await crawl(content_database, store, source)

    rows = await rows_of(content_database, report.crawl_id)
    assert rows["folder://repo.git/out.md"]["reason"] == "a link that leads out of the folder"
    bodies = await stored_bodies(content_database, store, report.crawl_id)
    assert {url.removeprefix("folder://repo.git/") for url in bodies} == {
        "README.md",
        "docs/a.md",
        "docs/b/c.rst",
        "inside.md",
    }
    (tmp_path / "x").mkdir()
    with pytest.raises(SourceFailed, match="no folder folder"):
        await check_out(source.address, tmp_path / "x", SETTINGS, folder="folder")


async def test_hooks_filters_and_submodules_of_a_repository_do_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, mark = tmp_path / "home", tmp_path / "ran"
    hooks = home / "template" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").write_text(f"#!/bin/sh\ntouch {mark}\n")
    (hooks / "post-checkout").chmod(0o755)
    (home / ".gitconfig").write_text(
        f'[init]\ntemplateDir = {home}/template\n[filter "lfs"]\nsmudge = touch {mark}\nrequired = true\n'
        f"[core]\nhooksPath = {hooks}\n"
    )
    monkeypatch.setenv("HOME", str(home))
    inner = make_repository(tmp_path / "inner.git", {"in.md": "in"})
    pointer = "version https://git-lfs.github.com/spec/v1\n"
    url = make_repository(
        tmp_path / "repo.git",
        {
            "a.md": pointer,
            ".gitattributes": "*.md filter=lfs\n",
            ".gitmodules": f'[submodule "inner"]\npath = inner\nurl = {inner}\n',
        },
    )
    (tmp_path / "x").mkdir()

    found = await check_out(url, tmp_path / "x", SETTINGS)

    assert (found.folder / "a.md").read_text() == pointer
    assert not mark.exists()
    assert not (found.folder / "inner").exists()


async def test_a_private_host_is_refused_before_git_is_started(site: Site, tmp_path: Path) -> None:
    closed = CrawlerSettings(allow_private=False)
    for address in (f"{site.url}/repo.git", "https://127.0.0.1/repo.git", "ssh://git@127.0.0.1/repo.git"):
        with pytest.raises(SourceFailed, match="--allow-private"):
            await check_out(address, tmp_path, closed)

    async def inside(_host: str, _port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(SourceFailed, match="not on the public internet"):
        await check_out("https://docs.example/repo.git", tmp_path, closed, resolve=inside)
    assert site.requests == []


async def test_git_goes_to_the_checked_address_and_nowhere_a_server_sends_it(site: Site, tmp_path: Path) -> None:
    async def here(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    port = site.url.rpartition(":")[2]
    site.redirect(
        "/repo.git/info/refs?service=git-upload-pack", f"{site.url}/elsewhere.git/info/refs?service=git-upload-pack"
    )
    with pytest.raises(SourceFailed, match="git could not fetch the repository"):
        await check_out(f"http://docs.example:{port}/repo.git", tmp_path, SETTINGS, resolve=here)
    assert [request.target for request in site.requests] == ["/repo.git/info/refs?service=git-upload-pack"]
    assert site.requests[0].headers["host"] == f"docs.example:{port}"


async def test_a_repository_larger_than_its_bound_is_refused(tmp_path: Path) -> None:
    url = make_repository(tmp_path / "repo.git", {"a.md": "x" * 200_000})
    (tmp_path / "x").mkdir()
    with pytest.raises(SourceFailed, match=r"larger than 0\.125 MiB"):
        await check_out(url, tmp_path / "x", SETTINGS.model_copy(update={"max_repository_bytes": 2**17}))


async def test_a_server_that_never_answers_ends_in_time(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    hurried = SETTINGS.model_copy(update={"max_repository_seconds": 1})
    async with asyncio.timeout(20):
        with pytest.raises(SourceFailed, match="within 1 seconds"):
            await check_out(f"http://127.0.0.1:{port}/repo.git", tmp_path, hurried)
    server.close()


async def test_a_missing_git_program_is_a_clear_failure(
    content_database: Database, store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await add_source(content_database, make_repository(tmp_path / "repo.git", FILES))
    monkeypatch.setenv("PATH", str(tmp_path))
    report = await crawl(content_database, store, source)
    assert (report.status, report.reason) == (
        "failed",
        "The program git is not installed where Lectern works. Install it.",
    )
