"""The picture server behind the limiter: how wide it is, when it is away, what it refuses."""

import re
from dataclasses import field
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic.dataclasses import dataclass

from limner.errors import BackendBusy, BackendError, BackendUnavailable
from limner.scheduling import Rate
from limner.simulation.seconds import in_words, seconds_from

_CONFIG = ConfigDict(extra="forbid")

REFUSALS = "503, 502, 429, 429/30s (and when to come back), or refused (nobody listens)"


@dataclass(frozen=True, slots=True)
class Refusal:
    """How the server refuses.

    Attributes:
        status: The answer's status; ``None``: the connection is refused.
        wait: Seconds after which it wants to be asked again; ``None``: it does not say.

    Examples:
        >>> str(refusal_from("429/30s")), str(refusal_from("503")), str(refusal_from("refused"))
        ('429, come back after 30.0 s', '503', 'refused connections')
    """

    status: int | None
    wait: float | None = None

    def __str__(self) -> str:
        if self.status is None:
            return "refused connections"
        return f"{self.status}" + (
            "" if self.wait is None else f", come back after {in_words(self.wait)}"
        )

    def error(self) -> BackendError:
        """What an attempt ends with."""
        if self.status is None:
            return BackendUnavailable("the connection was refused")
        if self.status == 502:
            return BackendUnavailable("the server failed (502)", status=502)
        words = f"the server is busy ({self.status})"
        return BackendBusy(words, status=self.status, retry_after=self.wait)


def refusal_from(value: Any) -> Refusal:
    """Read a refusal.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, Refusal):
        return value
    name, slash, wait = str(value).strip().partition("/")
    if name == "refused" and not slash:
        return Refusal(None)
    if name not in ("429", "502", "503") or (slash and name == "502"):
        raise ValueError(f"{str(value)[:60]!r} is none of {REFUSALS}")
    return Refusal(int(name), seconds_from(wait) if slash else None)


def stretches_from(value: Any) -> tuple[tuple[float, float], ...]:
    """Read stretches of time.

    Raises:
        ValueError: One of them is none, or ends before it begins.

    Examples:
        >>> stretches_from("20s-1m,5m-6m")
        ((20.0, 60.0), (300.0, 360.0))
    """
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(sorted(_stretch(part) for part in parts))


def _stretch(part: Any) -> tuple[float, float]:
    if isinstance(part, str):
        begin, dash, end = part.partition("-")
        if not dash:
            raise ValueError(f"{part[:60]!r} is no stretch of time such as 20s-1m")
        part = begin, end
    if not isinstance(part, list | tuple) or len(part) != 2:
        raise ValueError(f"{str(part)[:60]!r} is no stretch of time such as 20s-1m")
    first, last = seconds_from(part[0]), seconds_from(part[1])
    if last <= first:
        raise ValueError(f"a stretch from {in_words(first)} to {in_words(last)} is none")
    return first, last


def quota_from(value: Any) -> Rate | None:
    """Read how many pictures a server lets in, in how much time.

    Raises:
        ValueError: It is nothing like ``15/10s``.
    """
    if value is None or isinstance(value, Rate):
        return value
    found = re.fullmatch(r"\s*([0-9]{1,9})\s*/\s*(.+?)\s*", str(value))
    if found is None or not int(found[1]):
        raise ValueError(f"{str(value)[:60]!r} is no quota such as 15/10s")
    per = seconds_from(f"1{found[2]}" if found[2].isalpha() else found[2])
    return Rate(int(found[1]), per)


def numbers_from(value: Any) -> frozenset[int]:
    """Read numbers of pictures.

    Raises:
        ValueError: One of them is no whole number from 1.
    """
    parts = value.split(",") if isinstance(value, str) else value
    found = [part if type(part) is int else str(part).strip() for part in _listed(parts)]
    if any(not re.fullmatch("[0-9]{1,9}", str(part)) or not int(part) for part in found):
        raise ValueError(f"{str(value)[:60]!r} are no numbers of pictures such as 3 or 1,2")
    return frozenset(map(int, found))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _whole(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    return value


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Server:
    """A picture server that may be narrow, away, or choosy.

    Attributes:
        width: How many pictures it draws at once; the others wait there. ``None``: any number.
        away: From when to when it refuses everything.
        quota: How many it lets in, in any stretch of how much time; it tells the others (429) when
            to come back.
        bad: The pictures that it always refuses, by their numbers from 1.
        refusal: How it refuses while it is away, and what is bad.
    """

    width: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=1_000_000)] | None = None
    away: Annotated[tuple[tuple[float, float], ...], PlainValidator(stretches_from)] = ()
    quota: Annotated[Rate | None, PlainValidator(quota_from)] = None
    bad: Annotated[frozenset[int], PlainValidator(numbers_from)] = field(default=frozenset())
    refusal: Annotated[Refusal, PlainValidator(refusal_from)] = Refusal(503)

    def __str__(self) -> str:
        """What is peculiar about it, in words."""
        told = [] if self.width is None else [f"draws {self.width} at once"]
        told += [f"is away from {in_words(a)} to {in_words(b)}" for a, b in self.away]
        if self.quota is not None:
            told.append(f"lets in {self.quota.limit} in {in_words(self.quota.per)}")
        if self.bad:
            told.append(f"dislikes picture {', '.join(map(str, sorted(self.bad)))}")
        if self.away or self.bad:
            told.append(f"refuses with {self.refusal}")
        return "a server that " + (" and ".join(told) or "draws whatever it is asked for")
