"""Addresses that lead inside, and a world in which it would be seen if anybody went there.

In that world the hostile site is on the public internet: the name server and the way to that one address are played, so
that the guard is as strict as it is for strangers. Everything else is real, and every attempt to connect is noted.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import Any, cast
from unittest.mock import patch

import httpcore

from tests.hostile.wire import HostileSite

PUBLIC_HOST, PUBLIC_IP = "docs.example", "93.184.216.34"


HOSTS = (
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1",
    "017700000001", "0177.0.0.1", "0", "0.0.0.0", "00000.0.0.0", "127.0.0.1.", "localhost", "localhost.", "LOCALHOST",
    "loc%61lhost", "\uff11\uff12\uff17.\uff10.\uff10.\uff11", "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
    "127\u30020\u30020\u30021", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001:0:5ef5:79fd:0:59d:80ff:fffe]",
    "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd12:3456::1]", "[fd00:ec2::254]", "[ff02::1]", "[fec0::1]",
    "[::1%25lo]", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:169.254.169.254]",
    "[2002:a9fe:a9fe::1]", "169.254.170.2", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1", "inside.example", "mixed.example",
)  # fmt: skip
"""Ways to write an address that is not on the public internet; the last two are names that resolve to one."""

ODD_ADDRESSES = (
    "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_INFO", "data:text/html,x",
    "dict://127.0.0.1/", "ldap://127.0.0.1/", "jar:http://127.0.0.1!/", "javascript:alert(1)",
    "unix:///run/docker.sock", "ws://127.0.0.1/", "http://a:b@127.0.0.1/", "http://93.184.216.34@127.0.0.1/",
    "http://docs.example@[::1]/", "http://127.0.0.1:22/", "http://docs.example:6379/", "http:///127.0.0.1/",
    "http://127.0.0.1%00.docs.example/", "http://[::1]:80:80/", "http://docs.example\\@127.0.0.1/",
    "http://127.0.0.1\t/", "//127.0.0.1/", "\\\\127.0.0.1\\x",
)  # fmt: skip

ADDRESSES = (*(f"http://{host}/" for host in HOSTS), "https://127.0.0.1/", "http://127.0.0.1:{port}/", *ODD_ADDRESSES)

_PLAYED_NAMES = {
    PUBLIC_HOST: (PUBLIC_IP,),
    "inside.example": ("127.0.0.1",),
    "mixed.example": (PUBLIC_IP, "127.0.0.1"),
}


@dataclass
class World:
    """What was tried; `answers` are given one after the other for a name, the last one for ever."""

    site: HostileSite
    canary_port: int = 0
    attempts: list[str] = field(default_factory=list[str])
    """Where somebody tried to connect to, or which program was started."""
    visits: list[str] = field(default_factory=list[str])
    """Connections that arrived at a canary on this machine."""
    answers: dict[str, list[tuple[str, ...]]] = field(default_factory=dict[str, list[tuple[str, ...]]])

    @property
    def harm(self) -> list[str]:
        """Everything that must not have happened."""
        return self.attempts + self.visits

    def placed(self, addresses: Iterable[str]) -> list[str]:
        """Gives the addresses with the port of the canary where they want it."""
        return [address.replace("{port}", str(self.canary_port)) for address in addresses]

    def resolve(self, host: str) -> tuple[str, ...] | None:
        """Gives the played answer for a name, None for what the machine itself knows."""
        if host in self.answers:
            left = self.answers[host]
            return left.pop(0) if len(left) > 1 else left[0]
        return _PLAYED_NAMES.get(host)


_watching: list[World] = []


def _watch(event: str, arguments: Any) -> None:
    if not _watching or event not in ("socket.connect", "subprocess.Popen"):
        return
    world = _watching[-1]
    place: Any = arguments[1] if event == "socket.connect" else arguments[0]
    port = int(world.site.url.rpartition(":")[2])
    # The database is behind a socket of the file system.
    if isinstance(place, tuple) and place[:2] != ("127.0.0.1", port):
        world.attempts.append(str(list(cast("tuple[object, ...]", place))[:2]))
    elif event == "subprocess.Popen":
        world.attempts.append(f"program {place}")


sys.addaudithook(_watch)


@asynccontextmanager
async def public_world(site: HostileSite) -> AsyncGenerator[World]:
    """Puts the site on the public internet, and canaries on this machine."""
    world = World(site)
    backend: Any = httpcore.AnyIOBackend
    real_connect: Any = backend.connect_tcp
    real_lookup: Any = socket.getaddrinfo
    site_port = int(site.url.rpartition(":")[2])

    async def connect(self: Any, host: str, port: int, *more: Any, **named: Any) -> Any:
        if (host, port) == (PUBLIC_IP, 80):
            return await real_connect(self, "127.0.0.1", site_port, *more, **named)
        return await real_connect(self, host, port, *more, **named)

    def look_up(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        played = world.resolve(host)
        return [entry for name in played or (host,) for entry in real_lookup(name, port, *more, **named)]

    async with AsyncExitStack() as stack:
        world.canary_port = await _place_canaries(stack, world)
        stack.enter_context(patch.object(backend, "connect_tcp", connect))
        stack.enter_context(patch.object(socket, "getaddrinfo", look_up))
        _watching.append(world)
        stack.callback(_watching.remove, world)
        yield world


async def _place_canaries(stack: AsyncExitStack, world: World) -> int:
    """Listens on both loopback addresses, if allowed on the ports of the web too; gives one of the ports."""
    port = 0

    async def visited(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        world.visits.append(str(writer.get_extra_info("sockname")))
        writer.close()

    for host, wanted in product(("127.0.0.1", "::1"), (0, 80, 443)):
        with contextlib.suppress(OSError):
            server = await asyncio.start_server(visited, host, wanted)
            stack.callback(server.close)
            port = port or server.sockets[0].getsockname()[1]
    return port
