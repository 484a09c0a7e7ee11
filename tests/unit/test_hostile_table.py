"""The table of hostile sites is what the documentation says."""

from tests.hostile.document import PAGE, page
from tests.hostile.poison import INVISIBLE, POISONS
from tests.hostile.table import CASES


def test_the_documentation_shows_the_table_as_it_is() -> None:
    assert PAGE.read_text() == page(), "run python -m tests.hostile.document"


def test_no_two_cases_have_the_same_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert len({poison.name for poison in POISONS}) == len(POISONS)


def test_there_are_enough_ways_to_hide_text() -> None:
    assert len(INVISIBLE) >= 60
