"""Chance that is the same for the same prompt."""

import hashlib
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Picks at random, seeded by a text.

    >>> Chance("a fox").pick("coin", {"heads": 1, "tails": 1}) in ("heads", "tails")
    True
    """

    def __init__(self, seed: str) -> None:
        self._seed = hashlib.blake2b(seed.encode("utf-8", "surrogatepass")).digest()

    def pick(self, what: str, weights: Mapping[T, int]) -> T:
        """One of the keys, each as likely as its weight says; the same for the same `what`."""
        digest = hashlib.blake2b(what.encode(), key=self._seed[:32], digest_size=8).digest()
        left = int.from_bytes(digest) % sum(weights.values())
        for choice, weight in weights.items():
            if left < weight:
                return choice
            left -= weight
        raise AssertionError("the weights are used up")  # pragma: no cover
