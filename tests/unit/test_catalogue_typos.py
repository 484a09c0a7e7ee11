import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalogue.typos import MIN_SIMILARITY, similarity, typo_keys


@pytest.mark.parametrize(
    ("wanted", "known"),
    [
        ("pandsa", "pandas"),
        ("numppy", "numpy"),
        ("requets", "requests"),
        ("sqlachmey", "sqlalchemy"),
        ("falsk", "flask"),
    ],
)
def test_slips_of_the_fingers_are_alike_and_share_a_key(wanted: str, known: str) -> None:
    assert similarity(wanted, known) > MIN_SIMILARITY
    assert set(typo_keys(wanted)) & set(typo_keys(known))


@pytest.mark.parametrize(
    ("wanted", "known"),
    [
        ("preact", "react"),
        ("reactive", "react"),
        ("flash", "flask"),
        ("vuex", "vue"),
        ("nest", "next"),
        ("login", "logic"),
    ],
)
def test_other_names_are_not_alike(wanted: str, known: str) -> None:
    assert similarity(wanted, known) == 0.0


@given(st.text("abcdef", min_size=7, max_size=40), st.data())
def test_whatever_two_letters_are_missing_a_key_is_shared(known: str, data: st.DataObject) -> None:
    wanted = known
    for _ in range(2):
        place = data.draw(st.integers(0, len(wanted) - 1))
        wanted = wanted[:place] + wanted[place + 1 :]
    assert set(typo_keys(wanted)) & set(typo_keys(known))


@given(st.text(max_size=60))
def test_keys_fit_into_the_database_and_are_few(form: str) -> None:
    keys = typo_keys(form)
    assert len(keys) <= 56
    assert all(-(1 << 31) <= key < 1 << 31 for key in keys)


@given(st.text(min_size=1, max_size=60))
def test_a_form_is_like_itself(form: str) -> None:
    assert similarity(form, form) == 1.0
