"""How many tokens a text costs a model, counted with the o200k_base vocabulary that ships in the package.

The vocabulary is read from `indexer/data`, never from the network, at the first count.
"""

import base64
import functools
import hashlib
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tiktoken
from numpy.typing import NDArray

from core.errors import Misconfigured

VOCABULARY_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""Source: tiktoken 0.14, tiktoken_ext/openai_public.py, o200k_base."""

MAX_EXACT_CHARS = 20_000
"""What is longer is counted in slices of so many characters."""

BREAK = "\n\n"
"""An empty line between two texts."""

_GOING_ON = ("", "/")
_MAX_WORD_CHARS = 50
VOCABULARY = Path(__file__).parent / "data" / "o200k_base.tiktoken"
_END_TOKENS = {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}
_CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
# Source: tiktoken 0.14, tiktoken_ext/openai_public.py, o200k_base.
_WORD_PATTERN = "|".join(
    [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + _CONTRACTIONS,
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + _CONTRACTIONS,
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)


def count_tokens(text: str) -> int:
    """Gives the number of tokens of a text; words that look like control tokens count as plain text.

    A longer text is counted in slices, since one endless word would take the encoder seconds; each cut may add a token.

    Raises:
        Misconfigured: The vocabulary file is missing or is not the published one.
    """
    encode = _vocabulary().encoding.encode_ordinary
    return len(encode(text)) if len(text) <= MAX_EXACT_CHARS else sum(len(encode(part)) for part in _slices(text))


def count_parts(parts: Sequence[str]) -> list[int]:
    """Gives the number of tokens that begin in each part when all are read as one text, at the cost of reading it once.

    A part by itself may take a token more, where a border cuts one.
    """
    encoded = [part.encode("utf-8", "replace") for part in parts]
    starts = _token_starts(b"".join(encoded).decode())
    borders = list(accumulate(map(len, encoded), initial=0))
    return np.diff(np.searchsorted(starts, borders)).tolist()


def is_apart(text: str) -> bool:
    """Whether a text begins with a token of its own where it follows a line break, whatever stands before that.

    Of what the encoder takes for words only white space goes on behind a line break, and signs do with the slashes
    that follow it. So two such texts with an empty line between them cost what each costs, and `count_break`.
    """
    return text[:1] not in _GOING_ON and not text[:1].isspace()


def count_break(text: str) -> int:
    """Gives the number of tokens that an empty line adds to the end of a text."""
    end = _last_word(text)
    return _count_break(end) if len(end) <= _MAX_WORD_CHARS else _count_break.__wrapped__(end)


@functools.lru_cache(maxsize=8192)
def _count_break(end: str) -> int:
    return count_tokens(end + BREAK) - count_tokens(end)


def _last_word(text: str) -> str:
    """Gives the end of a text, from a place where a token begins whatever follows."""
    line = text[text.rfind("\n") + 1 :]
    if not is_apart(line):
        return text
    space = line.rfind(" ")
    return line[space:] if space > 0 and not line[space - 1].isspace() else line


def _token_starts(text: str) -> NDArray[np.int64]:
    """Gives the offsets at which tokens begin, in bytes, (n_tokens,), rising."""
    encoding, sizes_of = _vocabulary()
    tokens = [encoding.encode_to_numpy(part, disallowed_special=()) for part in _slices(text)]
    sizes = sizes_of[np.concatenate(tokens)]
    return np.cumsum(sizes) - sizes


def _slices(text: str) -> Iterator[str]:
    return (text[start : start + MAX_EXACT_CHARS] for start in range(0, max(len(text), 1), MAX_EXACT_CHARS))


class _Vocabulary(NamedTuple):
    """The encoder, and the bytes of each token, by its number."""

    encoding: tiktoken.Encoding
    sizes: NDArray[np.int64]


@functools.cache
def _vocabulary() -> _Vocabulary:
    ranks = read_vocabulary(VOCABULARY)
    sizes = np.zeros(max(ranks.values()) + 1, dtype=np.int64)
    sizes[list(ranks.values())] = [len(token) for token in ranks]
    encoding = tiktoken.Encoding("o200k_base", pat_str=_WORD_PATTERN, mergeable_ranks=ranks, special_tokens=_END_TOKENS)
    return _Vocabulary(encoding, sizes)


def read_vocabulary(path: Path) -> dict[bytes, int]:
    """Gives token bytes -> rank.

    Raises:
        Misconfigured: The file is missing or its SHA-256 is not the published one.
    """
    try:
        lines = path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"The token vocabulary {path.name} cannot be read. Install Lectern again.") from error
    if hashlib.sha256(lines).hexdigest() != VOCABULARY_SHA256:
        raise Misconfigured(f"The token vocabulary {path.name} is damaged. Install Lectern again.")
    return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, lines.splitlines())}
