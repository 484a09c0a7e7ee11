"""`lectern crawl --dry-run`: runs without a server, without a database, and leaves nothing behind."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.commands import run
from tests.crawl_site import Answer, Site
from tests.git_repository import commit, git, make_repository


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "scratch").mkdir()
    return {**os.environ, "LECTERN_DATA_DIR": str(tmp_path / "data"), "TMPDIR": str(tmp_path / "scratch")}


async def test_a_person_sees_pages_exclusions_and_what_the_site_says(
    site: Site, environment: dict[str, str], tmp_path: Path
) -> None:
    site.page("/docs/", "a.html", "old/b.html")
    site.page("/docs/a.html")
    command = ("crawl", f"{site.url}/docs/", "--dry-run", "--allow-private", "--exclude", "old/**")

    ended = await run(environment, *command)

    assert ended.status == 0, ended.text
    for line in (
        f"{site.url}/docs/ is taken for: website",
        f"{site.url}/robots.txt: there is none: everything is allowed",
        f"read       {site.url}/docs/a.html  text/html, 0.0 KiB, 0 new links",
        f"1 by: excluded by the rule old/**, such as {site.url}/docs/old/b.html",
        "Would crawl 2 pages, left out 1. Nothing was stored.",
    ):
        assert line in ended.text
    assert not (tmp_path / "data").exists()


async def test_the_versions_that_tags_would_become_are_shown_and_the_newest_is_looked_at(
    environment: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    make_repository(folder, {"a.md": "# A\n"})
    for number in ("9", "10"):
        commit(folder, {f"b{number}.md": f"# B {number}\n"})
        git(folder, "tag", f"v1.{number}")
    commit(folder, {"c.md": "# C\n"})

    ended = await run(environment, "crawl", folder.as_uri(), "--dry-run", "--json", "--tags", "v1.*", "--newest", "2")

    assert ended.status == 0, ended.text
    seen = json.loads(ended.text)
    assert (seen["kind"], seen["facts"]["versions"]) == ("git", "1.10 (v1.10), 1.9 (v1.9)")
    assert [page["url"].rpartition("/")[2] for page in seen["pages"]] == ["a.md", "b10.md", "b9.md"]


async def test_every_kind_of_source_can_be_looked_at(site: Site, environment: dict[str, str], tmp_path: Path) -> None:
    site.page("/a.html", "b.html")
    site.routes["/llms.txt"] = Answer(b"- [A](a.html)\n- [Dead](dead.html)\n", content_type="text/plain")
    site.routes["/map.xml"] = Answer(f"{site.url}/a.html\n".encode())
    with zipfile.ZipFile(tmp_path / "docs.zip", "w") as archive:
        archive.writestr("a.md", "a")
    repository = make_repository(tmp_path / "repo.git", {"docs/a.md": "a", "b.md": "b"})
    expected = {
        (f"{site.url}/a.html", "--single"): ("page", 1),
        (f"{site.url}/llms.txt",): ("llms_txt", 1),
        (f"{site.url}/map.xml",): ("sitemap", 1),
        (str(tmp_path / "docs.zip"),): ("archive", 1),
        (repository, "--folder", "docs"): ("git", 1),
    }
    for command, result in expected.items():
        ended = await run(environment, "crawl", "--dry-run", "--json", "--allow-private", *command)
        assert ended.status == 0, ended.text
        seen = json.loads(ended.text)
        assert (seen["kind"], seen["would_crawl"]) == result
    assert list((tmp_path / "scratch").iterdir()) == []
    assert not (tmp_path / "data").exists()


async def test_what_cannot_be_crawled_ends_with_a_reason(site: Site, environment: dict[str, str]) -> None:
    for command, reason in (
        ((site.url, "--dry-run"), "--allow-private"),
        ((f"{site.url}/none", "--dry-run", "--allow-private"), "404 (Not Found)"),
        ((site.url,), "give --dry-run"),
        ((site.url, "--dry-run", "--ref", "main"), "git repositories only"),
    ):
        ended = await run(environment, "crawl", *command)
        assert ended.status == 1
        assert reason in ended.text
        assert "Traceback" not in ended.text
