"""Fields switched off: what a ranking then knows of a passage."""

from uuid import UUID

import pytest

from core.errors import InvalidInput
from indexer.evaluation.configurations import CONFIGURATIONS, fields_of, seen_by
from indexer.search.fusion import rank
from indexer.search.question import read_question
from indexer.vectors import Candidate

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)
FOUND = (
    Candidate(A, body=9.0, head=2.0, symbols=1.0, dense=0.1),
    Candidate(B, body=3.0, dense=0.9),
    Candidate(C, symbols=1.0),
)


def test_as_served_nothing_is_changed() -> None:
    assert seen_by(fields_of("served"), FOUND) == FOUND


def test_a_field_that_is_off_says_nothing() -> None:
    assert seen_by(fields_of("without-symbols"), FOUND) == (
        Candidate(A, body=9.0, head=2.0, dense=0.1),
        Candidate(B, body=3.0, dense=0.9),
    )


def test_meaning_alone_ranks_by_meaning() -> None:
    question = read_question("anything at all", 100)
    assert [one.id for one in rank(question, seen_by(fields_of("meaning"), FOUND))] == [B, A]
    assert [one.id for one in rank(question, seen_by(fields_of("words"), FOUND))] == [A, B]


def test_a_library_that_is_being_embedded_has_a_quarter_of_its_vectors() -> None:
    found = [Candidate(UUID(int=number), body=1.0, dense=0.5) for number in range(8)]
    seen = seen_by(fields_of("partly-embedded"), found)
    assert [one.id.int for one in seen if one.dense is not None] == [0, 4]
    assert [one.body for one in seen] == [1.0] * 8


def test_what_is_hidden_is_as_if_it_were_not_there() -> None:
    assert [one.id for one in seen_by(fields_of("served"), FOUND, {A})] == [B, C]


def test_no_configuration_uses_a_field_that_is_none() -> None:
    assert all(used <= fields_of("served") for used in CONFIGURATIONS.values())


def test_what_is_linked_to_is_not_found_by_that() -> None:
    linked = Candidate(A, body=9.0, prominence=0.5), Candidate(B, dense=0.9, prominence=0.9)
    assert seen_by(fields_of("without-meaning"), linked) == linked[:1]
    assert seen_by(fields_of("without-prominence"), linked) == (Candidate(A, body=9.0), Candidate(B, dense=0.9))


def test_an_unknown_configuration_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"'guess'\. There are: served, words"):
        fields_of("guess")
