"""The benchmark of large indexes: which libraries they consist of, how passages are varied, what is drawn."""

from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from bench.scale.corpus import vary
from bench.scale.picture import Panel, draw
from bench.scale.shelves import shelves_for
from indexer.queries.chunks import ChunkRow

SIZES = {"large": 900, "middle": 300, "small": 20}


def rows(count: int) -> list[ChunkRow]:
    texts = [f"passage number{n} tells how option{n} works, see `call{n}()`" for n in range(count)]
    return [ChunkRow(UUID(int=n), n, text, "guide", "u", "u", 9, {"head": text[:20]}) for n, text in enumerate(texts)]


def test_the_libraries_add_up_to_the_passages_wanted_and_small_ones_stay_whole() -> None:
    shelves = shelves_for(SIZES, 501, 3)
    assert [(shelf.set_name, shelf.count) for shelf in shelves] == [("large", 240), ("middle", 241), ("small", 20)]


def test_more_libraries_than_sets_are_variations_with_names_of_their_own() -> None:
    shelves = shelves_for(SIZES, 2000, 6)
    assert sum(shelf.count for shelf in shelves) == 2000
    assert len({shelf.library for shelf in shelves}) == 6
    assert sorted(shelf.variation for shelf in shelves) == [0, 0, 0, 1, 1, 1]


def test_more_passages_than_there_are_is_an_error() -> None:
    with pytest.raises(ValueError, match="take more libraries"):
        shelves_for(SIZES, 2000, 3)


def test_a_variation_is_the_same_every_time_and_keeps_length_and_signs() -> None:
    original = rows(20)
    varied = list(vary(original, 3))
    assert varied == list(vary(original, 3))
    assert [row.content for row in varied] != [row.content for row in original]
    assert [len(row.content.split()) for row in varied] == [len(row.content.split()) for row in original]
    assert all(row.content.count("`") == 2 for row in varied)
    assert list(vary(original, 0)) == original


def test_a_picture_is_well_formed_and_knows_dark_pages() -> None:
    curves = {"p50 < p99": [(1000, 1.5), (100_000, 3.2), (1_000_000, 20.0)], "p99": [(1000, 4.0), (1_000_000, 50.0)]}
    text = draw([Panel("milliseconds & more", curves), Panel("one value", {"a": [(1000, 0.0)]})])
    tree = ET.fromstring(text)  # noqa: S314 - our own
    assert "prefers-color-scheme: dark" in text
    assert len([one for one in tree.iter() if one.tag.endswith("polyline")]) == 3
