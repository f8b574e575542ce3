"""A port for who is told what happens as spans of a trace; by default nobody is.

A trace is what came of one request, at however many servers. `limner.telemetry` fills the port.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from types import MappingProxyType, TracebackType
from typing import Protocol

Fact = str | int | float | bool
Facts = Mapping[str, Fact]
"""What is told of a span, by names such as ``http.request.method`` or ``limner.attempt``."""

Carrier = Mapping[str, str]
"""A place in a trace as it travels to others: the headers of W3C's Trace Context."""

NO_FACTS: Facts = MappingProxyType({})
NOWHERE: Carrier = MappingProxyType({})
"""No place in any trace."""

HEADERS = ("traceparent", "tracestate")
"""The headers of a carrier."""


class Part(StrEnum):
    """Which part a span has in what goes between programs."""

    INSIDE = "internal"
    SERVER = "server"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"


class Span(Protocol):
    """A stretch of time in which something is done."""

    def add(self, facts: Facts) -> None:
        """Tell more of it."""
        ...

    def failed(self, kind: str) -> None:
        """It went wrong.

        Args:
            kind: What kind of error; never its words, which may quote a prompt or a key.
        """
        ...

    def place(self) -> Carrier:
        """Where it is in its trace, for whoever does a part of it elsewhere."""
        ...

    def end(self) -> None:
        """It is over. Twice is fine."""
        ...


class Tracer(Protocol):
    """Begins spans."""

    def begin(
        self,
        name: str,
        *,
        part: Part = Part.INSIDE,
        facts: Facts = NO_FACTS,
        parent: Carrier = NOWHERE,
        links: Sequence[Carrier] = (),
    ) -> Span:
        """Begin a span that its owner ends; what is begun meanwhile is no part of it.

        Args:
            name: What is done, as one of few.
            part: Which part it has between programs.
            facts: What is known of it.
            parent: What it is a part of; by default that which is under way here.
            links: What it has to do with.
        """
        ...

    def span(
        self,
        name: str,
        *,
        part: Part = Part.INSIDE,
        facts: Facts = NO_FACTS,
        parent: Carrier = NOWHERE,
        links: Sequence[Carrier] = (),
    ) -> AbstractContextManager[Span]:
        """A span for the time of the block; what is begun in it, also by its tasks, is part of it.

        With an error it has failed, unless that says that somebody stopped it.

        Args:
            name: As for `begin`, as are all others.
            part: Which part it has.
            facts: What is known of it.
            parent: What it is a part of.
            links: What it has to do with.
        """
        ...

    def here(self) -> Carrier:
        """The place in the trace of what is under way here; empty: there is none."""
        ...


class _Untold:
    """A span that nobody is told of. It is its own block."""

    def add(self, facts: Facts) -> None:
        """Nobody hears it."""

    def failed(self, kind: str) -> None:
        """Nobody hears it."""

    def place(self) -> Carrier:
        """There is no trace."""
        return NOWHERE

    def end(self) -> None:
        """Nobody hears it."""

    def __enter__(self) -> "_Untold":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return


_UNTOLD = _Untold()


class NoTracer:
    """Tells nobody.

    Examples:
        >>> with NoTracer().span("drawing") as span:
        ...     span.add({"limner.attempt": 1})
        >>> dict(NoTracer().here())
        {}
    """

    def begin(
        self,
        name: str,
        *,
        part: Part = Part.INSIDE,
        facts: Facts = NO_FACTS,
        parent: Carrier = NOWHERE,
        links: Sequence[Carrier] = (),
    ) -> Span:
        """A span that nobody is told of."""
        return _UNTOLD

    def span(
        self,
        name: str,
        *,
        part: Part = Part.INSIDE,
        facts: Facts = NO_FACTS,
        parent: Carrier = NOWHERE,
        links: Sequence[Carrier] = (),
    ) -> AbstractContextManager[Span]:
        """Likewise."""
        return _UNTOLD

    def here(self) -> Carrier:
        """There is no trace."""
        return NOWHERE


OFF: Tracer = NoTracer()
"""Tells nobody."""


def carried(headers: Mapping[str, str]) -> Carrier:
    """The place in a trace that a request says it comes from.

    Args:
        headers: Of the request, by names in lower case.

    Examples:
        >>> carried({"host": "h", "traceparent": "00-1-2-01"})
        {'traceparent': '00-1-2-01'}
    """
    return {name: headers[name] for name in HEADERS if name in headers}
