"""How long something takes: always the same, or by chance in one of the usual shapes."""

import math
from dataclasses import dataclass, field
from random import Random
from typing import Protocol, runtime_checkable

from limner.simulation.seconds import in_words, seconds_from


@runtime_checkable
class Distribution(Protocol):
    """A distribution of seconds."""

    @property
    def mean(self) -> float:
        """The mean, in seconds."""
        ...

    def sample(self, chance: Random) -> float:
        """Return one duration in seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same."""

    mean: float

    def __str__(self) -> str:
        return in_words(self.mean)

    def sample(self, chance: Random) -> float:
        """Return one duration in seconds."""
        return self.mean


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything between two bounds, all equally likely."""

    least: float
    most: float

    def __post_init__(self) -> None:
        if self.most < self.least:
            raise ValueError(f"a uniform time cannot end at {self.most:g} before {self.least:g}")

    def __str__(self) -> str:
        return f"{in_words(self.least)} to {in_words(self.most)}"

    @property
    def mean(self) -> float:
        """The mean, in seconds."""
        return (self.least + self.most) / 2

    def sample(self, chance: Random) -> float:
        """Return one duration in seconds."""
        return chance.uniform(self.least, self.most)


@dataclass(frozen=True, slots=True)
class Exponential:
    """Without memory: often short, now and then several times the mean."""

    mean: float

    def __post_init__(self) -> None:
        if not self.mean:
            raise ValueError("an exponential time needs a mean above 0")

    def __str__(self) -> str:
        return f"{in_words(self.mean)} (exponential)"

    def sample(self, chance: Random) -> float:
        """Return one duration in seconds."""
        return chance.expovariate(1 / self.mean)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """As real servers answer: half below the median, and a tail above it.

    Args:
        median: Seconds.
        sigma: How wide: two thirds lie within a factor of ``exp(sigma)`` around the median.
    """

    median: float
    sigma: float

    def __post_init__(self) -> None:
        if not self.median:
            raise ValueError("a lognormal time needs a median above 0")
        if not (math.isfinite(self.sigma) and 0 <= self.sigma <= 5):
            raise ValueError(f"the sigma of a lognormal time must be 0 to 5, not {self.sigma:g}")

    def __str__(self) -> str:
        return f"{in_words(self.median)} (lognormal, sigma {self.sigma:g})"

    @property
    def mean(self) -> float:
        """The mean, in seconds."""
        return self.median * math.exp(self.sigma**2 / 2)

    def sample(self, chance: Random) -> float:
        """Return one duration in seconds."""
        return self.median * math.exp(self.sigma * chance.gauss())


@dataclass(frozen=True, slots=True)
class Empirical:
    """One of the times that were measured, each as likely as the others."""

    times: tuple[float, ...]
    mean: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.times:
            raise ValueError("an empirical time needs at least one measured time")
        object.__setattr__(self, "mean", sum(self.times) / len(self.times))

    def __str__(self) -> str:
        return f"{in_words(self.mean)} (mean of {len(self.times)} measured)"

    def sample(self, chance: Random) -> float:
        """Return one duration in seconds."""
        return self.times[int(chance.random() * len(self.times))]


NOTATION = "4s, uniform:2:6, exponential:4, lognormal:4:0.5, or a list of measured times"


def distribution_from(value: object) -> Distribution:
    """Read a distribution of seconds.

    Args:
        value: A span of time; ``"uniform:2:6"``, ``"exponential:MEAN"``,
            ``"lognormal:MEDIAN:SIGMA"``, ``"empirical:3.1,4,9"``; a list of spans; or a
            distribution.

    Raises:
        ValueError: It is nothing of that kind.

    Examples:
        >>> distribution_from("4s")
        Constant(mean=4.0)
        >>> distribution_from("lognormal:4:0.5")
        Lognormal(median=4.0, sigma=0.5)
    """
    if isinstance(value, Distribution):
        return value
    if isinstance(value, list | tuple):
        return Empirical(tuple(seconds_from(time) for time in value))
    if not isinstance(value, str) or ":" not in value:
        return Constant(seconds_from(value))
    shape, _, rest = value.strip().partition(":")
    if shape == "empirical":
        return Empirical(tuple(seconds_from(time) for time in rest.split(",")))
    made = _made(shape, rest.split(":"))
    if made is None:
        raise ValueError(f"{value[:60]!r} is no distribution: write {NOTATION}")
    return made


def _made(shape: str, numbers: list[str]) -> Distribution | None:
    match shape, numbers:
        case "uniform", [least, most]:
            return Uniform(seconds_from(least), seconds_from(most))
        case "exponential", [mean]:
            return Exponential(seconds_from(mean))
        case "lognormal", [median, sigma]:
            return Lognormal(seconds_from(median), seconds_from(sigma))
    return None
