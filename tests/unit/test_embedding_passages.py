"""The text whose meaning stands for a passage."""

from indexer.embedding.passages import passage_text

WHERE = {"page_title": "Tasks", "section": ["Tasks", "Running"]}


def test_it_is_where_a_passage_stands_and_what_it_says_without_its_code() -> None:
    content = (
        "```python\nasync def gather(*aws)\n```\n\nRun *aws* at\nonce.\n\n````\n```\ncode\n````\n\nReturns a list."
    )
    assert passage_text(WHERE, content) == "Tasks \u203a Running: Run *aws* at once. Returns a list."


def test_of_a_long_passage_it_has_the_first_whole_sentences() -> None:
    sentence = "This sentence has exactly fifty characters in it. "
    assert passage_text(WHERE, sentence * 30) == "Tasks \u203a Running: " + (sentence * 9).rstrip()
    assert passage_text(WHERE, "x" * 1000).endswith(": " + "x" * 450)


def test_a_passage_of_nothing_but_code_stands_for_its_code() -> None:
    assert passage_text(WHERE, "```\nf()\n```") == "Tasks \u203a Running: ```\nf()\n```"
