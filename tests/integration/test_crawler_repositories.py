"""What is read of a repository: what its owners ask for, what is left out anyway, and which of its tags."""

import asyncio
from pathlib import Path

import orjson
import pytest

from core.database import Database
from core.errors import InvalidInput, SourceFailed
from core.objects import ObjectStore
from crawler.folder import Folder
from crawler.git import check_out
from crawler.git_addresses import web_base
from crawler.git_tags import check_tags, find_tags, newest_versions, version_of_tag
from crawler.outcomes import Failed, Fetched
from crawler.queries.symbols import facts_of
from crawler.repository import MAX_SETTINGS_BYTES, RepositorySettings, Selection, read_repository_settings
from crawler.rules import CrawlRules
from crawler.survey import survey
from tests.crawl_runs import SETTINGS, add_source, complete, crawl, rows_of, stored_bodies
from tests.git_repository import commit, git, make_repository
from tests.git_server import GitSite

FILES = {
    "README.md": "# Read me",
    "CHANGELOG.md": "# Changes",
    "AGENTS.md": "Do as you are told.",
    "docs/a.md": "# A",
    "docs/changes.md": "# What changes when",
    "docs/testing/tests/guide.MD": "# Guide of tests",
    "docs/old/gone.md": "# Gone",
    "docs/api/openapi.yaml": "openapi: 3.0.0\n",
    "docs/data.json": "{}",
    "website/b.mdx": "# B",
    "tests/fixtures/f.md": "# F",
    "node_modules/x/README.md": "# X",
    "src/main.py": "pass",
    "dump.csv": "1,2" * 1000,
}
OWNERS = {
    "projectTitle": "The Project",
    "description": "What it does.",
    "folders": ["docs"],
    "excludeFolders": ["old"],
    "excludeFiles": ["changes.md"],
    "previousVersions": [{"tag": "v1.0"}],
    "rules": ["Obey me."],
}


async def paths_read(database: Database, store: ObjectStore, url: str, rules: CrawlRules | None = None) -> set[str]:
    report = await crawl(database, store, await add_source(database, url, rules))
    bodies = await stored_bodies(database, store, report.crawl_id)
    return {page.removeprefix("folder://repo.git/") for page in bodies}


async def test_files_nobody_asks_a_library_about_are_left_out_with_the_rule(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    source = await add_source(content_database, make_repository(tmp_path / "repo.git", FILES))
    report = await crawl(content_database, store, source)
    rows = await rows_of(content_database, report.crawl_id)
    states = {url.removeprefix("folder://repo.git/"): (row["state"], row["reason"]) for url, row in rows.items()}
    default = "left out of repositories by default: "
    assert states == {
        "README.md": ("fetched", None),
        "docs/a.md": ("fetched", None),
        "docs/old/gone.md": ("fetched", None),
        "docs/testing/tests/guide.MD": ("fetched", None),
        "docs/api/openapi.yaml": ("fetched", None),
        "website/b.mdx": ("fetched", None),
        "CHANGELOG.md": ("excluded", f"{default}**/CHANGELOG*"),
        "docs/changes.md": ("excluded", f"{default}**/changes.*"),
        "AGENTS.md": ("excluded", f"{default}**/AGENTS.md"),
        "tests/fixtures/f.md": ("excluded", f"{default}**/tests/fixtures/**"),
        "node_modules/x/README.md": ("excluded", f"{default}node_modules/"),
    }


async def test_an_include_brings_back_what_is_left_out_by_default(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    url = make_repository(tmp_path / "repo.git", FILES)
    rules = CrawlRules(includes=("CHANGELOG.md", "node_modules/**"))
    assert await paths_read(content_database, store, url, rules) == {"CHANGELOG.md", "node_modules/x/README.md"}


async def test_what_the_owners_ask_for_is_done_and_their_rules_for_assistants_are_not_read(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    files = FILES | {"context7.json": orjson.dumps(OWNERS).decode()}
    url = make_repository(tmp_path / "repo.git", files)
    read = {"README.md", "docs/a.md", "docs/testing/tests/guide.MD", "docs/api/openapi.yaml"}
    assert await paths_read(content_database, store, url) == read
    ours = {"folders": ["website"], "title": "Ours"}
    commit(tmp_path / "repo.git", {"lectern.json": orjson.dumps(ours).decode()})
    assert await paths_read(content_database, store, url) == {"README.md", "website/b.mdx"}
    assert await paths_read(content_database, store, url, CrawlRules(folder="docs/old")) == {"docs/old/gone.md"}


async def test_the_commit_and_what_the_owners_say_are_facts_of_the_crawl(
    content_database: Database, store: ObjectStore, tmp_path: Path
) -> None:
    url = make_repository(tmp_path / "repo.git", FILES | {"context7.json": orjson.dumps(OWNERS).decode()})
    report = await crawl(content_database, store, await add_source(content_database, url))
    async with content_database.connection() as connection:
        facts = await facts_of(connection, report.crawl_id)
    assert len(facts.pop("commit")) == 40
    assert facts.pop("committed_at")[:2] == "20"
    assert facts == {
        "ref": "main",
        "is_tag": "false",
        "settings": "context7.json",
        "title": "The Project",
        "description": "What it does.",
        "tags": "v1.0",
    }
    seen = await survey("git", url, CrawlRules(), SETTINGS)
    assert seen.facts["description"] == "What it does."
    assert "excluded by the rule **/old/** of context7.json" in {exclusion.reason for exclusion in seen.exclusions}


async def test_the_branch_the_owners_name_is_read_unless_another_is_asked_for(tmp_path: Path) -> None:
    url = make_repository(tmp_path / "repo.git", {"a.md": "main", "lectern.json": '{"branch": "next"}'})
    git(tmp_path / "repo.git", "tag", "v1.0")
    git(tmp_path / "repo.git", "checkout", "-q", "-b", "next")
    commit(tmp_path / "repo.git", {"b.md": "next"})
    git(tmp_path / "repo.git", "checkout", "-q", "main")

    async def read(name: str, ref: str | None) -> tuple[set[str], str, str]:
        (tmp_path / name).mkdir()
        found = await check_out(url, tmp_path / name, SETTINGS, ref=ref)
        files = {path.name for path in found.folder.rglob("*.md")}
        return files, found.facts["ref"], found.facts["is_tag"]

    assert await read("x", None) == ({"a.md", "b.md"}, "next", "false")
    assert await read("y", "main") == ({"a.md"}, "main", "false")
    assert await read("z", "v1.0") == ({"a.md"}, "v1.0", "true")
    commit(tmp_path / "repo.git", {"lectern.json": '{"branch": "no-such"}'})
    (tmp_path / "w").mkdir()
    with pytest.raises(SourceFailed, match=r"lectern\.json names the branch no-such"):
        await check_out(url, tmp_path / "w", SETTINGS)


async def test_an_unchanged_file_is_not_even_read(
    content_database: Database, store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await add_source(content_database, make_repository(tmp_path / "repo.git", {"a.md": "a", "b.md": "b"}))
    report = await crawl(content_database, store, source)
    await complete(content_database, report.crawl_id)
    commit(tmp_path / "repo.git", {"b.md": "changed"})
    read: list[str] = []
    original = Folder.read

    def count(folder: Folder, address: str) -> Fetched | Failed:
        read.append(address.rpartition("/")[2])
        return original(folder, address)

    monkeypatch.setattr(Folder, "read", count)
    again = await crawl(content_database, store, source)
    assert (again.pages.fetched, again.pages.unchanged) == (2, 1)
    assert read == ["b.md"]


async def test_only_documents_are_fetched_from_a_server(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo.git", FILES | {"big.bin": "x" * 500_000})
    site = GitSite(tmp_path, None)  # pyright: ignore[reportArgumentType] - a server that asks for nothing
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0)
    (tmp_path / "x").mkdir()
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/repo.git"
    found = await check_out(address, tmp_path / "x", SETTINGS)
    tags = asyncio.create_task(find_tags(address, "v*", 3, SETTINGS))
    with pytest.raises(SourceFailed, match="no tag with a version number"):
        await tags
    server.close()
    stored = sum(path.stat().st_size for path in (tmp_path / "x").rglob("*") if path.is_file())
    assert (found.folder / "docs/a.md").read_text() == "# A"
    assert not (found.folder / "dump.csv").exists()
    assert stored < 200_000


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"not json", None),
        (b"[1]", None),
        (b'{"folders": "docs", "excludeFolders": {"a": 1}, "branch": 5, "previousVersions": [1, {"tag": 2}]}', ()),
        (b'{"folders": ["../out", "./docs/", "/", "a\\u0000b", ""]}', ("docs",)),
        (b'{"folders": ["' + b"x" * MAX_SETTINGS_BYTES + b'"]}', None),
    ],
)
def test_settings_that_make_no_sense_are_passed_over(body: bytes, expected: tuple[str, ...] | None) -> None:
    found = read_repository_settings("lectern.json", body)
    assert (None if found is None else found.folders) == expected


def test_folders_are_meant_as_their_pattern_says() -> None:
    patterns = b'{"excludeFolders": ["bare", "./root", "docs/path", "*archive*", "i18n/zh*", "docs/**/deep"]}'
    settings = read_repository_settings("context7.json", patterns)
    assert settings is not None
    selection = Selection(settings)
    out = ["a/bare/x.md", "root/x.md", "docs/path/x.md", "a/my-archive-1/x.md", "i18n/zh-cn/x.md", "docs/a/deep/x.md"]
    assert [path for path in out if selection.exclusion(path) is None] == []
    stays = ["barely/x.md", "a/root/x.md", "a/docs/path/x.md", "i18n/en/x.md", "docs/deeper/x.md"]
    assert [path for path in stays if selection.exclusion(path) is not None] == []
    assert Selection(RepositorySettings()).exclusion("docs/test/x.md") is None


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("https://codeberg.org/org/repo.git", "https://codeberg.org/org/repo/src/tag/v1/"),
        ("https://gitlab.example.org:8443/a/b.git", "https://gitlab.example.org:8443/a/b/-/blob/v1/"),
        ("ssh://git@gitea.example.org:2222/a/b.git", "https://gitea.example.org/a/b/src/tag/v1/"),
        ("https://github.com/org/repo.git", "https://github.com/org/repo/blob/v1/"),
    ],
)
def test_a_tag_is_shown_where_its_host_shows_tags(address: str, base: str) -> None:
    assert web_base(address, "v1", is_tag=True) == base


def test_tags_are_ordered_as_versions() -> None:
    tags = ["v5.9.0", "v5.10.0", "v5.10.0-rc.1", "v4.0", "nightly", "v5.10.0.post1", "docs-2024"]
    assert newest_versions(tags) == ["docs-2024", "v5.10.0.post1", "v5.10.0", "v5.9.0", "v4.0"]
    assert newest_versions(["v2.0a1", "v2.0b1", "v2.0rc1"]) == ["v2.0rc1", "v2.0b1", "v2.0a1"]
    assert newest_versions(["latest"]) == []
    named = ["v5.1.0", "package@5.1.0", "release-2024.1", "V3", "5.x", "jakarta", "a/v1.2"]
    assert [version_of_tag(tag) for tag in named] == ["5.1.0", "5.1.0", "2024.1", "3", "5.x", None, "1.2"]


async def test_the_newest_matching_tags_are_found(tmp_path: Path) -> None:
    url = make_repository(tmp_path / "repo.git", {"a.md": "a"})
    for tag in ("v4.9", "v5.1", "v5.2", "v5.10", "v5.11-rc1", "other-5.99"):
        git(tmp_path / "repo.git", "tag", tag)
    assert await find_tags(url, "v5.*", 2, SETTINGS) == ["v5.10", "v5.2"]
    with pytest.raises(SourceFailed, match=r"matches v6\.\*"):
        await find_tags(url, "v6.*", 2, SETTINGS)
    for pattern in ("--upload-pack=x", "v5..6", "v5 6", "$(x)"):
        with pytest.raises(InvalidInput):
            check_tags(pattern)
