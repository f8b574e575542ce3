"""A member of a pool at work."""

import asyncio
from collections.abc import Callable, Collection

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.images.learning import LearnedLimits
from limner.backends.images.pool.circuit import Circuit
from limner.backends.images.pool.load_balancing import Load
from limner.backends.images.pool.member import Member
from limner.backends.images.pool.status import MemberState, MemberStatus
from limner.backends.images.support.capabilities import quota_of
from limner.illustration.capabilities import close, places_of
from limner.scheduling import Resumed

REMEMBERED = 256
"""Prompts that a member failed at which are remembered."""


class ActiveMember:
    """What the pool knows of a member.

    Args:
        member: Who.
        circuit: Whether it is asked after failures.
        resumed: Called when a pause of its limiter has ended.
    """

    def __init__(self, member: Member, circuit: Circuit, resumed: Callable[[], None]) -> None:
        self.member = member
        self.name = member.name
        self.limiter = member.limiter
        self.circuit = circuit
        self.running = 0
        self.taken = 0
        self.done = 0
        self.failed = 0
        self.error = ""
        self.leaving = False
        self.removed = False
        self.models = member.models
        self._drew_at = float("-inf")
        self._failed_at: dict[str, float] = {}
        self.shown: MemberState | None = None
        """The state that was told last."""
        self.timer: asyncio.TimerHandle | None = None
        self.probe: asyncio.Task[None] | None = None
        self.empty: asyncio.Future[None] | None = None
        self._retry = member.limiter.limits.retry
        self.limiter.update(retry=None)
        self._unsubscribe = self.limiter.on(Resumed, lambda _: resumed())
        self._limits = LearnedLimits(self.limiter, rates=self._rates, retry=False)

    def _rates(self) -> RateHeaders | None:
        return quota_of(self.member.backend)

    def drew(self, now: float) -> None:
        """It has made a picture."""
        self.done += 1
        self.error = ""
        self._drew_at = now

    def is_to_blame(self, prompt: str, now: float) -> bool:
        """Whether a failure tells of the member: not if it drew since it failed at that before."""
        before = self._failed_at.pop(prompt, None)
        self._failed_at[prompt] = now
        if len(self._failed_at) > REMEMBERED:
            del self._failed_at[next(iter(self._failed_at))]
        return before is None or self._drew_at < before

    def is_no_trial_for(self, prompt: str) -> bool:
        """Whether it is tried after a failure, and with a picture that it failed at before."""
        return self.circuit.half_open and prompt in self._failed_at

    @property
    def load(self) -> Load:
        """What it has to do."""
        return Load(weight=self.member.weight, running=self.running, taken=self.taken)

    def opens_at(self) -> float:
        """When it could take one more picture; infinity: not before something else happens."""
        if not self.circuit.allows(running=self.running):
            return float("inf")
        return self.limiter.opens_at()

    def is_at(self, place: str) -> bool:
        """Whether it draws at a server, by that one's fingerprint."""
        return place in places_of(self.member.backend)

    def has(self, model: str) -> bool | None:
        """Whether it has a model; ``None``: it does not tell."""
        if not model:
            return True
        if not self.models:
            return None if self.member.models is None else False
        return model.casefold() in {name.casefold() for name in self.models}

    @property
    def state(self) -> MemberState:
        """How it is."""
        if self.removed:
            return MemberState.REMOVED
        if self.leaving:
            return MemberState.DRAINING if self.running else MemberState.DRAINED
        if self.circuit.open_until is not None:
            return MemberState.DOWN
        if self.circuit.half_open:
            return MemberState.TRYING
        cooling = self._limits.learned.cooling_until is not None
        return MemberState.COOLING if cooling else MemberState.READY

    def status(self, waiting: int) -> MemberStatus:
        """All of it; `waiting`: how many pictures could go to it."""
        until = self.circuit.open_until
        return MemberStatus(
            name=self.name,
            state=self.state,
            weight=self.member.weight,
            running=self.running,
            waiting=waiting,
            done=self.done,
            failed=self.failed,
            learned=self._limits.learned,
            next_probe_in=None if until is None else max(until - self.limiter.now, 0.0),
            models=self.models,
            error=self.error,
        )

    def call_off(self) -> None:
        """Look at it no more."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.probe is not None:
            self.probe.cancel()

    async def aclose(self) -> None:
        """End what looks at it, give its limiter back, close its backend."""
        self.call_off()
        if self.probe is not None:
            await asyncio.wait([self.probe])
        self._unsubscribe()
        self._limits.stop()
        self.limiter.update(retry=self._retry)
        await close(self.member.backend)


def who_has_what(members: Collection[ActiveMember]) -> str:
    """The models of all members, in words."""
    told = [f"{active.name}: {', '.join(active.models or ()) or 'not told'}" for active in members]
    return "; ".join(told) or "the pool has no members"
