"""Secrets of sources: which are taken, where they go, and that nothing shows them."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.errors import InvalidInput
from crawler.credentials import Credentials, bind, credentials_from_json
from crawler.records import SourceKind

SECRET = "pa55-w0rd"
KEY = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
SSH = {"ssh_key": KEY, "known_hosts": "git.example ssh-ed25519 AAAA"}


def bound(
    value: dict[str, object], address: str, kind: SourceKind = "website", *, allow_private: bool = False
) -> Credentials:
    return bind(credentials_from_json(value), kind, address, allow_private=allow_private)


def test_headers_go_to_the_origin_of_the_source_and_nowhere_else() -> None:
    credentials = bound({"headers": {"X-API-Key": SECRET}, "token": SECRET}, "https://docs.example/guide/")

    assert credentials.headers_for("https://docs.example/robots.txt") == {
        "X-API-Key": SECRET,
        "Authorization": f"Bearer {SECRET}",
    }
    for elsewhere in (
        "http://docs.example/",
        "https://docs.example:8443/",
        "https://www.docs.example/",
        "https://docs.example.evil.example/",
        "https://docs.example@evil.example/",
        "https://docs.example?@evil.example/",
        "https://docs.example\\@evil.example/",
        "https://evil.example/https://docs.example/",
        "//docs.example/",
    ):
        assert credentials.headers_for(elsewhere) == {}
        assert credentials.git_headers_for(elsewhere) == {}


def test_without_an_origin_nothing_goes_anywhere() -> None:
    assert credentials_from_json({"token": SECRET}).headers_for("https://docs.example/") == {}


def test_basic_authentication_is_spelt_as_browsers_do() -> None:
    credentials = bound({"user": "Aladdin", "password": "open sesame"}, "https://docs.example/")
    assert credentials.headers_for("https://docs.example/") == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}


def test_a_token_is_a_password_for_git() -> None:
    credentials = bound({"token": "t"}, "https://git.example/a.git", "git")
    assert credentials.git_headers_for("https://git.example/a.git") == {
        "Authorization": "Basic eC1hY2Nlc3MtdG9rZW46dA=="
    }


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({}, "no secret"),
        ({"user": "me"}, None),
        ({"headers": {"X-Key": f"{SECRET}\r\nHost: evil"}}, "characters a header cannot have"),
        ({"headers": {"X-Key": f"{SECRET}\n"}}, "characters a header cannot have"),
        ({"headers": {"X-Key": f" {SECRET}"}}, "characters a header cannot have"),
        ({"headers": {"X-Key": ""}}, "characters a header cannot have"),
        ({"headers": {"X-Key": f"{SECRET}é"}}, "characters a header cannot have"),
        ({"headers": {"X-Key": "x" * 9000}}, "too many"),
        ({"headers": {f"X-{SECRET}\n": "x"}}, "name is none"),
        ({"headers": {f"X {SECRET}": "x"}}, "name is none"),
        ({"headers": {"": "x"}}, "name is none"),
        ({"headers": {"Host": SECRET}}, "host is not for you"),
        ({"headers": {"Proxy-Authorization": SECRET}}, "not for you"),
        ({"headers": {"Transfer-Encoding": "chunked"}}, "not for you"),
        ({"headers": {"User-Agent": "Googlebot"}}, "not for you"),
        ({"headers": {"X-Key": "a", "x-key": "b"}}, "given twice"),
        ({"headers": {f"X-{number}": "a" for number in range(21)}}, "more than 20"),
        ({"headers": {"Authorization": SECRET}, "token": SECRET}, "one of"),
        ({"user": "a", "password": SECRET, "token": SECRET}, "one of"),
        ({"password": SECRET}, "needs a user"),
        ({"user": "a:b", "password": SECRET}, "colon"),
        ({"user": "a", "password": f"{SECRET}\n"}, "control characters"),
        ({"token": f"{SECRET}\r\n"}, "control characters"),
        ({"ssh_key": KEY}, "known_hosts"),
        ({"ssh_key": KEY[: len(KEY) // 2], "known_hosts": "x"}, "cannot be read"),
        ({"passwort": SECRET}, "none of"),
        ({SECRET: "x"}, "none of"),
        ({"headers": {SECRET: [1]}}, "no text"),
        ({"token": [SECRET]}, "token"),
        ({"headers": SECRET}, "headers"),
    ],
)
def test_malformed_secrets_are_refused_without_being_shown(value: dict[str, object], complaint: str | None) -> None:
    if complaint is None:
        credentials_from_json(value)
        return
    with pytest.raises(InvalidInput, match=complaint) as raised:
        credentials_from_json(value)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("value", "address", "kind", "complaint"),
    [
        ({"token": SECRET}, "/srv/docs", "folder", "over the network"),
        ({"token": SECRET}, "/srv/docs.zip", "archive", "over the network"),
        ({"token": SECRET}, "file:///srv/a.git", "git", "over the network"),
        ({"token": SECRET}, "http://docs.example/", "website", "use https"),
        ({"token": SECRET, "origin": "http://docs.example"}, "https://docs.example/", "website", "use https"),
        ({"token": SECRET, "origin": "https://docs.example/guide"}, "https://docs.example/", "website", "An origin is"),
        ({"token": SECRET, "origin": "docs.example"}, "https://docs.example/", "website", "not an http"),
        ({"token": SECRET}, "ssh://git@git.example/a.git", "git", "takes ssh_key"),
        (SSH, "https://git.example/a.git", "git", "reached by ssh"),
        (SSH | {"origin": "ssh://git.example"}, "https://git.example/a.git", "git", "not of the sort"),
    ],
)
def test_secrets_that_do_not_fit_the_source_are_refused(
    value: dict[str, object], address: str, kind: SourceKind, complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint) as raised:
        bound(value, address, kind)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("value", "address", "origin"),
    [
        ({"token": "t"}, "https://docs.example/guide/", "https://docs.example"),
        ({"token": "t"}, "https://docs.example:8443/", "https://docs.example:8443"),
        ({"token": "t", "origin": "https://API.example:443/"}, "https://docs.example/", "https://api.example"),
        (SSH, "ssh://git@git.example:2222/a.git", "ssh://git.example:2222"),
        (SSH | {"origin": "ssh://git.example"}, "ssh://me@git.example/a.git", "ssh://git.example"),
    ],
)
def test_secrets_are_bound_to_one_origin(value: dict[str, object], address: str, origin: str) -> None:
    kind: SourceKind = "git" if address.endswith(".git") else "website"
    assert bound(value, address, kind).origin == origin


def test_plain_http_is_for_networks_of_ones_own() -> None:
    assert bound({"token": "t"}, "http://docs.example/", allow_private=True).origin == "http://docs.example"


def test_nothing_shows_a_value_but_what_is_sealed() -> None:
    credentials = bound({"headers": {"X-Key": SECRET}, "user": "me", "password": SECRET}, "https://docs.example/")

    assert SECRET not in f"{credentials!r} {credentials} {credentials.model_dump()} {credentials.model_dump_json()}"
    assert credentials.names == ("headers.X-Key", "user", "password")
    assert Credentials.model_validate_json(credentials.to_text()) == credentials
    assert SECRET in credentials.to_text()
