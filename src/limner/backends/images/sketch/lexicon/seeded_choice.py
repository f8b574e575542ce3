"""Choice at random that is the same for the same prompt."""

import hashlib
from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class SeededChoice:
    """Picks at random, seeded by a text.

    >>> SeededChoice("a fox").pick("coin", {"heads": 1, "tails": 1}) in ("heads", "tails")
    True
    """

    def __init__(self, seed: str) -> None:
        self._seed = hashlib.blake2b(seed.encode("utf-8", "surrogatepass")).digest()

    def pick(self, what: str, weights: Mapping[T, int]) -> T:
        """One of the keys, each as likely as its weight says; the same for the same `what`."""
        digest = hashlib.blake2b(what.encode(), key=self._seed[:32], digest_size=8).digest()
        shares = list(accumulate(weights.values()))
        return list(weights)[bisect(shares, int.from_bytes(digest) % shares[-1])]
