"""The address guard: nothing connects to a machine that is not on the public internet unless the operator allows it.

It sits at the socket: a name is resolved once, every answer is checked, and the connection goes to the checked address,
so that a name server cannot answer differently a moment later. Host header and TLS keep the name.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import cast
from urllib.parse import urlsplit

import httpcore

from core.errors import AddressRefused

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]

_PORTS = frozenset({80, 443})

# Networks that `is_global` lets through although they are no public hosts, or hide one that is not public.
# Source: IANA special-purpose registries, RFC 6890, RFC 6052, RFC 3056, RFC 7526; checked with Python 3.11.
_NEVER_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fec0::/10",
        "::/96",
        "::ffff:0:0/96",
        "192.88.99.0/24",
    )
)

# What stays closed even where private addresses are allowed: cloud metadata answers on link-local ones.
_METADATA = (ipaddress.ip_network("fd00:ec2::/32"), ipaddress.ip_network("100.100.100.200/32"))


class HostUnknown(Exception):
    """The name does not resolve."""


def refusal_of_address(address: str, *, allow_private: bool) -> str | None:
    """Gives the reason an address may not be asked, as far as its text tells, or None."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return f"{address} is not an address"
    if parts.scheme not in ("http", "https"):
        return f"{address} is not an http or https address"
    if "@" in parts.netloc:
        return "addresses with a user name or password in them are not accepted"
    if port not in (None, *_PORTS) and not allow_private:
        return f"port {port} is neither 80 nor 443; --allow-private allows any port"
    return None


def is_refused_ip(ip: IPAddress, *, allow_private: bool) -> bool:
    """Tells whether the guard keeps connections away from an IP address."""
    if allow_private:
        ip = _unwrapped(ip)
        is_closed = (
            ip.is_multicast or ip.is_link_local or ip.is_unspecified or ip == ipaddress.ip_address("255.255.255.255")
        )
        return is_closed or any(ip in network for network in _METADATA)
    is_special = any(ip in network for network in _NEVER_PUBLIC)
    return not ip.is_global or ip.is_multicast or ip.is_reserved or is_special


def is_local_host(host: str) -> bool:
    """Tells from the text alone whether a host is this machine or one on a private network."""
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


async def resolve_host(host: str, port: int) -> list[str]:
    """Gives every address of a host.

    Raises:
        HostUnknown: It has none.
    """
    try:
        loop = asyncio.get_running_loop()
        answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnknown(host) from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens the sockets of the HTTP client, after checking where they go."""

    def __init__(
        self,
        *,
        allow_private: bool,
        resolve: Resolver = resolve_host,
        inner: httpcore.AsyncNetworkBackend | None = None,
        ports: frozenset[int] = _PORTS,
    ) -> None:
        self._allow_private = allow_private
        self._ports = ports
        self._resolve = resolve
        self._inner = inner or cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first checked address that answers.

        Raises:
            AddressRefused: The port or one of the host's addresses is not public.
            HostUnknown: The host does not resolve.
        """
        if port not in self._ports and not self._allow_private:
            raise AddressRefused(f"port {port} is neither 80 nor 443; --allow-private allows any port")
        addresses = await self._checked_addresses(host, port, timeout)
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await self._inner.sleep(seconds)

    async def _checked_addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        """One refused answer refuses the host: a mixed set is how rebinding looks."""
        try:
            async with asyncio.timeout(timeout):
                answers = await self._resolve(host, port)
        except TimeoutError as error:
            raise HostUnknown(host) from error
        if not answers:
            raise HostUnknown(host)
        for answer in answers:
            if is_refused_ip(ipaddress.ip_address(answer.partition("%")[0]), allow_private=self._allow_private):
                raise AddressRefused(self._refusal(host))
        return answers[:4]

    def _refusal(self, host: str) -> str:
        if self._allow_private:
            return f"{host} is a link-local or multicast address, which is never crawled"
        return f"{host} is not on the public internet; --allow-private allows private addresses"


def _unwrapped(ip: IPAddress) -> IPAddress:
    """Gives the IPv4 address inside an IPv6 one of a form that carries one."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in ipaddress.ip_network("64:ff9b::/96") or (ip in ipaddress.ip_network("::/96") and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
