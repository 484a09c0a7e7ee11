"""How well a name fits a library: exact before alias before part before alike."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

_NOT_NAME = re.compile(r"[^a-z0-9+#]+")
_DECORATION = re.compile(r"(?:^(?:the|python|node)-?)|(?:[.\-_ ]?(?:js|py|docs|documentation|lang|sdk|api))$")

EXACT, WHOLE_PART, PART, ALIKE = 1.0, 0.9, 0.75, 0.6
THRESHOLD = 0.45
"""Below this a library is not offered at all: a wrong library costs the caller more than an honest no."""


def plain(name: str) -> str:
    """Gives a name without case and punctuation: `Next.js`, `next js` and `nextjs` are one."""
    return _NOT_NAME.sub("", name.lower())


def name_score(wanted: str, library_id: str, name: str, aliases: Sequence[str]) -> float:
    """Gives 0..1 for how well `wanted` names the library."""
    if not plain(wanted):
        return 0.0
    if wanted.strip().lower().strip("/") == library_id.lower().strip("/"):
        return EXACT
    _, organisation, project = library_id.split("/", 2)
    candidates = [name, project, f"{organisation} {project}", *aliases]
    best = max(_pair_score(wanted, candidate) for candidate in candidates)
    # The organisation alone ("django" for /django/docs) means the library as well, a little less surely.
    return max(best, 0.95 * _pair_score(wanted, organisation))


def _pair_score(wanted: str, candidate: str) -> float:
    left, right = plain(wanted), plain(candidate)
    if not right:
        return 0.0
    if left == right:
        return EXACT
    if _core(wanted) == _core(candidate):
        return 0.97
    left_words, right_words = _words(wanted), _words(candidate)
    if left_words and right_words and (left_words <= right_words or right_words <= left_words):
        return WHOLE_PART * _share(left_words, right_words)
    if len(left) > 3 and len(right) > 3 and (left in right or right in left):  # noqa: PLR2004 - shorter parts are chance
        return PART * min(len(left), len(right)) / max(len(left), len(right)) ** 0.9
    ratio = SequenceMatcher(None, left, right, autojunk=False).ratio()
    return ratio if ratio >= 0.8 else ratio * ALIKE  # noqa: PLR2004 - a typo or two leave four letters of five


def _core(name: str) -> str:
    return plain(_DECORATION.sub("", name.lower())) or plain(name)


def _words(name: str) -> set[str]:
    return {word for word in _NOT_NAME.split(name.lower()) if word}


def _share(left: set[str], right: set[str]) -> float:
    return 0.5 + 0.5 * len(left & right) / len(left | right)
