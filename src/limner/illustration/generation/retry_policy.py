"""Which failures of a picture server are worth another try, and what they do to the limiter."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, runtime_checkable

from limner.errors import (
    BackendBusy,
    BackendCooling,
    BackendError,
    BackendTimeout,
    BackendUnavailable,
)
from limner.illustration.generation.wait import Wait
from limner.illustration.model.image import ImageRequest, Whereabouts

log = logging.getLogger(__name__)

LONGEST_COOLING = 300.0
"""Seconds a limiter cools down at most: a server must not be able to stop everything for ever."""

BUSY_TRIES, FAILED_TRIES = 5, 3

RESTART = 120.0
"""Seconds that a server which has answered gets to be there again."""

AWAY_TIMEOUT = 3600.0
"""The same where nobody says how long, and everything else is waited for as well."""

LONGEST_PAUSE = 15.0
"""Seconds between two questions whether it is there, at most."""

GATEWAY = frozenset({502, 503, 504, 520, 521, 522, 523, 524, 525, 529, 530})
"""What is answered in place of a server that is not there, or by one that can do nothing now."""


def away(error: BaseException) -> bool:
    """Whether an error says that the server is not there, for whatever request.

    Examples:
        >>> away(BackendBusy("busy", status=503)), away(BackendBusy("busy", status=429))
        (True, False)
        >>> away(BackendBusy("busy", status=503, retry_after=9))
        False
        >>> away(BackendUnavailable("refused")), away(BackendUnavailable("it failed", status=500))
        (True, False)
    """
    if isinstance(error, BackendBusy):
        return error.status in GATEWAY and error.retry_after is None
    if isinstance(error, BackendTimeout):
        return error.status in GATEWAY or not error.accepted
    return isinstance(error, BackendUnavailable) and (
        error.status is None or error.status in GATEWAY
    )


def answered(error: BaseException) -> bool:
    """Whether an error shows that somebody is there: it came as an answer.

    Examples:
        >>> answered(BackendUnavailable("refused")), answered(BackendBusy("busy", status=503))
        (False, True)
    """
    if isinstance(error, BackendUnavailable | BackendTimeout):
        return error.status is not None
    return isinstance(error, BackendError)


@runtime_checkable
class SteeredRetry(Protocol):
    """The retry policy of somebody who steers the limiter, and holds it back by himself.

    A limiter that has one is not told to cool down: whether a refusal is the server's or one
    picture's is for him to judge.
    """

    def __call__(self, error: BaseException, attempt: int, /) -> float | None:
        """Seconds until the next attempt; ``None``: there is none."""
        ...

    @property
    def wait(self) -> Wait | None:
        """What everybody, or a picture that was refused, waits for now."""
        ...


@runtime_checkable
class AcquaintedRetry(Protocol):
    """A retry policy that waits for a server which has given any sign of itself in this run."""

    def met(self) -> None:
        """The server has answered."""
        ...


def noticing(request: ImageRequest, met: Callable[[], None]) -> ImageRequest:
    """The request, whose news show that somebody is there."""
    progress, whereabouts = request.progress, request.whereabouts

    def progressed(fraction: float, preview: bytes | None) -> None:
        met()
        if progress is not None:
            progress(fraction, preview)

    def placed(place: Whereabouts) -> None:
        met()
        if whereabouts is not None:
            whereabouts(place)

    return replace(request, progress=progressed, whereabouts=placed)


def second_try(error: BaseException, attempt: int) -> float | None:
    """The retry policy for pictures, for the ``retry`` option of a `limner.scheduling.Limiter`.

    A server that is busy is asked up to five times, one that failed by itself up to three times;
    whoever refused the key, the request or the prompt is not asked again, nor is one that took
    longer than it was given.

    Args:
        error: What the attempt ended with.
        attempt: Which attempt that was, from 1.

    Returns:
        Seconds to wait (after a `BackendCooling` the limiter waits by itself), or ``None``.

    Examples:
        >>> [second_try(BackendUnavailable("it failed"), attempt) for attempt in (1, 2, 3)]
        [1.0, 2.0, None]
        >>> second_try(BackendCooling("later", seconds=9.0), 1)
        0.0
    """
    if isinstance(error, BackendCooling):
        return 0.0 if attempt < BUSY_TRIES else None
    if isinstance(error, BackendBusy):
        return 2.0**attempt if attempt < BUSY_TRIES else None
    if isinstance(error, BackendUnavailable):
        return 2.0 ** (attempt - 1) if attempt < FAILED_TRIES else None
    return None


def cooling(busy: BackendBusy) -> BackendBusy:
    """What a busy server means to a limiter: to cool down, where the server said for how long."""
    if busy.retry_after is None or isinstance(busy, BackendCooling):
        return busy
    return BackendCooling(
        str(busy),
        seconds=min(max(busy.retry_after, 0.0), LONGEST_COOLING),
        retry_after=busy.retry_after,
        server=busy.server,
        status=busy.status,
    )


class RestartPatience:
    """The retry policy `second_try`, but with time for a server's start.

    A picture server takes up to a minute to load what it draws with. One that has answered in this
    run, and now refuses connections, is asked again after 1, 2, 4, 8, 15, 15, … s. One that never
    answered may be mistyped: it is asked three times.

    Args:
        seconds: How long it is waited for.

    Examples:
        >>> from limner.errors import BackendUnavailable
        >>> retry, refused = RestartPatience(), BackendUnavailable("refused")
        >>> retry(refused, 3) is None
        True
        >>> retry.met()
        >>> [retry(refused, attempt) for attempt in (3, 5, 11, 12)]
        [4.0, 15.0, 15.0, None]
    """

    def __init__(self, *, seconds: float = RESTART) -> None:
        self.seconds = seconds
        self._has_met = False

    def met(self) -> None:
        """The server has answered."""
        self._has_met = True

    def __call__(self, error: BaseException, attempt: int, /) -> float | None:
        """Seconds until the next attempt; ``None``: there is none."""
        if isinstance(error, BackendError) and answered(error):
            self.met()
        if not (self._has_met and away(error)):
            return second_try(error, attempt)
        waited = sum(map(_pause, range(1, attempt)))
        if waited >= self.seconds:
            return None
        pause = _pause(attempt)
        log.info("%s; asking again in %g s, for %g s in all", error, pause, self.seconds)
        return pause


def _pause(attempt: int) -> float:
    return float(min(2.0 ** min(attempt - 1, 10), LONGEST_PAUSE))
