"""What a request's headers say about who sent it."""

from typing import Any

import pytest
from starlette.datastructures import Headers

from core.errors import NotAllowed
from server.edge_errors import WrongHost
from server.gate.request_headers import check_host, check_origin, client_ip, client_of, presented_key
from server.settings import ServerSettings

DEFAULTS = ServerSettings()


def headers(*pairs: tuple[str, str]) -> Headers:
    return Headers(raw=[(name.encode(), value.encode()) for name, value in pairs])


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ([], 0, "10.0.0.1"),
        (["1.1.1.1"], 0, "10.0.0.1"),
        (["6.6.6.6, 2.2.2.2"], 1, "2.2.2.2"),
        (["6.6.6.6", "2.2.2.2, 10.0.0.9"], 2, "2.2.2.2"),
        (["2.2.2.2"], 2, "10.0.0.1"),
    ],
)
def test_only_what_trusted_proxies_wrote_names_the_caller(forwarded: list[str], proxies: int, address: str) -> None:
    sent = headers(*(("x-forwarded-for", value) for value in forwarded))
    assert client_ip({"client": ("10.0.0.1", 1)}, sent, proxies) == address


def test_a_connection_without_an_address_has_none() -> None:
    assert client_ip({"client": None}, headers(), 0) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "[::1]:8000", "[::1]"])
def test_by_default_loopback_names_are_ours(host: str) -> None:
    check_host(headers(("host", host)), DEFAULTS.answered_hosts)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost:evil", "localhost:1.evil", "localhost.evil:80", "x@localhost:1"]
)
def test_other_names_are_not(host: str) -> None:
    with pytest.raises(WrongHost):
        check_host(headers(("host", host)), DEFAULTS.answered_hosts)


def test_programs_without_an_origin_may_call_and_foreign_pages_may_not() -> None:
    check_origin(headers(), DEFAULTS.allowed_origins)
    check_origin(headers(("origin", "http://localhost:5173")), DEFAULTS.allowed_origins)
    for origin in ("https://evil.example", "null", "http://localhost:1.evil.example", "file://localhost:1"):
        with pytest.raises(NotAllowed):
            check_origin(headers(("origin", origin)), DEFAULTS.allowed_origins)


def test_hosts_are_set_as_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_ALLOWED_HOSTS", "docs.example.org, docs:*")
    assert ServerSettings().allowed_hosts == ("docs.example.org", "docs:*")


@pytest.mark.parametrize(
    ("listening", "host"),
    [
        ("127.0.0.1", "docs.example.org"),
        ("127.0.0.1", "127.0.0.1:8000"),
        ("127.0.0.1", "localhost"),
        ("192.0.2.7", "192.0.2.7:8000"),
        ("2001:db8::7", "[2001:db8::7]:8000"),
    ],
)
def test_allowing_a_host_takes_none_from_this_machine_or_the_address_that_is_listened_on(
    listening: str, host: str
) -> None:
    settings = ServerSettings(host=listening, allowed_hosts=("docs.example.org",))
    check_host(headers(("host", host)), settings.answered_hosts)


@pytest.mark.parametrize(
    ("pairs", "key"),
    [
        ([], None),
        ([("authorization", "")], None),
        ([("authorization", "Bearer ")], None),
        ([("authorization", "Bearer k")], "k"),
        ([("authorization", "k")], "k"),
        ([("authorization", ""), ("x-api-key", "k")], "k"),
        ([("authorization", "Bearer a"), ("x-api-key", "b")], "a"),
    ],
)
def test_the_first_key_given_counts(pairs: list[tuple[str, str]], key: str | None) -> None:
    assert presented_key(headers(*pairs)) == key


@pytest.mark.parametrize(
    ("agent", "meta", "client"),
    [
        ("claude-code/2.1 (cli)", None, ("claude-code", "2.1")),
        ("", None, (None, None)),
        ("(odd)", None, (None, None)),
        ("agent/1", {"name": "ide", "version": "3"}, ("ide", "3")),
        ("agent/1", {"name": 5, "version": None}, (None, None)),
        ("agent/1", {"name": "a\nb" + "c" * 500, "version": "9" * 99}, ("ab" + "c" * 97, "9" * 50)),
        ("agent/1", "text", ("agent", "1")),
    ],
)
def test_a_client_is_what_it_says_it_is_within_bounds(agent: str, meta: Any, client: tuple[str, str]) -> None:
    params = {"_meta": {"io.modelcontextprotocol/clientInfo": meta}}
    found = client_of(headers(("user-agent", agent)), params)
    assert (found.name, found.version) == client
    assert found.transport == "http"


def test_the_bridge_is_told_apart() -> None:
    assert client_of(headers(("x-lectern-transport", "stdio"))).transport == "stdio"
    assert client_of(headers(("x-lectern-transport", "carrier pigeon"))).transport == "http"
