"""A server that was there and is not: it is being started again, so it is waited for."""

import logging
from dataclasses import replace

from limner.errors import BackendError
from limner.illustration.generation.retry_policy import answered, away, second_try
from limner.illustration.model.image import ImageRequest, Whereabouts

log = logging.getLogger(__name__)

RESTART = 120.0
"""Seconds that a server which has answered gets to be there again."""

LONGEST_PAUSE = 15.0
"""Seconds between two questions whether it is there, at most."""


class RestartPatience:
    """The retry policy `second_try`, but with time for a server's start.

    A picture server takes up to a minute to load what it draws with. One that has answered in this
    run, and now refuses connections, is asked again after 1, 2, 4, 8, 15, 15, … s. One that never
    answered may be mistyped: it is asked three times.

    Args:
        seconds: How long it is waited for.

    Example:
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


def noticing(request: ImageRequest, retry: object) -> ImageRequest:
    """The request, whose news tell a policy that somebody is there; else the request itself."""
    if not isinstance(retry, RestartPatience):
        return request
    progress, whereabouts = request.progress, request.whereabouts

    def progressed(fraction: float, preview: bytes | None) -> None:
        retry.met()
        if progress is not None:
            progress(fraction, preview)

    def placed(place: Whereabouts) -> None:
        retry.met()
        if whereabouts is not None:
            whereabouts(place)

    return replace(request, progress=progressed, whereabouts=placed)


def _pause(attempt: int) -> float:
    return float(min(2.0 ** min(attempt - 1, 10), LONGEST_PAUSE))
