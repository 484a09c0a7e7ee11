import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalogue.names import THRESHOLD, name_score

LIBRARIES = {
    "/vercel/next.js": "Next.js",
    "/python/docs": "Python",
    "/pandas-dev/pandas": "pandas",
    "/postgresql/docs": "PostgreSQL",
    "/django/django": "Django",
    "/expressjs/express": "Express",
    "/lectern/docs": "Lectern",
}


def best(wanted: str) -> str | None:
    scores = {library_id: name_score(wanted, library_id, name, ()) for library_id, name in LIBRARIES.items()}
    library_id = max(scores, key=lambda key: scores[key])
    return library_id if scores[library_id] >= THRESHOLD else None


@pytest.mark.parametrize(
    ("wanted", "library_id"),
    [
        ("next js", "/vercel/next.js"),
        ("nextjs", "/vercel/next.js"),
        ("Next.JS", "/vercel/next.js"),
        ("/vercel/next.js", "/vercel/next.js"),
        ("python", "/python/docs"),
        ("pandsa", "/pandas-dev/pandas"),
        ("postgres", "/postgresql/docs"),
        ("expressjs", "/expressjs/express"),
        ("django docs", "/django/django"),
        ("lectern", "/lectern/docs"),
    ],
)
def test_a_name_finds_its_library_however_it_is_spelled(wanted: str, library_id: str) -> None:
    assert best(wanted) == library_id


@pytest.mark.parametrize("wanted", ["kubernetes", "zzz", "!!!", "go"])
def test_a_name_of_nothing_here_finds_nothing(wanted: str) -> None:
    assert best(wanted) is None


def test_an_alias_is_as_good_as_the_name() -> None:
    assert name_score("psycopg2", "/psycopg/psycopg", "Psycopg", ("psycopg2",)) == 1.0


@given(st.text(max_size=100), st.text(max_size=100))
def test_scores_stay_between_zero_and_one(wanted: str, name: str) -> None:
    assert 0.0 <= name_score(wanted, "/org/project", name, ()) <= 1.0
