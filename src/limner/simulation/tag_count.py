"""How many pictures one answer asks for."""

import re
from dataclasses import dataclass
from random import Random
from typing import Protocol, runtime_checkable

MOST = 1000
"""An answer with more tags is taken for a slip."""


@runtime_checkable
class TagCount(Protocol):
    """A distribution of whole numbers."""

    @property
    def mean(self) -> float:
        """The mean number."""
        ...

    def sample(self, chance: Random) -> int:
        """Return the number for one answer."""
        ...


@dataclass(frozen=True, slots=True)
class Between:
    """Any number between two bounds, both included, all equally likely."""

    least: int
    most: int

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most <= MOST:
            raise ValueError(f"tags must go from 0 to {MOST}, upwards")

    def __str__(self) -> str:
        return f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"

    @property
    def mean(self) -> float:
        """The mean number."""
        return (self.least + self.most) / 2

    def sample(self, chance: Random) -> int:
        """Return the number for one answer."""
        return chance.randint(self.least, self.most)


@dataclass(frozen=True, slots=True)
class Poisson:
    """By chance around a mean, at least 0."""

    mean: float

    def __post_init__(self) -> None:
        if not 0 < self.mean <= 100:
            raise ValueError(f"a mean of tags is above 0 and at most 100, not {self.mean:g}")

    def __str__(self) -> str:
        return f"about {self.mean:g}"

    def sample(self, chance: Random) -> int:
        """Return the number for one answer: how many waiting times of mean 1 fit into the mean."""
        count, passed = 0, chance.expovariate(1.0)
        while passed < self.mean:
            count += 1
            passed += chance.expovariate(1.0)
        return count


def tag_count_from(value: object) -> TagCount:
    """Read a number of tags: ``3``, ``"2-4"`` or ``"poisson:3"``.

    Raises:
        ValueError: It is nothing of that kind.

    Examples:
        >>> tag_count_from("2-4")
        Between(least=2, most=4)
        >>> tag_count_from(3).mean
        3.0
    """
    if isinstance(value, TagCount):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Between(value, value)
    text = value.strip() if isinstance(value, str) else ""
    if match := re.fullmatch(r"([0-9]{1,4})(?:\s*(?:-|\.\.)\s*([0-9]{1,4}))?", text):
        return Between(int(match[1]), int(match[2] or match[1]))
    if match := re.fullmatch(r"poisson:([0-9]{0,3}\.?[0-9]{1,6})", text):
        return Poisson(float(match[1]))
    raise ValueError(f"{str(value)[:60]!r} is no number of tags: write 3, 2-4 or poisson:3")
