"""Which part of a long run is shown in detail."""

from dataclasses import dataclass

import numpy as np

from limner.errors import ConfigError
from limner.simulation.curve import StepCurve
from limner.simulation.seconds import clock

LENGTHS = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800),
    *(3600, 7200, 10800, 21600, 43200, 86400),
)
"""Seconds; lengths of windows that are easily named."""

BARS_A_LANE = 50
"""So many bars beside each other can still be told apart."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, in seconds from the start."""

    begin: float
    end: float


def chosen_window(
    makespan: float,
    mean: float,
    queue: StepCurve,
    busy: StepCurve,
    *,
    begin: float | None = None,
    end: float | None = None,
) -> Window:
    """Return what to show: what is asked for, else the whole run if it fits, else its worst part.

    Args:
        makespan: Seconds that the run takes.
        mean: Seconds that an attempt takes in the mean.
        queue: How many wait.
        busy: How many are drawn; decides where nobody ever waits.
        begin: Where the window shall begin, if somebody said so.
        end: Where it shall end, if somebody said so.

    Raises:
        limner.errors.ConfigError: What was asked for is empty or after the run's end.
    """
    makespan = makespan or 1.0
    length = _length(makespan, mean)
    if begin is None and end is None:
        return _worst(makespan, length, queue, busy)
    if begin is None:
        begin = max(0.0, (end or 0.0) - length)
    if end is None:
        end = begin + length
    if begin >= makespan:
        raise ConfigError(f"nothing happens after {clock(makespan, step=1)}; show an earlier part")
    if end <= begin:
        raise ConfigError(f"the part to show ends at {clock(end, step=1)}, before it begins")
    return Window(begin, min(end, makespan))


def _length(makespan: float, mean: float) -> float:
    readable = BARS_A_LANE * mean or makespan
    if makespan <= 2 * readable:
        return makespan
    return max((length for length in LENGTHS if length <= readable), default=LENGTHS[0])


def _worst(makespan: float, length: float, queue: StepCurve, busy: StepCurve) -> Window:
    if length >= makespan:
        return Window(0.0, makespan)
    step = max(length / 4, makespan / 100_000)
    begins = np.arange(0.0, max(makespan - length, step), step)
    weight = queue.area(begins + length) - queue.area(begins)
    if not weight.any():
        weight = busy.area(begins + length) - busy.area(begins)
    begin = float(begins[int(weight.argmax())])
    return Window(begin, min(begin + length, makespan))
