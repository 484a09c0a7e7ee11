"""How often a site is asked, and when it is asked again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crawler.politeness import OriginSlot, Politeness, backoff_seconds, retry_after_seconds
from tests.crawl_clock import Clock

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("5", 5),
        ("86400", 60),
        ("9" * 400, 60),
        (format_datetime(NOW + timedelta(seconds=7), usegmt=True), 7),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("soon", None),
        ("-3", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_capped(value: str | None, expected: float | None) -> None:
    assert retry_after_seconds(value, NOW) == expected


def test_backoff_doubles_and_waits_at_least_as_long_as_asked() -> None:
    assert 0.5 <= backoff_seconds(1, 1) <= 1.5
    assert 2 <= backoff_seconds(3, 1) <= 6
    assert backoff_seconds(1, 1, retry_after=30) == 30
    assert backoff_seconds(1, 0) == 0


def slot_with(time: Clock, delay_seconds: float, address: str = "https://x.org/") -> OriginSlot:
    politeness = Politeness(connections=2, delay_seconds=delay_seconds, monotonic=time, sleep=time.sleep)
    assert politeness.slot(address) is politeness.slot(address)
    return politeness.slot(address)


async def take_turns(slot: OriginSlot, count: int) -> None:
    for _ in range(count):
        async with slot.turn():
            pass


async def test_starts_are_spaced_by_the_longer_of_our_delay_and_the_sites() -> None:
    time = Clock()
    slot = slot_with(time, 0.1)
    await take_turns(slot, 3)
    slot.require_delay(2)
    await take_turns(slot, 2)
    assert time.slept == [0.1, 0.1, 0.1, 2]


async def test_own_machines_are_asked_without_a_pause() -> None:
    time = Clock()
    slot = slot_with(time, 0.1, "http://127.0.0.1:8000/")
    slot.note(10, is_ok=True)
    await take_turns(slot, 3)
    assert time.slept == []


async def test_a_slow_site_is_asked_more_slowly_and_errors_never_speed_up() -> None:
    slot = slot_with(Clock(), 0.1)
    slot.note(4, is_ok=True)
    assert slot.delay_seconds == 2
    slot.note(0.01, is_ok=False)
    assert slot.delay_seconds == 2
    slot.note(0.01, is_ok=True)
    assert 0.1 < slot.delay_seconds < 2
    for _ in range(20):
        slot.note(0.01, is_ok=True)
    assert slot.delay_seconds == pytest.approx(0.1)


async def test_retry_after_stops_everything_for_a_minute_at_most() -> None:
    time = Clock()
    slot = slot_with(time, 0.1)
    slot.pause(3600)
    await take_turns(slot, 1)
    assert time.slept == [60]
