"""May a job start now? The one rule of the limiter, without clock, I/O or await.

`decide` looks and answers; `start` takes everything the answer promised, all or nothing;
`finish` gives the slot back. Between a `decide` and its `start` nothing else may happen, and
because all three are plain functions, nothing can. Time comes in as a number of seconds on any
clock that never goes back.
"""

from __future__ import annotations

from dataclasses import dataclass

from limner.scheduling.limits import Limits
from limner.scheduling.rate import Window, free_at, opened
from limner.scheduling.reservoir import Level, next_refill, refilled

NEVER = float("-inf")
UNKNOWN = float("inf")


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a job may start.

    Attributes:
        limit: The option that holds it back, or what else does: ``"max_concurrent"``,
            ``"min_interval"``, ``"rates"``, ``"reservoir"``, ``"pause"``, ``"retry_after"``,
            ``"penalty"``. ``None``: it may start.
        at: The earliest instant at which asking again can help; infinity if only another event
            can, such as the end of a job.
    """

    limit: str | None
    at: float


START = Decision(None, NEVER)
FULL = Decision("max_concurrent", UNKNOWN)
PROBING = Decision("retry_after", UNKNOWN)


@dataclass(slots=True)
class State:
    """What a limiter has to remember in order to decide."""

    running: int = 0
    """The weight of all jobs that hold a slot."""
    last_start: float = NEVER
    windows: tuple[Window, ...] = ()
    wall_offset: float = 0.0
    """What the limiter's clock lacks to seconds since 1970 (UTC), for rates that are aligned."""
    level: Level | None = None
    paused_until: float = NEVER
    cool_until: float = NEVER
    """After a `RetryAfter`: nobody starts before, and then one alone."""
    probing: bool = False
    """That one is under way."""
    blocked_until: float = NEVER
    """The end of a penalty."""
    gated: bool = False
    """Whether any of the five above can matter: lets the common case skip them."""


def opening(limits: Limits, now: float) -> State:
    """Return the state of a limiter nobody has used yet."""
    state = State(windows=opened(limits.rates))
    if limits.reservoir is not None:
        state.level = Level(limits.reservoir.amount, now)
    return state


def decide(limits: Limits, state: State, weight: int, now: float) -> Decision:
    """Say whether a job of this weight may start at ``now``, and if not, what holds it.

    Example:
        >>> limits = Limits(max_concurrent=1, min_interval=2.0)
        >>> state = opening(limits, now=0.0)
        >>> decide(limits, state, 1, now=0.0).limit is None
        True
        >>> start(limits, state, 1, now=0.0)
        >>> decide(limits, state, 1, now=0.5).limit
        'max_concurrent'
        >>> finish(state, 1)
        >>> decide(limits, state, 1, now=0.5)
        Decision(limit='min_interval', at=2.0)
    """
    if (
        limits.max_concurrent is not None
        and weight
        and state.running + weight > limits.max_concurrent
    ):
        return FULL
    if limits.timed or state.gated:
        return _decide_in_time(limits, state, weight, now)
    return START


def _decide_in_time(limits: Limits, state: State, weight: int, now: float) -> Decision:
    if state.probing:
        return PROBING
    limit, at = None, now
    if state.gated:
        limit, at = _gate(limits, state, now)
    if limits.min_interval and (due := state.last_start + limits.min_interval) > at:
        limit, at = "min_interval", due
    for rate, window in zip(limits.rates, state.windows, strict=True):
        if (due := free_at(rate, window, state.wall_offset)) > at:
            limit, at = "rates", due
    if limits.reservoir is not None and state.level is not None and weight:
        level = refilled(limits.reservoir, state.level, now)
        if level.amount < weight:
            limit, at = "reservoir", max(at, next_refill(limits.reservoir, level, now))
    return START if limit is None else Decision(limit, at)


def _gate(limits: Limits, state: State, now: float) -> tuple[str | None, float]:
    limit, at = None, now
    if state.paused_until > at:
        limit, at = "pause", state.paused_until
    if state.cool_until > at:
        limit, at = "retry_after", state.cool_until
    if state.blocked_until > NEVER and state.blocked_until + limits.min_interval > at:
        limit, at = "penalty", state.blocked_until + limits.min_interval
    return limit, at


def start(limits: Limits, state: State, weight: int, now: float) -> None:
    """Take what a start takes: its weight, one place in every window, its share of the stock."""
    state.running += weight
    state.last_start = now
    if limits.timed:
        for window in state.windows:
            window.append(now)
        if limits.reservoir is not None and state.level is not None:
            state.level = refilled(limits.reservoir, state.level, now)
            state.level.amount -= weight
    if state.gated:
        state.probing = state.cool_until > NEVER
        if state.blocked_until + limits.min_interval <= now:
            state.blocked_until = NEVER
        if state.paused_until <= now:
            state.paused_until = NEVER
        _note_gate(state)


def finish(state: State, weight: int) -> None:
    """Give a slot back."""
    state.running -= weight


def pause(state: State, until: float) -> None:
    """Let nothing start before ``until``; of several pauses the longest counts."""
    state.paused_until = max(state.paused_until, until)
    _note_gate(state)


def resume(state: State) -> None:
    """End every pause."""
    state.paused_until = NEVER
    _note_gate(state)


def cool_down(state: State, until: float) -> None:
    """Let nothing start before ``until``, and then one job alone."""
    state.cool_until = max(state.cool_until, until)
    state.probing = False
    _note_gate(state)


def probed(state: State, *, well: bool) -> None:
    """Say how the job that ran alone after a cool-down has ended: well, or another must try."""
    state.probing = False
    if well:
        state.cool_until = NEVER
    _note_gate(state)


def block(state: State, until: float) -> None:
    """Begin a penalty, or begin it again."""
    state.blocked_until = until
    _note_gate(state)


def _note_gate(state: State) -> None:
    state.gated = (
        state.probing or max(state.paused_until, state.cool_until, state.blocked_until) > NEVER
    )


def settle(limits: Limits, state: State, refund: int, now: float) -> None:
    """Give some weight back to the reservoir, or take some more out of it if negative."""
    if limits.reservoir is not None and state.level is not None:
        state.level = refilled(limits.reservoir, state.level, now)
        state.level.amount += refund


def forgive(state: State, started_at: float, *, free: bool) -> None:
    """Take a start out of the windows because it has cost nothing, or put it in again."""
    for window in state.windows:
        if not free:
            starts = sorted([*window, started_at])
            window.clear()
            window.extend(starts)
        elif started_at in window:
            window.remove(started_at)


def changed(old: Limits, new: Limits, state: State, now: float) -> None:
    """Carry a state over to new limits: what was started stays started."""
    if new.rates != old.rates:
        known = [Window([state.last_start] if state.last_start > NEVER else []), *state.windows]
        state.windows = opened(new.rates, known)
    if new.reservoir != old.reservoir:
        state.level = None if new.reservoir is None else Level(new.reservoir.amount, now)


def forgettable(limits: Limits, state: State, now: float) -> bool:
    """Whether a fresh limiter would decide exactly as this one does from now on."""
    if state.running or (state.gated and _gate(limits, state, now)[0]) or state.probing:
        return False
    if limits.timed and state.last_start + limits.min_interval > now:
        return False
    if any(
        window and rate.spent_until(window[-1], state.wall_offset) > now
        for rate, window in zip(limits.rates, state.windows, strict=True)
    ):
        return False
    if limits.reservoir is not None and state.level is not None:
        level = refilled(limits.reservoir, state.level, now)
        return level.amount >= limits.reservoir.amount
    return True
