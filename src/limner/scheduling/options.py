"""What can be said about one job."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, fields
from typing import Any, Literal, TypedDict

from limner.scheduling.validation import check_count, check_seconds

HIGHEST, LOWEST = 0, 9

OnDuplicate = Literal["reject", "join", "replace"]


class JobOptions(TypedDict, total=False):
    """The keywords that `slot`, `run`, `submit`, `wrap` and `map` take for each job."""

    priority: int
    weight: int
    id: str | None
    owner: Hashable
    tags: Iterable[str]
    expiration: float | None
    queue_timeout: float | None
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
    on_duplicate: OnDuplicate = "reject"

    def __post_init__(self) -> None:
        check_priority(self.priority)
        check_count("weight", self.weight)
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
        if self.on_duplicate not in ("reject", "join", "replace"):
            raise ValueError(
                f"on_duplicate must be 'reject', 'join' or 'replace', not {self.on_duplicate!r}"
            )


_NAMES = frozenset(f.name for f in fields(Options))


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
