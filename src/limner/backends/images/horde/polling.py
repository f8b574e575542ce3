"""Waiting for a picture at the AI Horde: when to look, and what a look means.

Pure of the network: a look is a function that is handed in. Times are the event loop's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from limner.backends.images.horde.wire import GenerationStatus
from limner.errors import BackendBusy, BackendTimeout, BackendUnavailable

FAILED_POLLS = 5
"""Looks that may fail one after another before the picture is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollInterval:
    """How often to look.

    The Horde guesses how long a picture will take, and errs. Half of what it guesses is waited:
    so a few looks are enough however long it takes, and the picture is found soon.

    Attributes:
        shortest: Seconds between two looks at least; the Horde wants one at least.
        longest: Seconds between two looks at most, unless it asks for more.

    Examples:
        >>> interval = PollInterval()
        >>> [interval.pause(GenerationStatus(wait=wait)) for wait in (None, 0, 6, 600)]
        [1.0, 1.0, 3.0, 10.0]
    """

    shortest: float = 1.0
    longest: float = 10.0

    def pause(self, status: GenerationStatus) -> float:
        """Seconds until the next look."""
        return min(max(self.shortest, (status.wait or 0) / 2), max(self.shortest, self.longest))

    def pause_after_failure(
        self, error: BackendBusy | BackendUnavailable | BackendTimeout, failures: int
    ) -> float:
        """Seconds until the next look after one that failed.

        Args:
            error: What it ended with.
            failures: How many failed one after another, this one among them.
        """
        asked = error.retry_after if isinstance(error, BackendBusy) else None
        return max(asked or 0.0, min(self.shortest * 2.0**failures, 4 * self.longest))


async def until_done(
    look: Callable[[], Awaitable[GenerationStatus]],
    *,
    interval: PollInterval,
    told: Callable[[GenerationStatus], None] = lambda status: None,
) -> GenerationStatus:
    """Look until the picture is there, or cannot come.

    A look that fails is made again: the drawing goes on without us.

    Args:
        look: Asks the Horde once.
        interval: How often.
        told: Called with what each look told.

    Returns:
        What the last look told: it is done, faulted, or impossible.

    Raises:
        limner.errors.BackendError: Too many looks failed one after another, or one was refused.
    """
    pause, failures = interval.shortest, 0
    while True:
        await asyncio.sleep(pause)
        try:
            status = await look()
        except (BackendBusy, BackendUnavailable, BackendTimeout) as error:
            failures += 1
            if failures >= FAILED_POLLS:
                raise
            pause = interval.pause_after_failure(error, failures)
            continue
        failures = 0
        told(status)
        if status.done or status.faulted or not status.possible:
            return status
        pause = interval.pause(status)


@dataclass(slots=True)
class ProgressEstimate:
    """How far a picture is, from the time that passed and the time it will take.

    Attributes:
        fraction: 0 to 1; it never goes back, and is 1 only when the picture is there.

    Examples:
        >>> estimate = ProgressEstimate()
        >>> estimate.update(5.0, GenerationStatus(wait=15.0))
        0.25
        >>> estimate.update(6.0, GenerationStatus(wait=60.0))
        0.25
    """

    fraction: float = 0.0

    def update(self, passed: float, status: GenerationStatus) -> float:
        """The fraction after so many seconds."""
        if status.done:
            self.fraction = 1.0
        elif status.wait is not None and passed > 0:
            self.fraction = max(self.fraction, min(passed / (passed + status.wait), 0.99))
        return self.fraction
