"""What a question is like, before anything is searched: does it name things, or describe them?"""

import re
from dataclasses import dataclass

from core.errors import InvalidInput

_CODE_LIKE = re.compile(
    r"""
      `[^`]+`                          # in backticks
    | \b\w+\(\)?                       # a call
    | \b[A-Za-z_]\w*(?:\.\w+)+\b       # dotted
    | \b\w*[a-z0-9]_[a-z0-9]\w*\b      # snake_case
    | \b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b    # CONSTANT_CASE
    | \b[a-z]+[A-Z]\w*\b               # camelCase
    | \b(?:[A-Z][a-z0-9]+){2,}\b       # PascalCase
    | (?<!\S)--?[a-z][\w-]*            # an option
    | @\w+ | \#\[?\w+ | ::             # decorators, attributes, paths
    """,
    re.VERBOSE,
)
_UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""Controls, and halves of characters, which no encoding has."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question ready to be searched: its text, and whether it names symbols."""

    text: str
    names_symbols: bool

    @property
    def word_count(self) -> int:
        """The number of words."""
        return self.text.count(" ") + 1


def cleaned(text: str) -> str:
    """Gives the words of a text with one space between them, without characters that nobody writes."""
    return " ".join(_UNSPEAKABLE.sub(" ", text).split())


def read_question(text: str, max_chars: int) -> Question:
    """Cleans a question and looks at it.

    Raises:
        InvalidInput: Nothing is left, or it is longer than `max_chars`.
    """
    said = cleaned(text)
    if not said:
        raise InvalidInput("The question is empty. Say in a few words what you want to know.")
    if len(said) > max_chars:
        raise InvalidInput(
            f"The question has {len(said)} characters, {max_chars} are the limit. Ask for one thing at a time."
        )
    return Question(said, _CODE_LIKE.search(said) is not None)
