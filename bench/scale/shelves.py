"""Which libraries an index of a given size consists of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

_SETS = 20


@dataclass(frozen=True)
class Shelf:
    """A library of the index: the first `count` passages of a variation of a set."""

    library: str
    set_name: str
    variation: int
    count: int


def shelves_for(sizes: Mapping[str, int], chunks: int, libraries: int) -> list[Shelf]:
    """Gives libraries with so many passages together: the largest sets, each as it is and then varied.

    None is larger than needed: the large ones are cut to one size, the small ones are whole.

    Raises:
        ValueError: So many passages cannot be had with so few libraries.
    """
    names = sorted(sizes, key=lambda name: (-sizes[name], name))[: min(_SETS, libraries)]
    variations = ceil(libraries / len(names))
    wanted = [(name, number) for number in range(variations) for name in names][:libraries]
    counts = _filled([sizes[name] for name, _ in wanted], chunks)
    return [
        Shelf(f"/{_slug(name)}/v{number}", name, number, count)
        for (name, number), count in zip(wanted, counts, strict=True)
        if count
    ]


def _filled(sizes: Sequence[int], total: int) -> list[int]:
    """Gives the sizes, the larger ones cut to one level, so that they add up to the total."""
    if sum(sizes) < total:
        raise ValueError(f"{len(sizes)} libraries have only {sum(sizes)} passages: take more libraries.")
    low, high = 0, max(sizes)
    while low < high:
        level = (low + high) // 2
        low, high = (level + 1, high) if sum(min(size, level) for size in sizes) < total else (low, level)
    counts = [min(size, low) for size in sizes]
    for place in sorted(range(len(counts)), key=lambda place: -counts[place])[: sum(counts) - total]:
        counts[place] -= 1
    return counts


def _slug(name: str) -> str:
    return name.replace(".", "-").lower()
