"""A span for what is asked of a model server, from the question to the end of the answer.

The names are those of OpenTelemetry's conventions for generative AI that have kept theirs so far.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from limner.composition import place_facts
from limner.tracing import NOWHERE, Carrier, Facts, Part, Span, Tracer

LONGEST = 200
"""Characters that are told of a model's name, which is a client's to choose."""


class ModelCalls:
    """Tells of questions to model servers.

    Args:
        tracer: Who is told.
        passed_on: Whether the servers learn the place in the trace.
    """

    def __init__(self, tracer: Tracer, *, passed_on: bool = True) -> None:
        self._tracer = tracer
        self._passed_on = passed_on

    def asking(
        self, model: str, server: str, operation: str = "chat"
    ) -> AbstractContextManager[Span]:
        """Tell of a question for the time of the block.

        Args:
            model: Which model is asked.
            server: Its server's address.
            operation: What is asked for: ``chat``, …
        """
        name, facts = _told(model, server, operation)
        return self._tracer.span(name, part=Part.CLIENT, facts=facts)

    @contextmanager
    def writing(self, model: str | None, server: str) -> Iterator[Carrier]:
        """Tell of a text that is given piece by piece, between which others do what they like.

        Gives what the server is told of the place in the trace; empty: nothing.

        Args:
            model: Which model is asked; ``None``: the server's own.
            server: Its server's address.
        """
        name, facts = _told(model or "", server, "chat")
        span = self._tracer.begin(name, part=Part.CLIENT, facts=facts)
        try:
            yield span.place() if self._passed_on else NOWHERE
        except Exception as error:
            span.failed(type(error).__name__)
            raise
        finally:
            span.end()

    def headers(self) -> Carrier:
        """What a model server is told of the place in the trace; empty: nothing."""
        return self._tracer.here() if self._passed_on else NOWHERE


def _told(model: str, server: str, operation: str) -> tuple[str, Facts]:
    """A span's name, and what is told of it.

    Examples:
        >>> _told("tiny", "http://h:1/v1", "chat")[0]
        'chat tiny'
    """
    facts = {"gen_ai.operation.name": operation, **place_facts(server)}
    if not model:
        return operation, facts
    short = model[:LONGEST]
    return f"{operation} {short}", {**facts, "gen_ai.request.model": short}
