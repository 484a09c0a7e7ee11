"""Files of questions: what is read, and how each mistake is named."""

import pytest

from core.errors import InvalidInput
from indexer.evaluation import questions
from indexer.evaluation.questions import masked_questions, read_questions

GOOD = b'{"id": "a", "query": "How?", "masked": "?", "gold": [{"path": "a.html", "anchor": "x"}], "from": "b.html"}'


def test_a_question_is_read_with_its_places_and_empty_lines_are_passed_over() -> None:
    read = read_questions([GOOD, b"  \n"])
    assert (read[0].source, read[0].gold[0].path, read[0].gold[0].anchor) == ("b.html", "a.html", "x")


def test_a_question_needs_no_more_than_query_and_gold() -> None:
    [question] = read_questions([b'{"id": "a", "query": "How?", "gold": [{"path": "a.html"}], "note": 1}'])
    assert (question.masked, question.source, question.gold[0].anchor) == (None, None, "")


def test_a_mark_of_byte_order_before_the_first_line_is_no_fault() -> None:
    assert read_questions([b"\xef\xbb\xbf" + GOOD]) == read_questions([GOOD])
    assert read_questions([b"\xef\xbb\xbf\r\n", GOOD]) == read_questions([GOOD])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "Line 2 is not JSON"),
        (b"\xff", "Line 2 is not JSON"),
        (b"[]", "Line 2 is no question"),
        (b'{"id": "b", "query": "How?"}', "Line 2 is no question: gold: Field required"),
        (b'{"id": "b", "query": "", "gold": [{"path": "a"}]}', "Line 2 is no question: query"),
        (b'{"id": "b", "query": "How?", "gold": []}', "Line 2 is no question: gold"),
        (b'{"id": "b", "query": "How?", "gold": [{"anchor": "a"}]}', r"Line 2 is no question: gold\.0\.path"),
        (b'{"id": "b", "query": "%s", "gold": [{"path": "a"}]}' % (b"x" * 4001), "Line 2 is no question: query"),
        (b'{"id": "b", "query": "How?", "gold": [%s]}' % b",".join([b'{"path": "a"}'] * 51), "Line 2 .* gold"),
        (GOOD, "Line 2: the id 'a' is there twice"),
        (b" " * 262_145 + b"{}", "Line 2 is longer than"),
    ],
)
def test_a_wrong_line_is_named_by_its_number(line: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_questions([GOOD, line])


def test_a_file_without_questions_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no question"):
        read_questions([b"", b"\n"])


def test_a_file_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST_QUESTIONS", 3)
    lines = (GOOD.replace(b'"a"', b'"%d"' % number) for number in range(10**9))
    with pytest.raises(InvalidInput, match="Line 4: there are more than 3"):
        read_questions(lines)


def test_asking_without_names_needs_that_form_of_every_question() -> None:
    read = read_questions([GOOD, b'{"id": "b", "query": "How?", "gold": [{"path": "a.html"}]}'])
    assert masked_questions(read[:1])[0].query == "?"
    with pytest.raises(InvalidInput, match="'b' has no `masked` form"):
        masked_questions(read)
