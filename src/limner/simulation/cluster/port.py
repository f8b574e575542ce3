"""A worker's way to the limits that all share."""

from __future__ import annotations

import asyncio

from limner.scheduling import Ask, Lease, LeaseHolder, Outlook
from limner.scheduling.limits.admission import Charge
from limner.scheduling.limits.limits import Limits
from limner.simulation.cluster.place import Place


class Port:
    """A `limner.scheduling.SharedLimits`; what its worker says after its death nobody hears.

    Args:
        place: Where limits are kept.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._holder: LeaseHolder | None = None
        self.dead = False

    def tell_granted(self, lease: Lease) -> None:
        """Hear of a grant."""
        if self._holder is not None and not self.dead:
            self._holder.granted(lease)

    def tell_dropped(self, ticket: int, strategy: str) -> None:
        """Hear that a job was shed."""
        if self._holder is not None and not self.dead:
            self._holder.dropped(ticket, strategy)

    # What a limiter says

    def open(self, limits: Limits, holder: LeaseHolder) -> None:
        """Begin to work for a limiter."""
        self._holder = holder

    def ask(self, ask: Ask) -> None:
        """Put a job in the order."""
        if not self.dead:
            self._place.ask(self, ask)

    def withdraw(self, ticket: int) -> None:
        """Take a job out of the order."""
        if not self.dead:
            self._place.withdraw(self, ticket)

    def give_back(self, lease: Lease, *, well: bool) -> None:
        """End a lease, in the loop's next turn: nobody is granted anything inside of this."""
        if not self.dead:
            loop = asyncio.get_running_loop()
            loop.call_soon(lambda: self._place.give_back(lease, well=well))

    def recharge(self, lease: Lease, old: Charge, new: Charge) -> None:
        """Nothing is charged otherwise here."""

    def change(self, limits: Limits) -> None:
        """Go on under other limits."""

    def pause(self, seconds: float | None) -> None:
        """Have nobody start for a while."""
        self._place.limiter.pause(seconds)

    def resume(self) -> None:
        """End every pause."""
        self._place.limiter.resume()

    def cool_down(self, seconds: float) -> None:
        """Have nobody start for a while."""
        self._place.limiter.pause(seconds)

    @property
    def trouble(self) -> str | None:
        """Nothing: the place is always there."""
        return None

    async def look(self) -> Outlook:
        """Say what the limits look like."""
        limiter = self._place.limiter
        return Outlook(
            running=await limiter.running(),
            waiting=limiter.queued(),
            reservoir=await limiter.current_reservoir(),
            paused=limiter.paused,
            opens_at=limiter.opens_at(),
        )

    async def refill(self, amount: int) -> int | None:
        """Add to the reservoir."""
        limiter = self._place.limiter
        if await limiter.current_reservoir() is None:
            return None
        return await limiter.increment_reservoir(amount)
