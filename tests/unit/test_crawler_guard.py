"""The address guard: nothing private is connected to, however it is written."""

import asyncio
import ipaddress
import ssl
from collections.abc import Iterable, Sequence

import httpcore
import pytest

from core.errors import AddressRefused
from crawler.exchange import Ask
from crawler.fetch import Fetcher
from crawler.guard import GuardedBackend, HostUnknown, is_local_host, is_refused_ip, refusal_of_address, resolve_host
from crawler.outcomes import Failed
from crawler.politeness import Politeness
from crawler.settings import CrawlerSettings

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::200e"]

# Ways to write 127.0.0.1 and its like that a resolver understands.
DISGUISES = [
    "2130706433",
    "0x7f000001",
    "017700000001",
    "127.1",
    "127.0.1",
    "0",
    "0x7f.1",
    "127.0.0.1",
    "localhost",
    "169.254.169.254",
    "100.64.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]


class RecordingBackend(httpcore.AsyncNetworkBackend):
    """Notes where connections go and opens none."""

    def __init__(self) -> None:
        self.connections: list[tuple[str, int]] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the vendor's signature
        local_address: str | None = None,  # noqa: ARG002 - the vendor's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the vendor's signature
    ) -> httpcore.AsyncNetworkStream:
        self.connections.append((host, port))
        raise httpcore.ConnectError


class Answers:
    """A name server that gives the next of its answers each time it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)

    async def __call__(self, host: str, port: int) -> list[str]:
        assert host
        assert port
        return list(self._answers.pop(0))


@pytest.mark.parametrize("text", PRIVATE)
def test_an_address_that_is_not_public_is_refused(text: str) -> None:
    assert is_refused_ip(ipaddress.ip_address(text), allow_private=False)


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_allowed(text: str) -> None:
    assert not is_refused_ip(ipaddress.ip_address(text), allow_private=False)
    assert not is_refused_ip(ipaddress.ip_address(text), allow_private=True)


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd12::1", "::ffff:10.0.0.1", "100.64.0.1"]
)
def test_allow_private_opens_the_operators_own_networks(text: str) -> None:
    assert not is_refused_ip(ipaddress.ip_address(text), allow_private=True)


@pytest.mark.parametrize(
    "text",
    ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "fe80::1", "fd00:ec2::254",
     "100.100.100.200", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255"],
)  # fmt: skip
def test_metadata_and_multicast_stay_closed_even_then(text: str) -> None:
    assert is_refused_ip(ipaddress.ip_address(text), allow_private=True)


@pytest.mark.parametrize("host", DISGUISES)
async def test_no_disguise_of_a_private_address_is_connected_to(host: str) -> None:
    inner = RecordingBackend()
    with pytest.raises((AddressRefused, HostUnknown)):
        await GuardedBackend(allow_private=False, resolve=resolve_host, inner=inner).connect_tcp(host, 80, timeout=5)
    assert inner.connections == []


async def test_one_private_answer_among_public_ones_refuses_the_host() -> None:
    inner = RecordingBackend()
    guard = GuardedBackend(allow_private=False, resolve=Answers(["8.8.8.8", "127.0.0.1"]), inner=inner)
    with pytest.raises(AddressRefused, match="--allow-private"):
        await guard.connect_tcp("mixed.example", 443)
    assert inner.connections == []


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    inner = RecordingBackend()
    guard = GuardedBackend(allow_private=False, resolve=Answers(["8.8.8.8", "1.1.1.1"], ["127.0.0.1"]), inner=inner)
    with pytest.raises(httpcore.ConnectError):
        await guard.connect_tcp("rebinding.example", 443)
    with pytest.raises(AddressRefused):
        await guard.connect_tcp("rebinding.example", 443)
    assert inner.connections == [("8.8.8.8", 443), ("1.1.1.1", 443)]


async def test_other_ports_are_for_private_sites_only() -> None:
    inner = RecordingBackend()
    with pytest.raises(AddressRefused, match="port 6379"):
        await GuardedBackend(allow_private=False, resolve=Answers(["8.8.8.8"]), inner=inner).connect_tcp(
            "x.example", 6379
        )
    with pytest.raises(httpcore.ConnectError):
        await GuardedBackend(allow_private=True, resolve=Answers(["10.0.0.1"]), inner=inner).connect_tcp(
            "x.example", 8080
        )
    assert inner.connections == [("10.0.0.1", 8080)]


@pytest.mark.parametrize(
    "address",
    [
        "ftp://x.org/",
        "gopher://x.org/",
        "file:///etc/passwd",
        "data:text/html,x",
        "http://a:b@x.org/",
        "http://x.org:22/",
    ],
)
def test_schemes_users_and_ports_are_checked_before_anything_is_asked(address: str) -> None:
    assert refusal_of_address(address, allow_private=False) is not None


def test_the_operators_own_machines_are_told_from_the_text() -> None:
    assert all(is_local_host(host) for host in ("localhost", "a.localhost", "127.0.0.1", "10.1.2.3", "[::1]"))
    assert not any(is_local_host(host) for host in ("example.org", "8.8.8.8", "localhost.example.org"))


async def test_the_http_client_connects_through_the_guard_only() -> None:
    reached: list[str] = []

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append("somebody")
        writer.close()

    async def resolve(host: str, port: int) -> list[str]:
        assert (host, port) == ("docs.example", 80)
        return ["127.0.0.1"]

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    settings = CrawlerSettings()
    async with server, Fetcher(settings, Politeness(connections=1, delay_seconds=0), resolve=resolve) as fetcher:
        outcome = await fetcher.fetch(Ask("http://docs.example/", 1000), _stay)

    assert isinstance(outcome, Failed)
    assert "docs.example is not on the public internet" in outcome.reason
    assert "127.0.0.1" not in outcome.reason
    assert reached == []


async def test_tls_asks_for_the_name_and_not_for_the_checked_address() -> None:
    names: list[str | None] = []

    class Stream(httpcore.AsyncMockStream):
        async def start_tls(
            self,
            ssl_context: ssl.SSLContext,  # noqa: ARG002 - the vendor's signature
            server_hostname: str | None = None,
            timeout: float | None = None,  # noqa: ARG002 - the vendor's signature
        ) -> httpcore.AsyncNetworkStream:
            names.append(server_hostname)
            return self

    class Backend(RecordingBackend):
        async def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,  # noqa: ARG002 - the vendor's signature
            local_address: str | None = None,  # noqa: ARG002 - the vendor's signature
            socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the vendor's signature
        ) -> httpcore.AsyncNetworkStream:
            self.connections.append((host, port))
            return Stream([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"])

    inner = Backend()
    guard = GuardedBackend(allow_private=False, resolve=Answers(["8.8.8.8"]), inner=inner)
    async with httpcore.AsyncConnectionPool(network_backend=guard) as pool:
        response = await pool.request("GET", "https://docs.example/")

    assert response.content == b"ok"
    assert (inner.connections, names) == ([("8.8.8.8", 443)], ["docs.example"])


async def _stay(target: str) -> str:
    return target
