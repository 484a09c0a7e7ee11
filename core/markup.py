"""Limits on markup before it is parsed: some pages are made to take a parser hours or all memory."""

import re
from collections import Counter
from itertools import accumulate
from operator import sub

from core.nesting import name_of, open_at_once

MAX_TAGS = 400_000
"""Of one page, opening and closing; each element takes a parser up to half a kilobyte. The largest of real pages have a
third of that."""

MAX_NESTING = 400
MAX_REOPENED = 5_000_000
MAX_TAG_CHARS = 60_000
MAX_WORDS = 20_000
"""Of one tag that may be text of a script."""

MIN_STEPS, MAX_STEPS, STEPS_PER_CHAR = 20_000_000, 200_000_000, 200
"""Elements that may be open at once, times tags: what a parser does for 20 million takes a tenth of a second. Long
pages may take longer: one full of drawings has 62 million in 660 000 characters."""

_TAG = re.compile(r"</?[a-zA-Z][^\s/>]*")
_OPAQUE = re.compile(r"<(script|style|svg|textarea|title)\b", re.IGNORECASE)
# Elements that end by themselves where the next one begins, or have no content.
_UNNESTED_WORDS = (
    "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option "
    "optgroup colgroup rt rp a html head body"
)
_UNNESTED = frozenset(_UNNESTED_WORDS.split())
# A parser opens these again in each block that follows. Source: HTML Standard, 13.2.4.3.
_FORMATTING_WORDS = "b big code em font i nobr s small strike strong tt u"
_FORMATTING = frozenset(_FORMATTING_WORDS.split())
_MOST_WEIGHTS, _LONGEST_KEPT = 10_000, 20


class _Weights(dict[str, int]):
    """Opening or closing tag -> +1, -1, or 0 for names that do not count; keeps some of those it was asked for."""

    def __init__(self, names: frozenset[str], *, counts_others: bool) -> None:
        super().__init__()
        self._names = names
        self._counts_others = counts_others

    def __missing__(self, tag: str) -> int:
        counts = (name_of(tag) in self._names) != self._counts_others
        weight = 0 if not counts else -1 if tag.startswith("</") else 1
        if len(self) < _MOST_WEIGHTS and len(tag) <= _LONGEST_KEPT:
            self[tag] = weight
        return weight


_NESTING = _Weights(_UNNESTED, counts_others=True)
_REOPENING = _Weights(_FORMATTING, counts_others=False)


def _opened(counts: Counter[str], weights: _Weights) -> int:
    return sum(count for tag, count in counts.items() if weights[tag] > 0)


def is_parsable(html: str) -> bool:
    """Whether a parser reads this in time linear to its length: number, depth and length of tags are bounded."""
    if html.count("<") > MAX_TAGS:
        return False
    tags = _TAG.findall(html)
    return (_is_bounded(html, tags) or _is_bounded_but_for_opaque(html, tags)) and _is_cheap(html, tags)


def _is_cheap(html: str, tags: list[str]) -> bool:
    """Whether a parser has little to do also where it does not obey all closing tags."""
    count = len(tags)
    if count * count <= MAX_REOPENED:
        return True
    counts, most_steps = Counter(tags), _most_steps(html)
    if _opened(counts, _NESTING) * count <= most_steps and _opened(counts, _REOPENING) * count <= MAX_REOPENED:
        return True
    most = open_at_once(html, tags, _UNNESTED, _FORMATTING)
    return most.nested * count <= most_steps and most.formatting * count <= MAX_REOPENED


def _most_steps(html: str) -> int:
    return min(max(MIN_STEPS, STEPS_PER_CHAR * len(html)), MAX_STEPS)


def _is_bounded_but_for_opaque(html: str, tags: list[str]) -> bool:
    """Tells the same without what looks opaque, bounded for the case that a parser sees markup there."""
    bare = _without_opaque(html)
    seen = _TAG.findall(bare)
    hidden = Counter(tags) - Counter(seen)
    formatting = _opened(hidden, _REOPENING)
    is_cheap = hidden.total() * len(tags) <= _most_steps(html) and formatting * len(tags) <= MAX_REOPENED
    return is_cheap and _is_bounded(bare, seen) and _most_words(html) <= MAX_WORDS


def _most_words(html: str) -> int:
    """Gives an upper bound for the number of attributes of one tag."""
    long_parts = (part for part in html.split(">") if len(part) > MAX_WORDS and "<" in part)
    return max((len(part.partition("<")[2].split()) for part in long_parts), default=0)


def _is_bounded(html: str, tags: list[str]) -> bool:
    nesting = _peak(tags, _NESTING)
    if nesting > MAX_NESTING or _longest_tag(html) > MAX_TAG_CHARS:
        return False
    if nesting * len(tags) <= MAX_REOPENED:
        return True
    return _peak(tags, _REOPENING) * len(tags) <= MAX_REOPENED


def _peak(tags: list[str], weights: _Weights) -> int:
    """Gives the highest rise of the running sum of weights above its lowest value before, or a small bound of it."""
    sums = list(accumulate(map(weights.__getitem__, tags), initial=0))
    spread = max(sums) - min(sums)
    if spread <= MAX_NESTING and spread * len(tags) <= MAX_REOPENED:
        return spread
    return max(map(sub, sums, accumulate(sums, min)))


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
