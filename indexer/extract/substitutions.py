"""Names a document gives to texts, put in where it mentions them, within a budget."""

import re

_MAX_NAMES = 500
_MAX_CHARS = 300
_MAX_ADDED_CHARS = 500_000


class Substitutions:
    """Texts by name; a document cannot multiply itself through them, since what they add is bounded."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._budget = _MAX_ADDED_CHARS

    def define(self, name: str, text: str) -> None:
        """Remembers a text; too many and too long ones are left out."""
        if len(self._texts) < _MAX_NAMES and len(text) <= _MAX_CHARS:
            self._texts[name] = text

    def find(self, name: str) -> str | None:
        """Gives the text of a name while the budget lasts, None if there is none."""
        text = self._texts.get(name)
        if text is None or self._budget < len(text):
            return None
        self._budget -= len(text)
        return text

    def put_in(self, pattern: re.Pattern[str], text: str) -> str:
        """Gives the text with what the pattern's first group names put in; unknown names stay as they are."""
        return pattern.sub(lambda match: found if (found := self.find(match[1])) is not None else match[0], text)
