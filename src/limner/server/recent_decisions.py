"""What was decided of the last answers of models: whether they get pictures, and why not."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from limner.server.guard.request_context import RequestContext

KEPT = 100
"""Answers that are remembered."""


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
    """

    request_id: str
    at: float
    status: int
    owner: str | None
    mode: str
    reason: str | None


class RecentDecisions:
    """Remembers the last decisions: a `limner.server.guard.Watcher`.

    Args:
        clock: Seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: deque[AnswerDecision] = deque(maxlen=KEPT)

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
                )
            )

    def latest(self) -> list[AnswerDecision]:
        """All that are remembered, the last one first."""
        return list(reversed(self._kept))
