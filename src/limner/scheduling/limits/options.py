"""The options of one job, checked."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, TypedDict

from limner.scheduling.limits.validation import check_count, check_seconds

HIGHEST, LOWEST = 0, 9

PLACES = 4
"""Each priority has so many: for those who come again and for newcomers, each for jobs that weigh
something and for those that do not."""

OnDuplicate = Literal["reject", "join", "replace"]
Weight = int | Mapping[str, int]
"""What a job weighs: a number, or ``{"tokens": 1500}`` to limits that have a name."""

CONCURRENCY = "concurrency"
"""What a mapping of weights calls ``max_concurrent`` and a reservoir without a name."""
UNNAMED: Mapping[str, int] = MappingProxyType({})
"""The weights by name of a job that has none."""


class JobOptions(TypedDict, total=False):
    """The keywords that `slot`, `run`, `submit`, `wrap` and `map` take for each job."""

    priority: int
    weight: Weight
    id: str | None
    owner: Hashable
    tags: Iterable[str]
    expiration: float | None
    queue_timeout: float | None
    timeout: float | None
    on_duplicate: OnDuplicate


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The checked options of a job. Each is described at `Limiter`."""

    priority: int = 5
    weight: int = 1
    id: str | None = None
    owner: Hashable = None
    tags: tuple[str, ...] = ()
    expiration: float | None = None
    queue_timeout: float | None = None
    timeout: float | None = None
    on_duplicate: OnDuplicate = "reject"
    place: int = field(default=0, init=False, compare=False)
    """Where such a job waits: its priority times `PLACES`, and the place in that."""
    named: Mapping[str, int] = field(default_factory=lambda: UNNAMED, init=False, hash=False)
    """What it weighs to limits that have a name; ``weight`` is what it weighs to the others."""

    def __post_init__(self) -> None:
        check_priority(self.priority)
        if isinstance(self.weight, Mapping):
            object.__setattr__(self, "named", _named(self.weight))
            object.__setattr__(self, "weight", self.named.get(CONCURRENCY, 1))
        check_count("weight", self.weight)
        object.__setattr__(self, "place", place_of(self.priority, self.weight))
        if self.id is not None and not isinstance(self.id, str):
            raise TypeError(f"id must be a str, not {self.id!r}")
        if self.tags != ():
            object.__setattr__(self, "tags", _tags(self.tags))
        if self.owner is not None:
            hash(self.owner)  # owners are compared by hash; say so now
        if self.expiration is not None:
            check_seconds("expiration", self.expiration, above_zero=True)
        if self.queue_timeout is not None:
            check_seconds("queue_timeout", self.queue_timeout)
        if self.timeout is not None:
            check_seconds("timeout", self.timeout, above_zero=True)
        if self.on_duplicate not in ("reject", "join", "replace"):
            raise ValueError(
                f"on_duplicate must be 'reject', 'join' or 'replace', not {self.on_duplicate!r}"
            )


def place_of(priority: int, weight: int) -> int:
    """Return where a newcomer of such a priority and weight waits.

    Examples:
        >>> place_of(5, 1), place_of(5, 0)
        (22, 23)
    """
    return PLACES * priority + 2 + (not weight)


_NAMES = frozenset(f.name for f in fields(Options) if f.init)


def options_from(given: Any) -> Options:
    """Check the keywords a job was given.

    Args:
        given: A mapping of them (a `JobOptions`).

    Raises:
        TypeError: A keyword that is no option, or a value of the wrong kind.
        ValueError: A value out of range.
    """
    if not given:
        return DEFAULT
    for name in given:
        if name not in _NAMES:
            raise TypeError(
                f"{name!r} is not a job option (those are {', '.join(sorted(_NAMES))}); "
                "keywords for the function itself go through functools.partial"
            )
    return Options(**given)


def check_priority(priority: object) -> int:
    """Return ``priority`` if it is one of the ten.

    Raises:
        TypeError: Not an `int`.
        ValueError: Below 0 or above 9.
    """
    if type(priority) is not int:
        raise TypeError(f"priority must be an int, not {priority!r}")
    if not HIGHEST <= priority <= LOWEST:
        raise ValueError(f"priority must be from 0 (first) to 9 (last), not {priority}")
    return priority


def named_weights(weight: Weight) -> tuple[int | None, Mapping[str, int]]:
    """Take a weight apart: what it says without a name, if it says so, and by name.

    Raises:
        TypeError: Not a weight.
        ValueError: Below 0.

    Examples:
        >>> named_weights(3)
        (3, mappingproxy({}))
        >>> named_weights({"tokens": 7})
        (None, mappingproxy({'tokens': 7}))
    """
    if not isinstance(weight, Mapping):
        return check_count("weight", weight), UNNAMED
    named = _named(weight)
    return named.get(CONCURRENCY), named


def _named(weights: Mapping[Any, Any]) -> Mapping[str, int]:
    for name, weight in weights.items():
        if not isinstance(name, str):
            raise TypeError(f"weights are by the names of limits, not by {name!r}")
        check_count(f"weight[{name!r}]", weight)
    return MappingProxyType(dict(weights))


def _tags(tags: object) -> tuple[str, ...]:
    if isinstance(tags, str) or not isinstance(tags, Iterable):
        raise TypeError(f"tags must be several strings, not {tags!r}; one tag is ({tags!r},)")
    found = tuple(tags)
    for tag in found:
        if not isinstance(tag, str):
            raise TypeError(f"tags must be strings, not {tag!r}")
    return found


DEFAULT = Options()
"""The options of a job nothing was said about."""
