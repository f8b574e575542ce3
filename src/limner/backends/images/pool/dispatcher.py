"""Where the pictures of a pool wait, and who gets which.

A picture is given to a member at the instant that member can start it, never before: so a slow
member takes what it can do and no more, and a change of members counts for everybody who waits.
All of this is synchronous; one timer wakes it when a limit of a member ends.
"""

import asyncio
from bisect import insort
from collections.abc import Callable

from limner.backends.images.pool.active_member import ActiveMember
from limner.backends.images.pool.load_balancing import least_loaded
from limner.backends.images.pool.pending_request import PendingRequest
from limner.errors import BackendError, BackendUnavailable
from limner.illustration.model.image import Image
from limner.scheduling import Job

NEVER = float("inf")


class Dispatcher:
    """Gives waiting pictures to members.

    Args:
        start: Begins to draw a picture at a member that can start it.
        patience: Seconds a picture waits while every member it could go to is down.
    """

    def __init__(
        self, start: Callable[[PendingRequest, ActiveMember], Job[Image]], *, patience: float
    ) -> None:
        self.members: dict[str, ActiveMember] = {}
        self._start = start
        self._patience = patience
        self._line: list[PendingRequest] = []
        self._timer: asyncio.TimerHandle | None = None

    def candidates(self, pending: PendingRequest) -> list[ActiveMember]:
        """The members that a picture could go to, be it later."""
        members = list(self.members.values())
        having = [active for active in members if active.has(pending.model)]
        able = [
            active
            for active in having
            or [active for active in members if active.has(pending.model) is None]
            if not active.leaving and active.name not in pending.failed_on
        ]
        prompt, left = pending.request.prompt, pending.left_at
        if left is not None:
            there = [active for active in able if active.is_at(left)]
            if any(active.circuit.open_until is None for active in there):
                return there
        return [active for active in able if not active.is_no_trial_for(prompt)] or able

    def waiting(self, active: ActiveMember) -> int:
        """How many pictures that wait could go to a member."""
        return sum(active in self.candidates(pending) for pending in self._line)

    def enter(self, pending: PendingRequest) -> None:
        """Let a picture wait in its place, behind all that were refused less often.

        One that every member refuses would otherwise be first again and again.
        """
        insort(self._line, pending, key=lambda waiting: (waiting.refusals, waiting.number))
        self.match()

    def leave(self, pending: PendingRequest) -> None:
        """Take a picture out of the line."""
        if pending in self._line:
            self._line.remove(pending)

    def close(self, error: BackendError) -> None:
        """Let nobody wait any more."""
        self._set_timer(NEVER)
        for pending in self._line:
            if not pending.turn.done():
                pending.turn.set_exception(error)
        self._line.clear()

    def match(self) -> None:
        """Give pictures to members, in order, as far as members can start them now."""
        if not self._line:
            self._set_timer(NEVER)
            return
        now, wake = asyncio.get_running_loop().time(), NEVER
        opens = {active.name: active.opens_at() for active in self.members.values()}
        for pending in list(self._line):
            if pending.turn.done():  # its caller was cancelled
                self._line.remove(pending)
                continue
            able = self.candidates(pending)
            free = [active for active in able if opens[active.name] <= now]
            if free:
                active = free[least_loaded([active.load for active in free])]
                self._give(pending, active)
                opens[active.name] = active.opens_at()
            else:
                wake = min([wake, self._patient(pending, able, now)])
                wake = min([wake, *(opens[active.name] for active in able)])
        self._set_timer(wake)

    def _give(self, pending: PendingRequest, active: ActiveMember) -> None:
        self._line.remove(pending)
        pending.gives_up_at = None
        active.running += 1
        active.taken += 1
        pending.turn.set_result(active)  # first: whoever hears of the start may cancel the caller
        pending.job = self._start(pending, active)

    def _patient(self, pending: PendingRequest, able: list[ActiveMember], now: float) -> float:
        """When a picture that nobody can start now stops waiting; it may do so at once."""
        if any(active.circuit.open_until is None for active in able):
            pending.gives_up_at = None
            return NEVER
        if pending.gives_up_at is None:
            waits = able and not self._refused_by_others(pending)
            pending.gives_up_at = now + self._patience if waits else now
        if pending.gives_up_at <= now:
            self._line.remove(pending)
            pending.turn.set_exception(self.nobody(pending))
            return NEVER
        return pending.gives_up_at

    def _refused_by_others(self, pending: PendingRequest) -> bool:
        """Whether one that is there has refused it: then it does not wait for the others."""
        others = (self.members.get(name) for name in pending.failed_on)
        return any(other is not None and other.circuit.open_until is None for other in others)

    def nobody(self, pending: PendingRequest) -> BackendUnavailable:
        """Why a picture gets no member."""
        told = [f"{name}: {error}" for name, error in pending.failed_on.items()]
        told += [
            f"{active.name} is {active.state.value}{f' ({active.error})' if active.error else ''}"
            for active in self.members.values()
            if active.name not in pending.failed_on
        ]
        reasons = "; ".join(told) or "it has no members"
        return BackendUnavailable(f"no server of the pool can draw this now: {reasons}")

    def _set_timer(self, wake: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wake < NEVER:
            self._timer = asyncio.get_running_loop().call_at(wake, self.match)
