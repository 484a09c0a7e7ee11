"""What an operator reads of a rule that is wrong."""

import pytest

from core.errors import InvalidInput
from crawler.rules import rules_from_json


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"main": "div["}, "The crawl rule main is not valid: 'div[' is not a CSS selector."),
        ({"connections": 9}, "The crawl rule connections is not valid: Input should be less than or equal to 4."),
    ],
)
def test_a_wrong_rule_is_named_with_our_own_words(rules: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        rules_from_json(rules)
    assert raised.value.message == words
