"""Limits on markup before it is parsed: some pages are made to take a parser hours or all memory."""

import re
from collections import Counter
from itertools import accumulate
from operator import sub

from core.elements import ANNOTATIONS, DEFINITIONS, FOREIGN, FORMATTING, ITEMS, UNNESTED, name_of
from core.nesting import open_at_once

MAX_TAGS = 400_000
"""Of one page, opening and closing; each element takes a parser up to half a kilobyte. The largest of real pages have a
third of that."""

MAX_NESTING = 400
MIN_REOPENED, MAX_REOPENED, REOPENED_PER_CHAR = 1_000_000, 2_500_000, 0.6
"""Elements for formatting that may be open at once, times tags: a parser makes up to half as many of them, of 180 bytes
each. Pages of megabytes may have more: one of 3.7 has 1.9 million."""

MAX_TAG_CHARS = 60_000
MAX_WORDS = 20_000
"""Of one tag that may be text of a script."""

MIN_STEPS, MAX_STEPS, STEPS_PER_CHAR = 60_000_000, 250_000_000, 600
"""Elements that may be open at once, times tags: what a parser does for 60 million takes up to a seventh of a second.
Long pages may take longer: one full of drawings has 62 million in 660 000 characters."""

_TAG = re.compile(r"</?[a-zA-Z][^\s/>]*")
_OPAQUE = re.compile(r"<(script|style|svg|textarea|title)\b", re.IGNORECASE)
_MAX_FORMATTING_CHARS = 300
_INITIALS, _TAILS = ("|".join(sorted({name[part] for name in FORMATTING})) for part in (slice(0, 1), slice(1, None)))
# A few more names than those, which does no harm, in half of the time.
_FORMATTING_TAG = re.compile(rf"<((?i:{_INITIALS})(?=(?i:{_TAILS})[\s/>])[^>]{{0,{_MAX_FORMATTING_CHARS}}})")
_PLAIN_TAG = re.compile(r"""\w+(?:[\t\n\f\r ]+[\w:-]+(?:="[^"]*"|='[^']*'|=[\w.#%-]+)?)*[\t\n\f\r ]*""")
_MOST_EQUAL = 3
"""Of equal elements for formatting, those that a parser opens again. Source: HTML Standard, 13.2.4.3 (the Noah's Ark
clause)."""

_FEW_TAGS = 1000
_KINDS = {"F": FORMATTING, "S": FOREIGN, "I": ITEMS, "D": DEFINITIONS, "A": ANNOTATIONS, "U": UNNESTED}
_NESTED = "NFS"
_MOST_ROUNDS = 64
"""In which what is closed is taken away from the inside out; real pages are done in thirty."""

_MOST_TAGS, _LONGEST_KEPT = 10_000, 20


class _Letters(dict[str, str]):
    """Opening or closing tag -> the letter of its kind, a capital where it opens; keeps some of those it was asked for.

    N is what nests and is of no other kind. To count letters takes a tenth of the time of counting tags.
    """

    def __missing__(self, tag: str) -> str:
        name = name_of(tag)
        kind = next((letter for letter, names in _KINDS.items() if name in names), "N")
        letter = kind.lower() if tag.startswith("</") else kind
        if len(self) < _MOST_TAGS and len(tag) <= _LONGEST_KEPT:
            self[tag] = letter
        return letter


_LETTERS = _Letters()
_BRACKETS = {ord(letter): bracket for kind in _NESTED for letter, bracket in ((kind, "("), (kind.lower(), ")"))} | {
    ord(letter): None for kind in "IDAU" for letter in (kind, kind.lower())
}


def is_parsable(html: str) -> bool:
    """Whether a parser reads this in time linear to its length: number, depth and length of tags are bounded."""
    most_tags = html.count("<")
    if most_tags > MAX_TAGS:
        return False
    if most_tags <= _FEW_TAGS:  # also all in each other they cost nothing
        return _longest_tag(html) <= MAX_TAG_CHARS or _is_bounded_but_for_opaque(html)
    tags = _TAG.findall(html)
    letters = _spelled(tags)
    return (_is_bounded(html, letters) or _is_bounded_but_for_opaque(html)) and _is_cheap(html, tags, letters)


def _spelled(tags: list[str]) -> str:
    return "".join(map(_LETTERS.__getitem__, tags))


def _is_cheap(html: str, tags: list[str], letters: str) -> bool:
    """Whether a parser has little to do also where it does not obey all closing tags."""
    count = len(tags)
    most_steps = min(max(MIN_STEPS, STEPS_PER_CHAR * len(html)), MAX_STEPS)
    most_reopened = min(max(MIN_REOPENED, REOPENED_PER_CHAR * len(html)), MAX_REOPENED)
    formatting = letters.count("F")
    if formatting * count > most_reopened:
        formatting = _told_apart(html)
    if _opened(letters) * count <= most_steps and formatting * count <= most_reopened:
        return True
    most = open_at_once(html, tags)
    return most.elements * count <= most_steps and min(formatting, most.formatting) * count <= most_reopened


def _opened(letters: str) -> int:
    """Gives an upper bound for the elements that are open at once if none is closed."""
    if "S" in letters:
        return sum(map(letters.count, "NFSIDAU"))
    items, definitions, annotations = map(letters.count, "IDA")
    return sum(map(letters.count, _NESTED)) + 2 * min(items, definitions) + annotations


def _told_apart(html: str) -> int:
    """Gives an upper bound for the elements for formatting that a parser has to open again at once."""
    counts = Counter(_FORMATTING_TAG.findall(html))
    return sum(min(count, _MOST_EQUAL) if _is_plain(tag) else count for tag, count in counts.items())


def _is_plain(tag: str) -> bool:
    """Whether a tag surely ends at the first angle bracket after it, so that those that read the same are the same."""
    return len(tag) < _MAX_FORMATTING_CHARS and _PLAIN_TAG.fullmatch(tag) is not None


def _is_bounded(html: str, letters: str) -> bool:
    return _depth(letters) <= MAX_NESTING and _longest_tag(html) <= MAX_TAG_CHARS


def _is_bounded_but_for_opaque(html: str) -> bool:
    """Tells the same without what looks opaque, bounded for the case that a parser sees markup there."""
    bare = _without_opaque(html)
    return _is_bounded(bare, _spelled(_TAG.findall(bare))) and _most_words(html) <= MAX_WORDS


def _depth(letters: str) -> int:
    """Gives how deep a page nests, at most, if a parser obeys all closing tags."""
    left, rounds = letters.translate(_BRACKETS), 0
    while "()" in left and rounds < _MOST_ROUNDS:
        left, rounds = left.replace("()", ""), rounds + 1
    sums = list(accumulate((1 if bracket == "(" else -1 for bracket in left), initial=0))
    return rounds + max(map(sub, sums, accumulate(sums, min)))


def _most_words(html: str) -> int:
    """Gives an upper bound for the number of attributes of one tag."""
    long_parts = (part for part in html.split(">") if len(part) > MAX_WORDS and "<" in part)
    return max((len(part.partition("<")[2].split()) for part in long_parts), default=0)


def _longest_tag(html: str) -> int:
    """Gives an upper bound for the attributes of one tag, in characters outside of quotes."""
    if not _has_long_part(html):
        return 0
    long_parts = [part for part in html.split(">") if len(part) > MAX_TAG_CHARS]
    tags = [part[match.start() :] for part in long_parts if (match := _TAG.search(part))]
    return max((len(re.sub(r'"[^"]*"', "", tag)) for tag in tags), default=0)


def _has_long_part(html: str) -> bool:
    """Whether two `>` are further apart than a tag may be long; looks only at the last one within each such stretch."""
    start = 0
    while len(html) - start > MAX_TAG_CHARS:
        end = html.rfind(">", start, start + MAX_TAG_CHARS + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def _without_opaque(html: str) -> str:
    """Gives the HTML without scripts, styles, drawings and comments, whose inside is no markup to nest."""
    kept: list[str] = []
    position = 0
    lowered = html.lower()
    while (start := _OPAQUE.search(html, position)) is not None:
        kept.append(html[position : start.start()])
        end = lowered.find(f"</{start[1].lower()}", start.end())
        if end < 0:
            return "".join(kept)
        position = end
    return "".join([*kept, html[position:]])
