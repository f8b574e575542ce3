"""Whether, and after how long, a failed job is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field

from limner.scheduling.limits.validation import check_count, check_seconds

RetryPolicy = Callable[[BaseException, int], float | None]
"""``(error, attempt) -> seconds | None``: attempt counts from 1, ``None`` gives up."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Tries again after failures, waiting longer each time.

    The n-th failure is followed by a wait of ``backoff * 2 ** (n - 1)`` seconds, at most
    ``maximum``, made up to ``jitter`` longer by chance so that many clients do not come back
    together. The job waits without its slot.

    Args:
        attempts: All runs together: 3 means one and two more.
        backoff: Seconds after the first failure.
        maximum: The longest wait in seconds, before jitter.
        jitter: The share of the wait that may be added by chance: 0.1 is up to a tenth more.
        on: The exception class, or a tuple of them, that is worth another try.
        chance: Where the chance comes from: returns floats from 0 to 1.

    Raises:
        TypeError, ValueError: A number that makes no sense, or ``on`` is no exception class.

    Examples:
        >>> retry = Retry(attempts=4, backoff=1, maximum=3, jitter=0, on=ConnectionError)
        >>> [retry(ConnectionError(), attempt) for attempt in (1, 2, 3, 4)]
        [1.0, 2.0, 3.0, None]
        >>> retry(KeyError(), 1) is None
        True
    """

    attempts: int = 3
    _: KW_ONLY
    backoff: float = 1.0
    maximum: float = 60.0
    jitter: float = 0.1
    on: type[BaseException] | tuple[type[BaseException], ...] = Exception
    chance: Callable[[], float] = field(default=random.random, repr=False)

    def __post_init__(self) -> None:
        check_count("attempts", self.attempts, minimum=1)
        for name in ("backoff", "maximum", "jitter"):
            object.__setattr__(self, name, check_seconds(name, getattr(self, name)))
        kinds = self.on if isinstance(self.on, tuple) else (self.on,)
        for kind in kinds:
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                raise TypeError(f"on must be exception classes, not {kind!r}")

    def __call__(self, error: BaseException, attempt: int) -> float | None:
        """Return the seconds to wait after this failure, or ``None`` to give up."""
        if attempt >= self.attempts or not isinstance(error, self.on):
            return None
        doublings = min(attempt - 1, 1000)  # a float ends at 2 ** 1023
        wait = min(self.backoff * 2.0**doublings, self.maximum)
        return wait * (1.0 + self.jitter * self.chance())
