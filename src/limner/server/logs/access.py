"""One line for every request."""

import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from limner.server.guard.request_context import RequestContext
from limner.server.logs.formatting import FIELDS
from limner.server.logs.front_end import front_end_of

log = logging.getLogger("limner.access")

_QUIET = ("/healthz", "/readyz", "/metrics")
"""What machines ask every few seconds."""
_FILES = "/page/"
"""Of these a browser fetches some forty whenever somebody opens the page."""
REASON = 300
"""Characters of why a request failed."""
KEPT = 100
"""Answers that are remembered."""


class AccessLog:
    """Logs requests: those refused as warnings, our own failures as errors.

    Paths are logged without their query, which may hold a token.

    Args:
        clock: Seconds, as the guard has them.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def streaming(self, context: RequestContext) -> None:
        """A stream is logged when it has ended."""

    def ended(self, context: RequestContext) -> None:
        """Log a request."""
        level = _level(context)
        if not log.isEnabledFor(level):
            return
        took = self._clock() - context.begun_at
        status = str(context.status) if context.status else "gone"
        why = context.refusal.code if context.refusal else _failure(context)
        reason = f" ({why})" if why else ""
        mode = f", pictures {context.mode}" if context.mode else ""
        fields = {
            "request_id": context.id,
            "method": context.method,
            "path": context.path[:500],
            "status": context.status,
            "seconds": round(took, 4),
            "bytes": context.sent,
            "client": context.client,
            "owner": context.owner,
            "mode": context.mode or None,
            "refused": context.refusal.code if context.refusal else None,
            "failure": _failure(context),
        }
        told = (context.method, context.path[:500], status, reason, took * 1000, context.sent, mode)
        # It is about a request and no place in the code, which `log.log` would look for.
        record = log.makeRecord(
            log.name, level, "", 0, "%s %s %s%s %.0f ms %d bytes%s", told, None,
            extra={FIELDS: fields, "request_id": context.id},
        )  # fmt: skip
        log.handle(record)


def _failure(context: RequestContext) -> str | None:
    """Why the server or one behind it failed; what a client did wrong it is told itself."""
    if context.status < 500 or context.failure is None:
        return None
    return " ".join(context.failure.split())[:REASON]


def _level(context: RequestContext) -> int:
    if context.status >= 500:
        return logging.ERROR
    if context.refusal is not None:
        return logging.WARNING
    quiet = context.path in _QUIET or context.path.startswith(_FILES)
    return logging.DEBUG if quiet and context.status < 400 else logging.INFO


@dataclass(frozen=True, slots=True)
class AnswerDecision:
    """What was decided of one answer.

    Attributes:
        request_id: The request, as the answer's ``X-Request-Id`` and the log name it.
        at: When the answer ended, in seconds since the epoch.
        status: Of the answer; 0: whoever asked was gone before there was one.
        owner: Whose token asked.
        mode: How it is illustrated.
        reason: Why not, if it is not.
        front_end: Which program asked, as far as that is known.
    """

    request_id: str
    at: float
    status: int
    owner: str | None
    mode: str
    reason: str | None
    front_end: str = ""


class RecentDecisions:
    """Remembers the last decisions: a `limner.server.guard.Watcher`.

    Args:
        clock: Seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: deque[AnswerDecision] = deque(maxlen=KEPT)
        self._drawn: OrderedDict[str, int] = OrderedDict()
        self._listeners: list[Callable[[], object]] = []

    def streaming(self, context: RequestContext) -> None:
        """What counts is remembered when it has ended."""

    def ended(self, context: RequestContext) -> None:
        """Remember the request, if it asked a model."""
        if context.mode:
            mode, _, reason = context.mode.partition("; reason=")
            self._kept.append(
                AnswerDecision(
                    request_id=context.id,
                    at=self._clock(),
                    status=context.status,
                    owner=context.owner,
                    mode=mode,
                    reason=reason or None,
                    front_end=front_end_of(context.headers),
                )
            )
            self._tell()

    def drawn(self, request_id: str) -> None:
        """One more picture was made for the answer to a request."""
        self._drawn[request_id] = self._drawn.pop(request_id, 0) + 1
        while len(self._drawn) > KEPT:
            self._drawn.popitem(last=False)
        self._tell()

    def pictures(self, request_id: str) -> int:
        """How many pictures were made for the answer to a request."""
        return self._drawn.get(request_id, 0)

    def on_change(self, handler: Callable[[], object]) -> None:
        """Have a function called whenever there is more to tell."""
        self._listeners.append(handler)

    def _tell(self) -> None:
        for handler in self._listeners:
            handler()

    def latest(self) -> list[AnswerDecision]:
        """All that are remembered, the last one first."""
        return list(reversed(self._kept))
