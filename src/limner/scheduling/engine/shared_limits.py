"""The port to limits that are shared with other processes.

A limiter keeps its jobs, their functions and their results; who may start next is asked of a
`SharedLimits`. It hands in an `Ask` for every job that waits, at once and without waiting, and is
told of a `Lease` later: soon, late, twice, or never, if the message was lost. So:

- what a limiter says is said synchronously, buffered by the port, and never raises for an outage;
- a lease for a job that does not wait any more is given back; one that is held already is ignored;
- what was lost is found again: the port compares, at each of its heartbeats, what the limiter holds
  and waits for (`LeaseHolder.held`, `LeaseHolder.asks`) with what the others know;
- a lease that the others have taken away, because this process was silent for too long, is told by
  `LeaseHolder.lost`: the job is stopped. A port says so in time by itself when it cannot reach the
  others, before they may give the slot to somebody else.

The order of all jobs of all processes, priorities and fair turns included, is kept by the port.
``limner.testing.shared_limits_contract`` says what one must do, as checks that anybody can run.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from limner.scheduling.limits.admission import Charge
from limner.scheduling.limits.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A job that waits.

    Attributes:
        ticket: Its number; a limiter uses each once, and counts up.
        weight: What it weighs.
        named: What it weighs by name.
        priority: From 0 (first) to 9 (last).
        owner: On whose behalf it runs.
        again: Whether it comes back for a retry: it goes before the newcomers of its priority.
        instead_of: The ticket of the job of the same limiter whose place it takes, if that still
            waits; it is withdrawn by this.
    """

    ticket: int
    weight: int
    named: Mapping[str, int]
    priority: int
    owner: Hashable = None
    again: bool = False
    instead_of: int | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """A slot that was given.

    Attributes:
        ticket: For which job.
        fence: A number that only goes up, over all processes: of two who both believe to hold a
            slot, the one with the higher number does. Unique.
    """

    ticket: int
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What the limits look like from outside.

    Attributes:
        running: The weight of all jobs, of all processes, that hold a slot.
        waiting: How many jobs of all processes wait.
        reservoir: What the reservoir holds; ``None`` if there is none.
        paused: Whether a pause keeps jobs from starting.
        opens_at: The earliest instant, on the loop's clock and as far as known, at which a job of
            weight 1 could start if nobody waited: infinity if that depends on something else than
            time, minus infinity if it is now.
    """

    running: int
    waiting: int
    reservoir: int | None
    paused: bool
    opens_at: float


class LeaseHolder(Protocol):
    """What a limiter is for its port. Everything is called in the limiter's loop.

    Never from inside one of the port's own methods.
    """

    def granted(self, lease: Lease) -> None:
        """A job may start."""

    def dropped(self, ticket: int, strategy: str) -> None:
        """Too many wait: a job was shed. See `limner.errors.JobDropped`."""

    def lost(self, lease: Lease) -> None:
        """A lease is not ours any more."""

    def held(self) -> Iterable[Lease]:
        """Return the leases of jobs that have not ended."""

    def asks(self) -> Iterable[Ask]:
        """Return what is waited for."""


@runtime_checkable
class SharedLimits(Protocol):
    """Decides together with other processes which job has its slot when."""

    def open(self, limits: Limits, holder: LeaseHolder) -> None:
        """Begin to work for a limiter, in the running loop. Called once, before all others."""

    def ask(self, ask: Ask) -> None:
        """Put a job in the order."""

    def withdraw(self, ticket: int) -> None:
        """Take a job out of the order. One that is not there is no mistake."""

    def give_back(self, lease: Lease, *, well: bool) -> None:
        """End a lease. One that has ended is no mistake.

        Args:
            lease: The lease.
            well: Whether its job succeeded: after a cool-down, that lets others start.
        """

    def recharge(self, lease: Lease, old: Charge, new: Charge) -> None:
        """Have a start cost something else than it was charged, also after its end."""

    def change(self, limits: Limits) -> None:
        """Go on under other limits, for everybody. What was started stays started."""

    def pause(self, seconds: float | None) -> None:
        """Have nobody start for a while, or until `resume`; of several the longest counts."""

    def resume(self) -> None:
        """End every pause."""

    def cool_down(self, seconds: float) -> None:
        """Have nobody start for a while, and then one job alone."""

    @property
    def trouble(self) -> str | None:
        """Why the others cannot be reached now, in a line; ``None``: nothing is known of that."""

    async def look(self) -> Outlook:
        """Say what the limits look like.

        Raises:
            SharedLimitsUnavailable: The others cannot be reached.
        """

    async def refill(self, amount: int) -> int | None:
        """Add to the reservoir, or take from it; return what it holds, ``None``: there is none.

        Raises:
            SharedLimitsUnavailable: The others cannot be reached.
        """
