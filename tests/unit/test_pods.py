"""A data pod as its callers meet it: in time, a few at once, left alone while it is away; no network here."""

import asyncio
import socket
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

import numpy as np
import pytest
from pydantic import SecretStr

from core.errors import InvalidInput, InvalidLibraryId, Misconfigured, PodUnavailable
from core.library_ids import check_owned_id, owned_id, parse_library_id, shown_id
from indexer.vectors.pod import OpenStore, Pod
from indexer.vectors.pod_address import PodAddress, check_pod_url
from indexer.vectors.pods import Pods

SECONDS = 0.05
OWNER = UUID(int=7)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Store:
    """A store that answers as it is told."""

    problem: Exception | None = None
    is_slow: bool = False
    calls: int = 0
    spaces: list[str] = field(default_factory=list[str])
    is_closed: bool = False

    async def count(self, _version_id: UUID) -> int:
        self.calls += 1
        if self.is_slow:
            await asyncio.Event().wait()
        if self.problem:
            raise self.problem
        return 7

    async def add_space(self, space: str, _dimension: int) -> None:
        self.spaces.append(space)

    async def put_meanings(self, *_: Any) -> None:
        self.calls += 1

    async def close(self) -> None:
        self.is_closed = True


@dataclass
class Connector:
    """The way to stores, by whose they are; `set_at` is when each was set."""

    stores: dict[UUID, Store]
    set_at: int = 1
    opened: int = 0

    async def connect(self, owner_id: UUID) -> OpenStore:
        self.opened += 1
        return cast("OpenStore", self.stores[owner_id])

    async def mark(self, owner_id: UUID) -> object:
        return owner_id, self.set_at


def pod_over(store: Store, clock: Clock | None = None) -> Pod:
    return Pods(Connector({OWNER: store}), SECONDS, monotonic=clock or Clock()).of(OWNER)


async def test_a_slow_pod_is_given_up_in_time() -> None:
    pod = pod_over(Store(is_slow=True))
    with pytest.raises(PodUnavailable, match=r"took longer than 0\.05 seconds"):
        await pod.count(uuid4())


async def test_after_two_failures_it_is_not_asked_for_a_while_and_then_again() -> None:
    clock, store = Clock(), Store(ConnectionResetError())
    pod = pod_over(store, clock)
    for _ in range(5):
        with pytest.raises(PodUnavailable):
            await pod.count(uuid4())
    assert store.calls == 2
    clock.now += 16
    with pytest.raises(PodUnavailable):
        await pod.count(uuid4())
    assert store.calls == 3
    clock.now += 16
    store.problem = None
    assert await pod.count(uuid4()) == 7
    assert not pod.is_away


async def test_no_more_than_a_few_wait_for_a_pod() -> None:
    store = Store(is_slow=True)
    pod = pod_over(store)
    answers = await asyncio.gather(*(pod.count(uuid4()) for _ in range(50)), return_exceptions=True)
    assert all(isinstance(answer, PodUnavailable) for answer in answers)
    assert sum("asked too much at once" in str(answer) for answer in answers) == 30
    assert store.calls == 4


async def test_a_space_is_made_once_before_the_first_meaning() -> None:
    store = Store()
    pod = pod_over(store)
    for _ in range(2):
        await pod.put_meanings({uuid4(): np.zeros(3, np.float32)}, "dense")
    assert store.spaces == ["dense"]


@pytest.mark.parametrize(
    ("problem", "why"),
    [
        (Misconfigured("It holds vectors of dimension 3."), "it holds vectors of dimension 3"),
        (KeyError("the secret of the pod"), "the connection failed."),
        (socket.gaierror(-2, "the secret of the pod"), "the connection failed: its host name does not resolve."),
        (ConnectionRefusedError("the secret of the pod"), "the connection failed: nothing listens there."),
    ],
)
async def test_the_reason_is_ours_and_never_what_the_pod_wrote(problem: Exception, why: str) -> None:
    with pytest.raises(PodUnavailable) as raised:
        await pod_over(Store(problem)).count(uuid4())
    assert why in raised.value.message.replace("It holds", "it holds")
    assert "secret" not in raised.value.message


async def test_pods_that_nobody_asks_are_closed() -> None:
    clock, stores = Clock(), {uuid4(): Store(), uuid4(): Store()}
    pods = Pods(Connector(stores), SECONDS, monotonic=clock)
    for owner_id in stores:
        await pods.of(owner_id).count(uuid4())
        clock.now += 200
    await pods.close_idle()
    assert [store.is_closed for store in stores.values()] == [True, False]


async def test_no_more_than_so_many_are_open_and_the_longest_unasked_goes_first() -> None:
    stores = {uuid4(): Store() for _ in range(257)}
    pods = Pods(Connector(stores), SECONDS, monotonic=Clock())
    for owner_id in stores:
        await pods.of(owner_id).count(uuid4())
    await pods.close_idle()
    assert [store.is_closed for store in stores.values()] == [True] + [False] * 256


async def test_a_pod_that_another_process_has_changed_is_opened_anew() -> None:
    clock, store = Clock(), Store()
    connector = Connector({OWNER: store})
    pod = Pods(connector, SECONDS, monotonic=clock).of(OWNER)
    for _ in range(2):
        await pod.count(uuid4())
        clock.now += 2
    assert (connector.opened, store.is_closed) == (1, False)
    connector.set_at = 2
    await pod.count(uuid4())
    assert (connector.opened, store.is_closed) == (2, True)


async def test_pods_that_come_back_are_noticed_without_a_question() -> None:
    clock, store = Clock(), Store(OSError())
    pods = Pods(Connector({OWNER: store}), SECONDS, monotonic=clock)
    with pytest.raises(PodUnavailable):
        await pods.of(OWNER).count(uuid4())
    assert pods.away() == [OWNER]
    assert await pods.probe() == frozenset()
    store.problem = None
    clock.now += 16
    assert await pods.probe() == {OWNER}
    assert pods.away() == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" https://xyz.cloud.qdrant.io:6333/ ", "https://xyz.cloud.qdrant.io:6333"),
        ("https://qdrant.example.com", "https://qdrant.example.com"),
        ("https://qdrant.example.com/behind/a/path", "https://qdrant.example.com/behind/a/path"),
    ],
)
def test_the_address_of_a_pod_has_one_spelling(given: str, kept: str) -> None:
    assert check_pod_url(given, allow_private=False) == kept


@pytest.mark.parametrize(
    "text",
    [
        "qdrant.example.com",
        "http://qdrant.example.com",
        "https://qdrant.example.com:22",
        "https://qdrant.example.com:99999",
        "https://key@qdrant.example.com",
        "https://qdrant.example.com?x=1",
        "https://qdrant.example.com\r\nX: y",
        f"https://{'x' * 500}.example.com",
        "https://",
    ],
)
def test_what_is_no_address_of_a_pod_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        check_pod_url(text, allow_private=False)


def test_the_key_of_a_pod_is_not_in_what_is_printed_of_it() -> None:
    assert "hidden" not in repr(PodAddress("https://host", SecretStr("hidden")))


def test_ids_of_private_libraries_are_kept_apart_and_cannot_be_asked_for() -> None:
    owner = uuid4()
    kept = owned_id("/acme/vault", owner)
    assert kept != owned_id("/acme/vault", uuid4())
    assert shown_id(kept) == shown_id("/acme/vault") == "/acme/vault"
    with pytest.raises(InvalidLibraryId):
        parse_library_id(kept)
    assert check_owned_id("/a/" + "b" * 64, owner)
    with pytest.raises(InvalidLibraryId, match="67 characters"):
        check_owned_id("/ab/" + "b" * 64, owner)
