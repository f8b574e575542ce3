"""The common beat at which streams hand over what may wait, so that it is kept together."""

import math

GATHER = 0.005
"""Seconds behind a beat within which what everybody hands over is gathered."""


def next_flush(now: float, interval: float) -> float:
    """The next instant at which what may wait is handed over.

    Beats fall together for all who count with one clock, so what many streams hand over can be
    kept in one commit.

    Args:
        now: In seconds on the loop's clock.
        interval: Seconds from beat to beat; 0: nothing waits.

    Example:
        >>> next_flush(0.25, 0.1), next_flush(0.3, 0.1), next_flush(7.0, 0.0)
        (0.3, 0.4, 7.0)
    """
    if interval <= 0:
        return now
    beats = math.floor(now / interval + 1e-9) + 1
    return round(beats * interval, 6)
