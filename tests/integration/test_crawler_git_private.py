"""Private repositories: by https with a token, by ssh with a key, and what must not know either."""

import tempfile
from base64 import b64encode
from pathlib import Path

import asyncssh
import pytest

from core.errors import SourceFailed
from crawler.access import Access
from crawler.credentials import Credentials, bind, credentials_from_json
from crawler.git import check_out
from tests.certificates import Authority
from tests.crawl_runs import SETTINGS
from tests.git_repository import make_repository
from tests.git_server import GitSite, processes_with, serve_git, serve_ssh, ssh_key

TOKEN = "Zk9-very-secret-token"
AUTHORIZATION = f"Basic {b64encode(f'x-access-token:{TOKEN}'.encode()).decode()}"


def files_with(folder: Path, secret: str) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def bound(given: dict[str, object], address: str) -> Credentials:
    return bind(credentials_from_json(given), "git", address, allow_private=True)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder; what programs put away for a while lies beside it."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


async def test_a_token_lets_git_in_and_stands_nowhere_others_could_read_it(tmp_path: Path, scratch: Path) -> None:
    make_repository(tmp_path / "served" / "a.git", {"a.md": "# A", "docs/b.md": "# B"})
    authority, exposed = Authority(), list[str]()
    async with serve_git(tmp_path / "served", AUTHORIZATION, authority.server(tmp_path, "localhost")) as site:

        def look() -> None:
            exposed.extend(processes_with(TOKEN) + processes_with(AUTHORIZATION.partition(" ")[2]))

        site.on_request = look
        address = f"{site.url}/a.git/.git"
        access = Access(bound({"token": TOKEN}, address), authority.pem)

        found = await check_out(address, scratch, SETTINGS, access=access, folder="docs")

        assert (found.folder / "b.md").read_text() == "# B"
        assert len(site.seen) >= 2
        assert {headers.get("authorization") for headers in site.seen} == {AUTHORIZATION}
    assert exposed == []
    assert files_with(tmp_path, TOKEN) == files_with(tmp_path, AUTHORIZATION.partition(" ")[2]) == []
    assert list((tmp_path / "temporary").iterdir()) == []


async def refusal_of(site: GitSite, scratch: Path, access: Access) -> str:
    with pytest.raises(SourceFailed) as raised:
        await check_out(f"{site.url}/a.git/.git", scratch, SETTINGS, access=access)
    return raised.value.message


async def test_git_without_the_right_secret_or_the_right_authority_is_not_let_in(tmp_path: Path, scratch: Path) -> None:
    make_repository(tmp_path / "served" / "a.git", {"a.md": "# A"})
    authority = Authority()
    async with serve_git(tmp_path / "served", AUTHORIZATION, authority.server(tmp_path, "localhost")) as site:
        wrong = bound({"token": "wrong-token"}, site.url + "/a.git")
        elsewhere = bound({"token": TOKEN, "origin": "https://elsewhere.example"}, site.url + "/a.git")

        message = await refusal_of(site, scratch, Access(wrong, authority.pem))
        assert "git could not fetch the repository" in message
        assert "wrong-token" not in message
        await refusal_of(site, scratch, Access(elsewhere, authority.pem))
        assert "authorization" not in site.seen[-1]

        asked = len(site.seen)
        assert "certificate" in await refusal_of(site, scratch, Access(bound({"token": TOKEN}, site.url + "/a.git")))
        assert len(site.seen) == asked
    assert list((tmp_path / "temporary").iterdir()) == []


async def test_an_ssh_key_lets_git_in_to_the_host_whose_key_was_given(tmp_path: Path, scratch: Path) -> None:
    make_repository(tmp_path / "served" / "a.git", {"a.md": "# A"})
    host, other, client = (ssh_key() for _ in range(3))
    key = client.export_private_key().decode()
    secret = key.splitlines()[2]

    async def here(name: str, _port: int) -> list[str]:
        assert name == "git.example"
        return ["127.0.0.1"]

    async with serve_ssh(tmp_path / "served", host, client) as port:
        address = f"ssh://git@git.example:{port}/a.git/.git"

        async def attempt(host_key: asyncssh.SSHKey, client_key: str) -> str:
            known = f"[git.example]:{port} {host_key.export_public_key().decode()}"
            access = Access(bound({"ssh_key": client_key, "known_hosts": known}, address))
            found = await check_out(address, scratch, SETTINGS, access=access, resolve=here)
            return (found.folder / "a.md").read_text()

        with pytest.raises(SourceFailed, match="Host key verification failed"):
            await attempt(other, key)
        stranger = ssh_key().export_private_key().decode()
        with pytest.raises(SourceFailed, match="Permission denied"):
            await attempt(host, stranger)
        assert await attempt(host, key) == "# A"
    assert processes_with(secret) == []
    assert files_with(tmp_path, secret) == []
    assert list((tmp_path / "temporary").iterdir()) == []


async def test_an_ssh_key_of_another_origin_is_not_offered(tmp_path: Path, scratch: Path) -> None:
    make_repository(tmp_path / "served" / "a.git", {"a.md": "# A"})
    host, client = (ssh_key() for _ in range(2))
    async with serve_ssh(tmp_path / "served", host, client) as port:
        given: dict[str, object] = {
            "ssh_key": client.export_private_key().decode(),
            "known_hosts": f"[localhost]:{port} {host.export_public_key().decode()}",
            "origin": f"ssh://localhost:{port + 1}",
        }
        address = f"ssh://git@localhost:{port}/a.git/.git"
        with pytest.raises(SourceFailed, match="Host key verification failed"):
            await check_out(address, scratch, SETTINGS, access=Access(bound(given, address)))
