"""What a replica remembers of keys."""

from datetime import UTC, datetime, timedelta

from accounts.key_memory import KeyMemory

NOW = datetime(2027, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_value_is_remembered_for_its_time_and_no_longer() -> None:
    memory = KeyMemory[str](SECOND, 10)
    memory.keep("digest", "value", NOW)

    assert memory.find("digest", NOW + SECOND - timedelta(milliseconds=1)) == "value"
    assert memory.find("digest", NOW + SECOND) is None


def test_a_clock_set_back_does_not_prolong_a_value() -> None:
    memory = KeyMemory[str](SECOND, 10)
    memory.keep("digest", "value", NOW)

    assert memory.find("digest", NOW - SECOND) is None


def test_the_value_unused_longest_goes_first() -> None:
    memory = KeyMemory[str](SECOND, 2)
    memory.keep("old", "1", NOW)
    memory.keep("older in use", "2", NOW)
    memory.find("old", NOW)
    memory.keep("new", "3", NOW)

    assert [memory.find(digest, NOW) for digest in ("old", "older in use", "new")] == ["1", None, "3"]
