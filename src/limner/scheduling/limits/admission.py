"""The admission rule: may a job start now? Without clock, I/O or await.

`decide` looks and answers; `start` takes everything the answer promised, all or nothing;
`finish` gives the slot back. Between a `decide` and its `start` nothing else may happen, and
because all three are plain functions, nothing can. Time comes in as a number of seconds on any
clock that never goes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import UNNAMED, Weight, named_weights
from limner.scheduling.limits.rate import Rate, Window, opened
from limner.scheduling.limits.reservoir import Level, filled_at, refilled

NEVER = float("-inf")
UNKNOWN = float("inf")
FINE = 0.010
LATE = 0.050
"""Seconds. Clocks ring up to a millisecond late, which would halve a rate of 1,000 a second: with
an interval up to the first, a start that waited counts from when it was due, if it is late by less
than the second."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a job may start.

    Attributes:
        limit: The option that holds it back, or what else does: ``"max_concurrent"``,
            ``"min_interval"``, ``"rates"``, ``"reservoir"``, ``"pause"``, ``"retry_after"``,
            ``"penalty"``. ``None``: it may start.
        at: The earliest instant at which asking again can help; infinity if only another event
            can, such as the end of a job.
        never: Whether nothing ever can: the job weighs more than there will be again.
    """

    limit: str | None
    at: float
    never: bool = False


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


def decide(
    limits: Limits, state: State, weight: int, now: float, named: Mapping[str, int] = UNNAMED
) -> Decision:
    """Say whether a job of this weight may start at ``now``, and if not, what holds it.

    Args:
        limits: What is kept to.
        state: What is remembered.
        weight: What the job weighs.
        now: The instant.
        named: What it weighs to limits that have a name.

    Examples:
        >>> limits = Limits(max_concurrent=1, min_interval=2.0)
        >>> state = opening(limits, now=0.0)
        >>> decide(limits, state, 1, now=0.0).limit is None
        True
        >>> start(limits, state, 1, now=0.0)
        >>> decide(limits, state, 1, now=0.5).limit
        'max_concurrent'
        >>> finish(state, 1)
        >>> decide(limits, state, 1, now=0.5)
        Decision(limit='min_interval', at=2.0, never=False)
    """
    if state.running + weight > limits.capacity and weight:
        return FULL
    if limits.timed or state.gated:
        return _decide_in_time(limits, state, weight, now, named)
    return START


def closed(limits: Limits, state: State, now: float) -> Decision:
    """Say what keeps every job from starting, whatever it weighs and whoever else runs.

    Examples:
        >>> limits = Limits(max_concurrent=1)
        >>> state = opening(limits, now=0.0)
        >>> start(limits, state, 1, now=0.0)
        >>> pause(state, until=9.0)
        >>> decide(limits, state, 1, now=0.5).limit, closed(limits, state, now=0.5)
        ('max_concurrent', Decision(limit='pause', at=9.0, never=False))
    """
    if state.probing:
        return PROBING
    limit, at = _gate(limits, state, now)
    return START if limit is None else Decision(limit, at)


def is_full(limits: Limits, state: State) -> bool:
    """Whether nothing that weighs anything may start, whatever else there is."""
    return state.running >= limits.capacity


def _decide_in_time(
    limits: Limits, state: State, weight: int, now: float, named: Mapping[str, int]
) -> Decision:
    if state.probing:
        return PROBING
    limit, at = None, now
    if state.gated:
        limit, at = _gate(limits, state, now)
    if limits.min_interval and (due := state.last_start + limits.min_interval) > at:
        limit, at = "min_interval", due
    for rate, window in zip(limits.rates, state.windows, strict=True):
        if (due := window.free_at(rate, rate.cost(named), state.wall_offset)) > at:
            limit, at = "rates", due
    if limits.reservoir is not None and state.level is not None:
        cost = limits.reservoir.cost(weight, named)
        level = refilled(limits.reservoir, state.level, now)
        if level.amount < cost and cost:
            filled = filled_at(limits.reservoir, level, cost, now)
            if filled is None:
                return Decision("reservoir", now, never=True)
            limit, at = "reservoir", max(at, filled)
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


def start(
    limits: Limits,
    state: State,
    weight: int,
    now: float,
    named: Mapping[str, int] = UNNAMED,
    due: float = UNKNOWN,
) -> None:
    """Take what a start takes: its weight, its place in every window, its share of the stock.

    Args:
        limits: What is kept to.
        state: What is remembered.
        weight: What the job weighs.
        now: The instant.
        named: What it weighs to limits that have a name.
        due: The instant for which a clock rang, if that is why it starts now.
    """
    state.running += weight
    if limits.timed:
        rung = state.last_start + limits.min_interval
        late = limits.min_interval <= FINE and due <= rung <= now and now - rung < LATE
        state.last_start = rung if late else now
        for rate, window in zip(limits.rates, state.windows, strict=True):
            window.add(rate, rate.cost(named), now, state.wall_offset)
        if limits.reservoir is not None and state.level is not None:
            state.level = refilled(limits.reservoir, state.level, now)
            state.level.amount -= limits.reservoir.cost(weight, named)
    else:
        state.last_start = now
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


def refund(limits: Limits, state: State, amount: int, now: float) -> None:
    """Give something back to the reservoir, or take some more out of it if negative."""
    if limits.reservoir is not None and state.level is not None:
        state.level = refilled(limits.reservoir, state.level, now)
        state.level.amount += amount


@dataclass(frozen=True, slots=True)
class Charge:
    """What a start was charged: without a name, and by name."""

    weight: int
    named: Mapping[str, int]
    counted: bool = True
    """Whether it takes a place in the windows of rates without a name."""

    def settled(self, weight: Weight) -> Charge:
        """Return what it is once its cost is known: a number for what has no name, or by name.

        Raises:
            TypeError, ValueError: Not a weight.

        Examples:
            >>> Charge(1, {"tokens": 900}).settled({"tokens": 700}).named
            {'tokens': 700}
        """
        plain, named = named_weights(weight)
        if plain is None:
            return replace(self, named={**self.named, **named})
        return Charge(plain, {**self.named, **named}, counted=plain > 0)


def recharge(
    limits: Limits, state: State, started_at: float, old: Charge, new: Charge, now: float
) -> None:
    """Have a start cost something else than it was charged: in the stock, and in the windows.

    Where nothing has a name, a start counts once, unless it has cost nothing.
    """
    if limits.reservoir is not None and state.level is not None:
        cost = limits.reservoir.cost
        refund(limits, state, cost(old.weight, old.named) - cost(new.weight, new.named), now)
    for rate, window in zip(limits.rates, state.windows, strict=True):
        if rate.name is None:
            before, after = int(old.counted), int(new.counted)
        else:
            before, after = rate.cost(old.named), rate.cost(new.named)
        if before != after:
            window.correct(rate.stamp(started_at, state.wall_offset), before, after)


def changed(old: Limits, new: Limits, state: State, now: float) -> None:
    """Carry a state over to new limits: what was started stays started."""
    if new.rates != old.rates:
        known = list(zip(old.rates, state.windows, strict=True))
        if state.last_start > NEVER:  # a window would know of the one start that is remembered
            known.insert(0, (Rate(1, per=1), Window([(state.last_start, 1)])))
        state.windows = opened(new.rates, known, state.wall_offset)
    if new.reservoir != old.reservoir:
        state.level = None if new.reservoir is None else Level(new.reservoir.amount, now)


def moved(limits: Limits, state: State, by: float) -> None:
    """Carry a state over to another clock, which shows ``by`` seconds more than the old one."""
    state.last_start += by
    state.paused_until += by
    state.cool_until += by
    state.blocked_until += by
    state.wall_offset -= by
    if state.level is not None:
        state.level.begin += by
    for rate, window in zip(limits.rates, state.windows, strict=True):
        if rate.align is None:  # one that is aligned goes by the wall clock, which is the same
            window.move(by)


def copied(state: State) -> State:
    """Return a twin that can be run forward by itself."""
    return replace(
        state,
        windows=tuple(window.copy() for window in state.windows),
        level=None if state.level is None else replace(state.level),
    )


def forgettable(limits: Limits, state: State, now: float) -> bool:
    """Whether a fresh limiter would decide exactly as this one does from now on."""
    if state.running or (state.gated and _gate(limits, state, now)[0]) or state.probing:
        return False
    if limits.timed and state.last_start + limits.min_interval > now:
        return False
    if any(
        window.charges and rate.spent_until(window.charges[-1][0], state.wall_offset) > now
        for rate, window in zip(limits.rates, state.windows, strict=True)
    ):
        return False
    if limits.reservoir is not None and state.level is not None:
        level = refilled(limits.reservoir, state.level, now)
        return level.amount >= limits.reservoir.amount
    return True
