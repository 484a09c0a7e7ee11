"""The words of a passage and of what is said about it."""

from uuid import UUID

import pytest

from indexer.vectors.words import body_words, passage_words


def test_what_other_pages_say_counts_half_and_adds_to_the_words_of_the_passage() -> None:
    own, said = body_words("zebra crossing"), body_words("zebra stripes")
    weights = dict(zip(own.indices, own.values, strict=True))
    for index, value in zip(said.indices, said.values, strict=True):
        weights[index] = weights.get(index, 0.0) + value / 2
    both = passage_words("zebra crossing", "zebra stripes")
    assert dict(zip(both.indices, both.values, strict=True)) == pytest.approx(weights)


def test_a_passage_nobody_links_to_has_its_own_words_alone() -> None:
    assert passage_words("zebra crossing", "") == body_words("zebra crossing")


def test_a_word_is_another_term_in_each_version_and_the_same_term_within_one() -> None:
    words = body_words("zebra crossing")
    first, second = words.within(UUID(int=1)), words.within(UUID(int=2))
    assert set(first.indices).isdisjoint(second.indices)
    assert first == words.within(UUID(int=1))
    assert first.values == second.values == words.values
    assert len(set(first.indices)) == len(words.indices)
