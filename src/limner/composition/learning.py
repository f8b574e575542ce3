"""A limiter that keeps just below what makes a single picture server refuse."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

from limner.backends.images.learning import Learned, LearnedLimits
from limner.backends.images.pool import PoolBackend
from limner.backends.images.support.capabilities import Checkable, has_met, quota_of
from limner.illustration import ImageBackend
from limner.illustration.capabilities import unwrapped
from limner.illustration.generation.retry_policy import AWAY_TIMEOUT
from limner.scheduling import Limiter


@contextmanager
def learning(
    limiter: Limiter, backend: ImageBackend, *, away_timeout: float = AWAY_TIMEOUT
) -> Iterator[Callable[[], Learned]]:
    """Have a limiter learn from the server behind it, for the time of the block.

    A pool finds out by itself what its members bear, and here it is waited for while none of them
    is there. What draws on this machine refuses nothing. Of limits that are shared nobody learns:
    each process would teach all others what it alone has seen.

    Args:
        limiter: Through which every picture goes.
        backend: What draws.
        away_timeout: Seconds for which a server that is away is asked for; 0: for ever.

    Yields:
        Tells what was found out so far.
    """
    inner = unwrapped(backend)
    if limiter.shared is not None or not isinstance(inner, Checkable):
        yield Learned
        return
    with LearnedLimits(
        limiter,
        rates=lambda: quota_of(backend),
        learn=not isinstance(inner, PoolBackend),
        look=inner.check,
        met=lambda: has_met(backend),
        patience=away_timeout or inf,
    ) as limits:
        yield lambda: limits.learned
