"""Addresses that differ by their query alone: sorting and filtering links give one page endless ones."""

from collections import Counter
from collections.abc import Iterable

MAX_QUERY_VARIANTS = 100
TOO_MANY = f"one of more than {MAX_QUERY_VARIANTS} addresses that differ by their query alone"


class QueryVariants:
    """Counts the addresses of each path that were let in."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def sensible(self, addresses: Iterable[str]) -> list[str]:
        """Gives those of new addresses that are not too many of their path."""
        return [address for address in addresses if self._is_sensible(address)]

    def _is_sensible(self, address: str) -> bool:
        path, mark, _ = address.partition("?")
        if not mark:
            return True
        self._counts[path] += 1
        return self._counts[path] <= MAX_QUERY_VARIANTS
