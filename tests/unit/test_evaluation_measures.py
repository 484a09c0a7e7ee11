"""Measures by hand-computed cases, and intervals of cases whose answer is known."""

import math

import pytest

from indexer.evaluation.comparison import difference_of, differences_of, figures_of, interval_of
from indexer.evaluation.measures import MEASURES, Outcome, Place, values_of

PAGE = "http://docs.test/a.html"


def outcome(*found: str, gold: tuple[Place, ...], answered: tuple[str, ...] = ()) -> Outcome:
    return Outcome(found, answered, gold, tokens=700, milliseconds=12.5)


def place(anchor: str, page: str = PAGE) -> Place:
    return Place((page,), (f"{page}#{anchor}",) if anchor else None)


def test_a_section_counts_where_its_first_passage_stands() -> None:
    found = (f"{PAGE}#other", f"{PAGE}#other", f"{PAGE}#right", f"{PAGE}#right")
    values = values_of(outcome(*found, gold=(place("right"),)))
    assert values["mrr_10"] == 1 / 2
    assert values["section_recall_10"] == values["page_recall_5"] == 1
    assert values["ndcg_10"] == pytest.approx(1 / math.log2(3))


def test_ndcg_is_by_its_definition() -> None:
    found = ("x#1", f"{PAGE}#one", "x#2", f"{PAGE}#two")
    values = values_of(outcome(*found, gold=(place("one"), place("two"), place("three"))))
    gained = 1 / math.log2(3) + 1 / math.log2(5)
    ideal = 1 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert values["ndcg_10"] == pytest.approx(gained / ideal)


def test_everything_in_the_right_order_is_a_one() -> None:
    values = values_of(outcome(f"{PAGE}#one", f"{PAGE}#two", gold=(place("two"), place("one"))))
    assert values["ndcg_10"] == pytest.approx(1)
    assert values["mrr_10"] == 1


def test_a_whole_page_is_found_once_however_many_of_its_sections_are() -> None:
    values = values_of(outcome(f"{PAGE}#one", f"{PAGE}#two", gold=(place(""), place("", "http://docs.test/b.html"))))
    assert values["ndcg_10"] == pytest.approx(1 / (1 + 1 / math.log2(3)))


def test_the_right_anchor_on_another_page_is_wrong() -> None:
    values = values_of(outcome("http://docs.test/b.html#right", gold=(place("right"),)))
    assert values["page_recall_5"] == values["section_recall_10"] == values["mrr_10"] == values["ndcg_10"] == 0


def test_the_sixth_page_and_the_eleventh_section_are_too_late() -> None:
    late_page = [f"http://docs.test/{number}.html" for number in range(5)]
    assert values_of(outcome(*late_page, f"{PAGE}#right", gold=(place("right"),)))["page_recall_5"] == 0
    late_section = [f"{PAGE}#{number}" for number in range(10)]
    values = values_of(outcome(*late_section, f"{PAGE}#right", gold=(place("right"),)))
    assert values["page_recall_5"] == 1
    assert values["section_recall_10"] == values["mrr_10"] == values["ndcg_10"] == 0


def test_what_was_found_but_not_answered_is_no_answer() -> None:
    values = values_of(outcome(f"{PAGE}#right", gold=(place("right"),), answered=(f"{PAGE}#other",)))
    assert (values["section_recall_10"], values["answer_recall"]) == (1, 0)
    assert (values["tokens"], values["milliseconds"]) == (700, 12.5)


def test_gold_that_is_nowhere_in_the_index_is_never_found() -> None:
    values = values_of(outcome("http://docs.test/b.html", gold=(Place((), None), Place((PAGE,), ()))))
    assert values["page_recall_5"] == values["ndcg_10"] == 0


def test_nothing_found_is_zero_throughout() -> None:
    values = values_of(outcome(gold=(place("right"),)))
    assert not any(values[name] for name in ("page_recall_5", "section_recall_10", "mrr_10", "ndcg_10"))


def test_the_same_against_itself_differs_by_nothing() -> None:
    values = [0.0, 1.0, 1.0, 0.5, 0.25] * 10
    same = difference_of(values, values, "mean")
    assert (same.value, same.low, same.high) == (0, 0, 0)
    assert not same.is_distinguishable


def test_what_is_clearly_better_excludes_nothing() -> None:
    worse = [0.0, 0.5] * 50
    better = difference_of([value + 0.4 + 0.01 * (number % 3) for number, value in enumerate(worse)], worse, "mean")
    assert better.low > 0.39
    assert better.high < 0.43
    assert better.is_distinguishable
    assert difference_of(worse, [value + 0.4 for value in worse], "mean").is_distinguishable


def test_a_difference_that_chance_explains_is_not_distinguishable() -> None:
    one, other = [1.0, 0.0] * 20, [0.0, 1.0] * 19 + [1.0, 0.0]
    assert not difference_of(one, other, "mean").is_distinguishable


def test_pairing_finds_a_difference_that_lies_within_both_intervals() -> None:
    hard_and_easy = [0.1, 0.9] * 30
    better = [value + 0.02 for value in hard_and_easy]
    assert interval_of(hard_and_easy, "mean").high > interval_of(better, "mean").low
    assert difference_of(better, hard_and_easy, "mean").is_distinguishable


def test_an_interval_is_the_same_every_time_and_as_wide_as_theory_says() -> None:
    values = [0.0, 1.0] * 50
    interval = interval_of(values, "mean")
    uneven = [number**0.5 for number in range(30)]
    assert interval_of(uneven, "mean") == interval_of(uneven, "mean")
    assert interval.value == 0.5
    # A proportion of a half among 100: 1.96 standard errors of 0.05 each way.
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 0.05, rel=0.1)


def test_percentiles_are_of_the_questions() -> None:
    values = [float(number) for number in range(101)]
    assert interval_of(values, "p50").value == 50
    assert interval_of(values, "p99").value == 99


def test_every_measure_has_a_figure_and_a_difference() -> None:
    rows = [values_of(outcome(f"{PAGE}#right", gold=(place("right"),)))] * 3
    assert figures_of(rows).keys() == differences_of(rows, rows).keys() == MEASURES.keys()
    assert figures_of(rows)["tokens"].value == 700
