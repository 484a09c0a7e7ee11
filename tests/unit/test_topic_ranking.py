from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from indexer.catalogue.names import THRESHOLD, MatchKind
from indexer.catalogue.topics import rank_topics, shortlist, topic_text
from indexer.queries.topics import DueTopic, Topic
from indexer.vectors import Candidate
from indexer.vectors.words import question_words

CONTENT = "Widget: paints widgets in any colour\nBrushes, Canvas\npython"
OLD, NEW = (datetime(year, 1, 1, tzinfo=UTC) for year in (2024, 2026))


def topic(name: str, content: str = CONTENT, *, popularity: int = 0, snippets: int = 0, at: datetime = OLD) -> Topic:
    return Topic(f"/acme/{name}", uuid4(), 1, content, popularity, snippets, at)


def ranked(wanted: str, topics: Sequence[Topic], dense: float | None) -> list[str]:
    words = frozenset(question_words(wanted).indices)
    candidates = {one.point_id: Candidate(one.point_id, body=1.0, dense=dense) for one in topics}
    return [found.library_id for found in rank_topics(words, topics, candidates, by_meaning=dense is not None)]


@pytest.mark.parametrize(
    ("wanted", "dense", "is_found"),
    [
        ("paint widgets in python", 0.6, True),
        ("paint widgets in python", None, False),
        ("widgets colour python", None, True),
        ("knit socks by hand", 0.6, False),
        ("knit socks by hand", 0.7, True),
        ("widgets colour python", 0.1, False),
    ],
)
def test_a_library_is_guessed_at_only_where_meaning_and_words_are_near_enough(
    wanted: str, dense: float | None, *, is_found: bool
) -> None:
    assert bool(ranked(wanted, [topic("widget")], dense)) is is_found


def test_a_guess_scores_below_any_name_and_says_what_it_is() -> None:
    one = topic("widget")
    words = frozenset(question_words("widgets colour python").indices)
    found = rank_topics(words, [one], {one.point_id: Candidate(one.point_id, dense=1.0)}, by_meaning=True)
    assert found[0].score < THRESHOLD
    assert found[0].match is MatchKind.TOPIC


def test_popularity_then_coverage_then_freshness_decide_between_libraries_about_the_same() -> None:
    topics = [
        topic("fresh", at=NEW),
        topic("stale"),
        topic("broad", snippets=90),
        topic("popular", popularity=5),
    ]
    assert ranked("widgets colour python", topics, 0.5) == [
        "/acme/popular",
        "/acme/broad",
        "/acme/fresh",
        "/acme/stale",
    ]


def test_the_nearer_library_comes_before_the_more_popular_one() -> None:
    near, popular = topic("near"), topic("popular", "Gadget: paints gadgets in python colour", popularity=99)
    assert ranked("widgets colour python", [popular, near], 0.5)[0] == "/acme/near"


def test_the_shortlist_is_bounded_and_has_what_any_field_finds_best() -> None:
    ids = [UUID(int=number) for number in range(200)]
    words = [Candidate(id_, body=float(number)) for number, id_ in enumerate(ids[:100])]
    meanings = [Candidate(id_, dense=number / 250) for number, id_ in enumerate(ids[100:])]
    chosen = shortlist([*words, *meanings])
    assert len(chosen) == 50
    assert {ids[99], ids[199]} <= set(chosen)


def test_a_topic_is_bounded_and_holds_name_description_tags_pages_and_languages() -> None:
    pages = tuple(f"Page {number} {'x' * 500}" for number in range(24))
    metadata = {"description": "Paints widgets.", "tags": ["painting"]}
    text = topic_text(DueTopic("/a/b", uuid4(), 1, "Widget", metadata, ("Page 0", *pages), ("python",)))
    assert text.startswith("Widget: Paints widgets.\npainting\nPage 0, Page 0 xx")
    assert text.endswith("\npython")
    assert len(text) < 2500
