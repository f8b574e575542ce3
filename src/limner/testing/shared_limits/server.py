"""The one place where limits are kept that several limiters share."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from limner.scheduling import Ask, Lease, Outlook, Overflow
from limner.scheduling.engine.admission_control import AdmissionControl
from limner.scheduling.limits import admission
from limner.scheduling.limits.admission import START, UNKNOWN, Charge
from limner.scheduling.limits.limits import Limits

Fate = Callable[[str], Sequence[float]]
"""``(kind) -> delays``: after how many seconds a message arrives, once for each; ``()``: never.

The kinds are ``ask``, ``withdraw``, ``give_back``, ``beat`` (to the server) and ``grant``,
``drop``, ``answer`` (from it). Messages of one direction never overtake one another.
"""


def at_once(kind: str) -> Sequence[float]:
    """Let every message arrive at once, in the loop's next turn."""
    return (0.0,)


class Client(Protocol):
    """Who is told of grants."""

    name: str

    def hear(self, kind: str, deliver: Callable[[], object]) -> None:
        """Be sent something by the server."""

    def tell_granted(self, lease: Lease) -> None:
        """Hear of a grant."""

    def tell_dropped(self, ticket: int, strategy: str) -> None:
        """Hear of a drop."""

    def hear_answer(self, sent: float, gone: list[Lease]) -> None:
        """Hear that a beat has arrived, and which leases are not the client's any more."""


@dataclass(order=True, slots=True)
class _Place:
    """Where a job stands in the order of all."""

    priority: int
    newcomer: bool
    serial: int
    client: Client = field(compare=False)
    ask: Ask = field(compare=False)


@dataclass(slots=True)
class _Slot:
    """A lease that was given."""

    lease: Lease
    client: Client
    ask: Ask
    started_at: float
    seen: bool = False
    """Whether the client was ever heard to hold it."""


class SharedLimitsServer:
    """The one place where the limits of all clients are kept.

    Args:
        ttl: Seconds after which a client that says nothing has lost its leases.
        fate: What becomes of messages; can be set later.

    Attributes:
        grants: Every start that was granted, as ``(instant, client's name, ticket)``.
    """

    def __init__(self, *, ttl: float = 5.0, fate: Fate = at_once) -> None:
        self.ttl = ttl
        self.fate = fate
        self.grants: list[tuple[float, str, int]] = []
        self._control: AdmissionControl | None = None
        self._order: list[_Place] = []
        self._slots: dict[int, _Slot] = {}
        self._serial = 0
        self._fence = 0
        self._probe: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard: dict[Client, float] = {}

    @property
    def control(self) -> AdmissionControl:
        """The limits and their state."""
        if self._control is None:
            raise RuntimeError("no limiter has used these limits yet")
        return self._control

    @property
    def running(self) -> int:
        """The weight of all leases."""
        return sum(slot.ask.weight for slot in self._slots.values())

    def look(self) -> Outlook:
        """Say what the limits look like."""
        now = _now()
        decision = self.control.decide(1, now)
        return Outlook(
            running=self.control.state.running,
            waiting=len(self._order),
            reservoir=self.control.reservoir(now),
            paused=self.control.state.paused_until > now,
            opens_at=float("-inf") if decision is START else decision.at,
        )

    def begin(self, limits: Limits) -> None:
        """Take the first client's limits for everybody's."""
        if self._control is None:
            self._control = AdmissionControl(limits, None)
            self._control.begin(_now())

    # What clients say

    def ask(self, client: Client, ask: Ask) -> None:
        """Put a job in the order, unless it is known already."""
        self._hear(client)
        if any(p.client is client and p.ask.ticket == ask.ticket for p in self._order):
            return
        if any(s.client is client and s.ask.ticket == ask.ticket for s in self._slots.values()):
            return
        self._serial += 1
        place = _Place(ask.priority, not ask.again, self._serial, client, ask)
        if ask.instead_of is not None:
            for old in self._order:
                if old.client is client and old.ask.ticket == ask.instead_of:
                    place.serial, place.newcomer = old.serial, old.newcomer
            self.withdraw(client, ask.instead_of)
        if self._overflows(place):
            return
        insort(self._order, place)
        self.grant_all()

    def _overflows(self, place: _Place) -> bool:
        limits, now = self.control.limits, _now()
        blocked = now < self.control.state.blocked_until
        first = not self._order or place < self._order[0]
        if first and self._may_start(place, now):
            return False
        if not blocked and (limits.high_water is None or len(self._order) < limits.high_water):
            return False
        if blocked or limits.overflow is Overflow.BLOCK:
            admission.block(self.control.state, now + limits.block_penalty)
            for other in [*self._order, place]:
                self._drop(other, "block")
            return True
        victim = place
        if limits.overflow is not Overflow.OVERFLOW:
            above = place.priority + (limits.overflow is Overflow.OVERFLOW_PRIORITY)
            lowest = max((p.priority for p in self._order), default=-1)
            if lowest >= above:
                victim = next(p for p in self._order if p.priority == lowest)
        self._drop(victim, limits.overflow.value)
        return victim is place

    def _drop(self, place: _Place, strategy: str) -> None:
        self._order = [other for other in self._order if other is not place]
        place.client.hear("drop", lambda: place.client.tell_dropped(place.ask.ticket, strategy))

    def withdraw(self, client: Client, ticket: int) -> None:
        """Take a job out of the order."""
        self._order = [
            p for p in self._order if not (p.client is client and p.ask.ticket == ticket)
        ]
        self.grant_all()

    def give_back(self, lease: Lease, *, well: bool) -> None:
        """End a lease."""
        slot = self._slots.pop(lease.fence, None)
        if slot is not None:
            admission.finish(self.control.state, slot.ask.weight)
            if self._probe == lease.fence:
                self._probe = None
                admission.probed(self.control.state, well=well)
            self.grant_all()

    def beat(
        self,
        client: Client,
        held: frozenset[Lease],
        asks: tuple[Ask, ...],
        sent: float,
    ) -> None:
        """Hear what a client holds and waits for, and put right what messages have lost."""
        tickets = {ask.ticket for ask in asks}
        for slot in [slot for slot in self._slots.values() if slot.client is client]:
            if slot.lease in held:
                slot.seen = True
            elif slot.ask.ticket in tickets and not slot.seen:
                self._send_grant(slot)
            else:
                self.give_back(slot.lease, well=False)
        for place in [p for p in self._order if p.client is client]:
            if place.ask.ticket not in tickets:
                self.withdraw(client, place.ask.ticket)
        for ask in asks:
            self.ask(client, ask)
        gone = [lease for lease in held if lease.fence not in self._slots]
        client.hear("answer", lambda: client.hear_answer(sent, gone))
        self._hear(client)

    def _hear(self, client: Client) -> None:
        self._heard[client] = _now()
        asyncio.get_running_loop().call_later(self.ttl, self._expire, client, self._heard[client])

    def _expire(self, client: Client, heard: float) -> None:
        if self._heard.get(client) == heard:
            self._order = [place for place in self._order if place.client is not client]
            for slot in [slot for slot in self._slots.values() if slot.client is client]:
                self.give_back(slot.lease, well=False)
            self.grant_all()

    # Granting

    def _may_start(self, place: _Place, now: float) -> bool:
        return self.control.decide(place.ask.weight, now, place.ask.named) is START

    def grant_all(self) -> None:
        """Start whoever can start, in order."""
        now, wake = _now(), UNKNOWN
        while self._order:
            head = self._order[0]
            decision = self.control.decide(head.ask.weight, now, head.ask.named)
            if decision is not START:
                wake = decision.at
                light = next((p for p in self._order if not p.ask.weight), None)
                if light is None or not self._may_start(light, now):
                    break
                head = light
            self._order.remove(head)
            self._grant(head, now)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._order and wake < UNKNOWN:
            self._timer = asyncio.get_running_loop().call_at(wake, self.grant_all)

    def _grant(self, place: _Place, now: float) -> None:
        admission.start(
            self.control.limits, self.control.state, place.ask.weight, now, place.ask.named
        )
        self._fence += 1
        lease = Lease(place.ask.ticket, self._fence)
        if self.control.state.probing and self._probe is None:
            self._probe = lease.fence
        slot = self._slots[lease.fence] = _Slot(lease, place.client, place.ask, now)
        self.grants.append((now, place.client.name, lease.ticket))
        self._send_grant(slot)

    def _send_grant(self, slot: _Slot) -> None:
        slot.client.hear("grant", lambda: slot.client.tell_granted(slot.lease))

    def recharge(self, lease: Lease, old: Charge, new: Charge) -> None:
        """Have a start cost something else."""
        slot = self._slots.get(lease.fence)
        if slot is not None:
            self.control.recharge(slot.started_at, old, new, _now())
            self.grant_all()


def _now() -> float:
    return asyncio.get_running_loop().time()
