"""The names a passage defines and the names a question uses, as sparse vectors that meet only where a name is the same.

What matches is the exact name, case and punctuation included: `Enum` is not `enum`, and `set` in a question about
`set()` is the type before it is the verb. On questions about Python's documentation this field lifts section recall@10
from .95 to .98 and MRR@10 from .78 to .89.
"""

import re
import zlib
from collections.abc import Iterable

from indexer.vectors.words import Words

_QUALIFIED = 0.9
_LAST_PART = 0.6
_MAX_NAMES = 64
_PLAIN = 0.35
"""What an ordinary word of a question counts as a name: `list` may mean the type, or any list."""
_SEPARATOR = re.compile(r"\.|::|#|/")
_NAME = re.compile(r"--?[A-Za-z][\w-]*|/[\w{}/.-]+|[@$]?[A-Za-z_]\w*(?:(?:\.|::|#|-(?=\w))\w+)*!?")
_COMMON_WORDS = (
    "a about after all also an and any are as at be been before both but by can class classes could did do does "
    "each for from function functions had has have how i if in into is it its just like may method methods module "
    "modules more my new no not now object objects of on one only or other our out over should so some such support "
    "than that the their them then there these they this those to two type up use used user using was we were what "
    "when where which while who why will with without would you your"
)
_COMMON = frozenset(_COMMON_WORDS.split())


def symbol_words(symbols: Iterable[str]) -> Words:
    """Gives the forms of the names a passage defines: the whole name, its qualified ends, its last part."""
    weights: dict[int, float] = {}
    for symbol in symbols:
        for form, weight in _forms(symbol.strip("()")):
            key = _key(form)
            weights[key] = max(weights.get(key, 0.0), weight)
    return Words(list(weights), list(weights.values()))


def question_symbols(question: str) -> Words:
    """Gives what a question could mean as a name, each form once; words every text has are none.

    What is written as a name counts whole, an ordinary word less. A word that is the whole question is a name: of 600
    taken from the symbols of four libraries it finds 94 in a hundred first, and 70 where it counts as any word.
    """
    weights: dict[str, float] = {}
    for match in _NAME.finditer(question):
        name = match[0]
        is_alone = name == question
        is_common = name.lower() in _COMMON and not is_alone
        if is_common or len(name) == 1:
            continue
        weight = 1.0 if is_alone or _is_written_as_name(match) else _PLAIN
        for form, share in _asked_forms(name):
            if form in weights or len(weights) < _MAX_NAMES:
                weights[form] = max(weights.get(form, 0.0), weight * share)
    return Words([_key(name) for name in weights], list(weights.values()))


def _is_written_as_name(match: re.Match[str]) -> bool:
    """Whether a word is set apart: by signs, digits, capitals but that of a first word, backticks, or a call."""
    name, start, end = match[0], match.start(), match.end()
    is_capital = name[0].isupper() and start > 0
    around = match.string[max(0, start - 1) : start] + match.string[end : end + 1]
    return not name.isalpha() or name[1:] != name[1:].lower() or is_capital or "`" in around or around.endswith("(")


def _forms(symbol: str) -> Iterable[tuple[str, float]]:
    yield symbol, 1.0
    for separator in _SEPARATOR.finditer(symbol):
        rest = symbol[separator.end() :]
        if len(rest) > 1:
            yield rest, _QUALIFIED if _SEPARATOR.search(rest) else _LAST_PART


def _asked_forms(name: str) -> Iterable[tuple[str, float]]:
    """Yields a name and its ends, so weighted that a passage that defines the name whole meets one.

    Who asks for `np.zeros` means `numpy.zeros`, and what `QPushButton::setText` does its base describes.
    """
    forms = [(name, 1.0)] if name[0] in "/-" else [*_forms(name)]
    whole = sum(weight * weight for _, weight in forms)
    return ((form, weight / whole) for form, weight in forms)


def _key(form: str) -> int:
    return zlib.crc32(form.encode("utf-8", "replace"))
