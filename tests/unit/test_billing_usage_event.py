"""Usage events as their rows can hold them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.partitions import month_after, month_of
from billing.usage_event import storable
from tests.usage_events import usage_event

EVENT = usage_event(
    created_at=datetime(2027, 1, 1, tzinfo=UTC), user_id=uuid4(), api_key_id=uuid4(), tokens_returned=1_200
)


def test_an_ordinary_event_is_stored_as_it_is() -> None:
    assert storable(EVENT, is_query_logged=True) == EVENT


def test_what_was_asked_is_left_out_when_the_operator_wants_so() -> None:
    assert storable(EVENT, is_query_logged=False) == replace(EVENT, query=None)


@given(text=st.text(st.characters(codec=None), max_size=300), number=st.integers())
def test_whatever_a_client_sends_fits_its_column(text: str, number: int) -> None:
    long = text * 40
    row = storable(
        replace(
            EVENT,
            tool_name=long,
            library_id=long,
            query=long,
            status=long,
            client_name=long,
            client_version=long,
            transport=long,
            tokens_returned=number,
            response_time_ms=number,
        ),
        is_query_logged=True,
    )
    widths = {
        row.tool_name: 50,
        row.library_id: 100,
        row.query: 4_000,
        row.status: 30,
        row.client_name: 100,
        row.client_version: 50,
        row.transport: 20,
    }
    for value, width in widths.items():
        assert value is not None
        assert len(value) <= width
        assert "\0" not in value
        value.encode("utf-8")
    assert 0 <= row.tokens_returned < 2**31
    assert 0 <= row.response_time_ms < 2**31


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2027-01-01T00:00:00+00:00", date(2027, 1, 1)),
        ("2027-01-01T00:30:00+01:00", date(2026, 12, 1)),
        ("2028-02-29T23:59:59+00:00", date(2028, 2, 1)),
    ],
)
def test_a_month_is_utcs(moment: str, month: date) -> None:
    assert month_of(datetime.fromisoformat(moment)) == month


def test_december_is_followed_by_january() -> None:
    assert month_after(date(2027, 12, 1)) == date(2028, 1, 1)
    assert month_after(date(2027, 1, 1)) == date(2027, 2, 1)
