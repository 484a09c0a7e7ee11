from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalogue.lookup import rank
from indexer.catalogue.names import CONFIDENT, THRESHOLD, MatchKind, Source, asked_forms, form_score, library_forms
from indexer.queries.library_names import KnownName

LIBRARIES = {
    "/vercel/next.js": "Next.js",
    "/python/docs": "Python",
    "/pandas-dev/pandas": "pandas",
    "/postgresql/docs": "PostgreSQL",
    "/django/django": "Django",
    "/expressjs/express": "Express",
    "/lectern/docs": "Lectern",
}
REDIS = ("/redis/redis", "Redis", ())
DATA = Path(__file__).resolve().parent.parent / "data"


def name_score(wanted: str, library_id: str, name: str, aliases: Sequence[str]) -> float:
    """Gives 0..1 for how well `wanted` names the library."""
    asked = asked_forms(wanted)
    forms = library_forms(library_id, name, aliases)
    return max((form_score(asked, form, source) for form, source in forms.items()), default=0.0)


def best(wanted: str) -> str | None:
    scores = {library_id: name_score(wanted, library_id, name, ()) for library_id, name in LIBRARIES.items()}
    library_id = max(scores, key=lambda key: scores[key])
    return library_id if scores[library_id] >= THRESHOLD else None


def known_name(library_id: str, form: str, source: Source, popularity: int, snippets: int = 0) -> KnownName:
    return KnownName(library_id, form, source, popularity, snippets, None)


@pytest.mark.parametrize(
    ("wanted", "library_id"),
    [
        ("next js", "/vercel/next.js"),
        ("nextjs", "/vercel/next.js"),
        ("Next.JS", "/vercel/next.js"),
        ("/vercel/next.js", "/vercel/next.js"),
        ("https://github.com/vercel/next.js.git", "/vercel/next.js"),
        ("git@github.com:vercel/next.js.git", "/vercel/next.js"),
        ("ssh://git@github.com/vercel/next.js", "/vercel/next.js"),
        ("https://github.com/vercel/next.js/tree/canary/docs", "/vercel/next.js"),
        ("https://github.com/vercel/next.js?tab=readme", "/vercel/next.js"),
        ("https://www.npmjs.com/package/next.js/v/14.2.1", "/vercel/next.js"),
        ("https://www.npmjs.com/package/@vercel/next.js", "/vercel/next.js"),
        ("https://pypi.org/project/Django/5.2/", "/django/django"),
        ("https://packagist.org/packages/django/django", "/django/django"),
        ("https://pkg.go.dev/github.com/expressjs/express@v1.9.0", "/expressjs/express"),
        ("next.js 14", "/vercel/next.js"),
        ("python", "/python/docs"),
        ("pandsa", "/pandas-dev/pandas"),
        ("python pandas", "/pandas-dev/pandas"),
        ("postgres", "/postgresql/docs"),
        ("expressjs", "/expressjs/express"),
        ("django docs", "/django/django"),
        ("lectern", "/lectern/docs"),
    ],
)
def test_a_name_finds_its_library_however_it_is_spelled(wanted: str, library_id: str) -> None:
    assert best(wanted) == library_id


@pytest.mark.parametrize("wanted", ["kubernetes", "zzz", "!!!", "go", "", "pandora", "the", "next next next " * 50])
def test_a_name_of_nothing_here_finds_nothing(wanted: str) -> None:
    assert best(wanted) is None


def test_an_alias_is_as_good_as_the_name() -> None:
    assert name_score("psycopg2", "/psycopg/psycopg", "Psycopg", ("psycopg2",)) == 1.0


def test_the_name_comes_before_a_cut_name_and_that_before_a_misspelt_one() -> None:
    exact, cut, misspelt = (
        name_score(wanted, "/pallets/flask", "Flask", ()) for wanted in ("flask", "python flask", "falsk")
    )
    assert exact > cut > misspelt >= CONFIDENT


def test_a_library_for_one_language_is_not_taken_for_that_of_another() -> None:
    assert name_score("discord.js", "/rapptz/discord.py", "discord.py", ()) == 0.0
    assert name_score("discord", "/rapptz/discord.py", "discord.py", ()) >= CONFIDENT


@pytest.mark.parametrize("wanted", ["redis-py", "redispy", "redis.js", "redis py", "typescript-redis", "redisjs"])
def test_a_name_with_a_language_in_it_is_only_near_the_library_without(wanted: str) -> None:
    names = [known_name("/redis/redis", form, source, 0) for form, source in library_forms(*REDIS).items()]
    (found,) = rank(asked_forms(wanted), names)
    assert THRESHOLD <= found.score < CONFIDENT
    assert found.match is MatchKind.SPELLING


@pytest.mark.parametrize(
    "wanted", ["python redis", "node.js redis", "redis for python", "Redis Python docs", "redis 7", "redis7"]
)
def test_a_language_beside_a_name_is_not_part_of_it(wanted: str) -> None:
    assert name_score(wanted, *REDIS) >= CONFIDENT


@pytest.mark.parametrize(
    ("wanted", "library"),
    [
        ("js", ("/nodejs/node", "Node.js", ())),
        ("python", ("/acme/docs", "Python Docs", ())),
        ("docs", ("/acme/docs", "Python Docs", ())),
        ("rust python", ("/python/docs", "Python", ())),
        ("js", ("/acme/client", "js client", ())),
    ],
)
def test_a_word_for_a_language_or_for_anything_names_nothing_it_is_only_part_of(
    wanted: str, library: tuple[str, str, tuple[str, ...]]
) -> None:
    assert name_score(wanted, *library) == 0.0


@pytest.mark.parametrize(
    ("wanted", "library"),
    [
        ("golang", ("/golang/go", "Go", ())),
        ("go lang", ("/golang/go", "Go", ())),
        ("nodejs", ("/acme/docs", "Node.js", ())),
        ("rust docs", ("/rust-lang/rust", "Rust", ())),
        ("rust-lang", ("/rust-lang/docs", "Rust", ())),
        ("python-pillow", ("/python-pillow/pillow", "Pillow", ())),
    ],
)
def test_a_language_and_an_organisation_with_one_in_its_name_are_found(
    wanted: str, library: tuple[str, str, tuple[str, ...]]
) -> None:
    assert name_score(wanted, *library) >= CONFIDENT


def test_an_organisation_alone_is_only_a_suggestion_unless_it_is_called_as_its_library() -> None:
    assert THRESHOLD <= name_score("pallets", "/pallets/flask", "Flask", ()) < CONFIDENT
    assert name_score("pandas-dev", "/pandas-dev/pandas", "pandas", ()) >= CONFIDENT


def test_popularity_then_coverage_decide_between_libraries_of_one_name() -> None:
    names = [
        known_name("/fork/flask", "flask", Source.NAME, popularity=0, snippets=9),
        known_name("/other/flask", "flask", Source.NAME, popularity=0, snippets=90),
        known_name("/pallets/flask", "flask", Source.NAME, popularity=60),
    ]
    assert [found.library_id for found in rank(asked_forms("Flask"), names)] == [
        "/pallets/flask",
        "/other/flask",
        "/fork/flask",
    ]


def test_the_one_indexed_last_comes_first_where_nothing_else_tells() -> None:
    fresh, stale = datetime(2026, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
    names = [
        replace(known_name(f"/{owner}/flask", "flask", Source.NAME, popularity=1), last_crawled_at=at)
        for owner, at in (("never", None), ("stale", stale), ("fresh", fresh))
    ]
    assert [found.library_id for found in rank(asked_forms("Flask"), names)] == [
        "/fresh/flask",
        "/stale/flask",
        "/never/flask",
    ]


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("flask login", "Flask Plugin"),
        ("vue router", "Vue Router UI"),
        ("widget", "Widgetry"),
        ("react hook form", "React Look Form"),
    ],
)
def test_another_word_is_no_misspelling(wanted: str, name: str) -> None:
    assert name_score(wanted, "/acme/docs", name, ()) == 0.0


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("postgres sql", "PostgreSQL"),
        ("vue roter", "Vue Router"),
        ("scikit lern", "scikit-learn"),
        ("tokio", "tokio-rs"),
    ],
)
def test_a_slip_in_one_of_several_words_is_one(wanted: str, name: str) -> None:
    assert name_score(wanted, "/acme/docs", name, ()) >= CONFIDENT


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [("Flask", MatchKind.NAME), ("falsk", MatchKind.SPELLING), ("pallets", MatchKind.OWNER)],
)
def test_a_match_says_what_it_is_by(wanted: str, kind: MatchKind) -> None:
    names = [
        known_name("/pallets/flask", form, source, 0)
        for form, source in library_forms("/pallets/flask", "Flask", ()).items()
    ]
    (found,) = rank(asked_forms(wanted), names)
    assert found.match is kind


@pytest.mark.parametrize("half", ["development", "held-out"])
def test_real_names_find_their_libraries_and_unknown_ones_are_told_so(half: str) -> None:
    libraries = [orjson.loads(line) for line in (DATA / "catalogue.jsonl").read_bytes().splitlines()]
    known = [
        known_name(library["id"], form, source, library["popularity"])
        for library in libraries
        for form, source in library_forms(library["id"], library["title"], library["aliases"]).items()
    ]
    rows = [
        row for line in (DATA / "names.jsonl").read_bytes().splitlines() if (row := orjson.loads(line))["half"] == half
    ]
    firsts = [next(iter(rank(asked_forms(row["name"]), known)), None) for row in rows]
    is_right = [
        (first.library_id if first else None) == row["expected"] for first, row in zip(firsts, rows, strict=True)
    ]
    wrong = [
        first for first, right in zip(firsts, is_right, strict=True) if not right and first and first.score >= CONFIDENT
    ]
    assert sum(is_right) >= 0.97 * len(rows)
    assert len(wrong) <= 0.01 * len(rows)


@given(st.text(max_size=100), st.text(max_size=100))
def test_scores_stay_between_zero_and_one(wanted: str, name: str) -> None:
    assert 0.0 <= name_score(wanted, "/org/project", name, (wanted[:50],)) <= 1.0
