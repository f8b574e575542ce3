"""One limiter's way to limits that it shares, over messages that may be lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from limner.errors import SharedLimitsUnavailable
from limner.scheduling import Ask, Lease, LeaseHolder, Outlook
from limner.scheduling.limits import admission
from limner.scheduling.limits.admission import UNKNOWN, Charge
from limner.scheduling.limits.limits import Limits
from limner.testing.shared_limits.server import SharedLimitsServer


class ScriptedSharedLimits:
    """The port of one limiter to a `SharedLimitsServer`: a `limner.scheduling.SharedLimits`."""

    def __init__(self, server: SharedLimitsServer, name: str) -> None:
        self.name = name
        self._server = server
        self._holder: LeaseHolder | None = None
        self._crashed = False
        self._cut_until = float("-inf")
        self._arrivals = {"to": float("-inf"), "from": float("-inf")}
        self._acknowledged = float("-inf")
        self._beating = False

    # What is done to it

    def crash(self) -> None:
        """Say nothing more, and hear nothing, as a process that was killed."""
        self._crashed = True

    def cut(self, seconds: float) -> None:
        """Lose every message of so many seconds, both ways."""
        self._cut_until = _now() + seconds

    # Messages

    def _send(self, direction: str, kind: str, deliver: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        if self._crashed or loop.time() < self._cut_until:
            return
        for delay in self._server.fate(kind):
            at = max(loop.time() + delay, self._arrivals[direction])
            self._arrivals[direction] = at
            loop.call_at(at, self._arrive, deliver)

    def _arrive(self, deliver: Callable[[], object]) -> None:
        if not self._crashed and _now() >= self._cut_until:
            deliver()

    def _say(self, kind: str, deliver: Callable[[], object]) -> None:
        self._send("to", kind, deliver)
        if not self._beating:
            self._beating = True
            self._acknowledged = _now()
            asyncio.get_running_loop().call_later(self._server.ttl / 5, self._beat)

    def hear(self, kind: str, deliver: Callable[[], object]) -> None:
        """Be sent something by the server."""
        self._send("from", kind, deliver)

    def _beat(self) -> None:
        holder, now = self._holder, _now()
        if holder is None or self._crashed:
            return
        held, asks = frozenset(holder.held()), tuple(holder.asks())
        if not held and not asks:
            self._beating = False
            return
        self._send("to", "beat", lambda: self._server.beat(self, held, asks, now))
        if self._is_cut_off():
            for lease in held:  # before the others may give it to somebody else
                holder.lost(lease)
        asyncio.get_running_loop().call_later(self._server.ttl / 5, self._beat)

    def _is_cut_off(self) -> bool:
        """Whether the others may soon believe that this client is dead."""
        return _now() - self._acknowledged >= 0.8 * self._server.ttl

    def hear_answer(self, sent: float, gone: list[Lease]) -> None:
        """Hear that a beat has arrived, and which leases are not ours any more."""
        self._acknowledged = max(self._acknowledged, sent)
        if self._holder is not None:
            for lease in gone:
                self._holder.lost(lease)

    def tell_granted(self, lease: Lease) -> None:
        """Hear of a grant; one that was long on its way may not be true any more."""
        if self._holder is not None and not self._is_cut_off():
            self._holder.granted(lease)

    def tell_dropped(self, ticket: int, strategy: str) -> None:
        """Hear of a drop."""
        if self._holder is not None:
            self._holder.dropped(ticket, strategy)

    # What a limiter says

    def open(self, limits: Limits, holder: LeaseHolder) -> None:
        """Begin to work for a limiter."""
        self._holder = holder
        self._server.begin(limits)

    def ask(self, ask: Ask) -> None:
        """Put a job in the order."""
        self._say("ask", lambda: self._server.ask(self, ask))

    def withdraw(self, ticket: int) -> None:
        """Take a job out of the order."""
        self._say("withdraw", lambda: self._server.withdraw(self, ticket))

    def give_back(self, lease: Lease, *, well: bool) -> None:
        """End a lease."""
        self._say("give_back", lambda: self._server.give_back(lease, well=well))

    def recharge(self, lease: Lease, old: Charge, new: Charge) -> None:
        """Have a start cost something else."""
        self._have(lambda: self._server.recharge(lease, old, new))

    def _have(self, act: Callable[[], Any]) -> None:
        """Have something done in the loop's next turn, which no fate keeps from arriving."""

        def deliver() -> None:
            act()
            self._server.grant_all()

        asyncio.get_running_loop().call_soon(deliver)

    def change(self, limits: Limits) -> None:
        """Go on under other limits."""
        self._have(lambda: self._server.control.change(limits, _now()))

    def pause(self, seconds: float | None) -> None:
        """Have nobody start for a while."""
        until = UNKNOWN if seconds is None else _now() + seconds
        self._have(lambda: admission.pause(self._server.control.state, until))

    def resume(self) -> None:
        """End every pause."""
        self._have(lambda: admission.resume(self._server.control.state))

    def cool_down(self, seconds: float) -> None:
        """Have nobody start for a while, and then one job alone."""
        until = _now() + seconds
        self._have(lambda: admission.cool_down(self._server.control.state, until))

    @property
    def trouble(self) -> str | None:
        """Whether it is cut off."""
        cut = self._holder is not None and self._is_cut_off()
        return "the shared limits cannot be reached: cut off" if cut else None

    async def look(self) -> Outlook:
        """Say what the limits look like."""
        await self._reach()
        return self._server.look()

    async def refill(self, amount: int) -> int | None:
        """Add to the reservoir."""
        await self._reach()
        self._server.control.refund(amount, _now())
        self._server.grant_all()
        return self._server.control.reservoir(_now())

    async def _reach(self) -> None:
        await asyncio.sleep(0)
        if self._crashed or _now() < self._cut_until:
            raise SharedLimitsUnavailable("the connection is cut")


def _now() -> float:
    return asyncio.get_running_loop().time()
