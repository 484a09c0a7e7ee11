"""Sites that stop answering: when they are left alone, when they are asked again, when they count as gone."""

from crawler.breaker import Breaker, Breaking
from crawler.politeness import OriginSlot, Politeness
from tests.crawl_clock import Clock


def breaker(clock: Clock, *, max_pauses: int = 3) -> Breaker:
    return Breaker(Breaking(max_failures=3, pause_seconds=10, max_pauses=max_pauses), clock)


def fail(circuit: Breaker, times: int) -> None:
    for _ in range(times):
        is_probe = circuit.enter()
        circuit.leave(is_probe=is_probe)
        circuit.note(is_failure=True, is_probe=is_probe)


def test_failures_in_a_row_open_the_circuit_and_a_success_between_them_does_not() -> None:
    circuit = breaker(Clock())
    fail(circuit, 2)
    circuit.note(is_failure=False, is_probe=False)
    fail(circuit, 2)
    assert circuit.wait_seconds() == 0
    fail(circuit, 1)
    assert circuit.wait_seconds() == 10


def test_after_the_pause_one_request_finds_out_while_the_others_wait() -> None:
    clock = Clock()
    circuit = breaker(clock)
    fail(circuit, 3)
    clock.now += 10
    assert circuit.wait_seconds() == 0
    assert circuit.enter()
    assert 0 < circuit.wait_seconds() < 1
    circuit.leave(is_probe=True)
    circuit.note(is_failure=False, is_probe=True)
    assert circuit.wait_seconds() == 0
    assert not circuit.enter()


def test_a_probe_that_is_cancelled_leaves_the_way_to_the_next_one() -> None:
    clock = Clock()
    circuit = breaker(clock)
    fail(circuit, 3)
    clock.now += 10
    assert circuit.enter()
    circuit.leave(is_probe=True)
    assert circuit.wait_seconds() == 0


def test_each_pause_is_twice_as_long_and_after_the_last_the_site_is_gone() -> None:
    clock = Clock()
    circuit = breaker(clock)
    fail(circuit, 3)
    waits: list[float] = []
    while not circuit.is_gone:
        waits.append(circuit.wait_seconds())
        clock.now += waits[-1]
        fail(circuit, 1)
    assert waits == [10, 20, 40]


def test_a_site_whose_front_page_alone_still_answers_is_gone_all_the_same() -> None:
    clock = Clock()
    circuit = breaker(clock, max_pauses=2)
    for _ in range(2):
        fail(circuit, 3)
        clock.now += circuit.wait_seconds()
        circuit.enter()
        circuit.leave(is_probe=True)
        circuit.note(is_failure=False, is_probe=True)
    assert not circuit.is_gone
    fail(circuit, 3)
    assert circuit.is_gone


def test_requests_that_were_under_way_when_the_circuit_opened_do_not_prolong_the_pause() -> None:
    clock = Clock()
    circuit = breaker(clock)
    fail(circuit, 3)
    clock.now += 4
    circuit.note(is_failure=True, is_probe=False)
    assert circuit.wait_seconds() == 6


async def turn(slot: OriginSlot) -> bool:
    async with slot.turn() as is_probe:
        return is_probe


async def test_one_site_that_is_left_alone_does_not_hold_up_another() -> None:
    clock = Clock()
    breaking = Breaking(max_failures=1, pause_seconds=30)
    politeness = Politeness(connections=2, delay_seconds=0, breaking=breaking, monotonic=clock, sleep=clock.sleep)
    broken, sound = politeness.slot("https://a.example/x"), politeness.slot("https://b.example/x")
    broken.breaker.note(is_failure=True, is_probe=False)
    sound.breaker.note(is_failure=False, is_probe=False)

    assert await turn(sound) is False
    assert clock.slept == []
    assert await turn(broken) is True
    assert clock.slept == [30]
    assert not politeness.is_all_gone
