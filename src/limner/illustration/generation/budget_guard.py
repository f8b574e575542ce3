"""Reserves what a picture costs before it is drawn, and settles it afterwards."""

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from limner.illustration.generation.budget import (
    EVER,
    Bound,
    Budget,
    BudgetReport,
    BudgetUse,
    check,
)
from limner.illustration.generation.estimates import Estimates
from limner.illustration.ledger_notes import LedgerNotes
from limner.illustration.model.cost import SECONDS, Cost, Price, told_cost
from limner.illustration.model.image import Image
from limner.illustration.ports import DrawingLedger, DrawingLimit, DrawingRecord
from limner.illustration.store_keeper import StoreKeeper


@dataclass(eq=False, slots=True)
class Reservation:
    """One picture that may be drawn: counted from when it is reserved, kept once it is used.

    Attributes:
        record: What is counted.
        spent: Whether it was begun.
        seconds: How long it was drawn, all attempts together.
        cost: What it cost, once it is there and if that is known.
        told: What of this others know already.
    """

    record: DrawingRecord
    spent: bool = False
    seconds: float = 0.0
    cost: Cost | None = None
    told: tuple[Cost, ...] | None = None

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count how long an attempt takes, however it ends."""
        now = asyncio.get_running_loop().time
        began = now()
        try:
            yield
        finally:
            self.seconds += now() - began

    def drawn(self, image: Image) -> None:
        """The picture is there, and tells what it cost."""
        self.cost = told_cost(image)

    def costs(self) -> tuple[Cost, ...]:
        """What it cost in the end; what failed, or was given up, only its seconds."""
        known = [Cost.of(self.seconds, SECONDS), *([self.cost] if self.cost else [])]
        return tuple(cost for cost in known if cost.micros)


def _limit(bound: Bound, record: DrawingRecord) -> DrawingLimit:
    """A bound as a ledger looks at it for one drawing."""
    if bound.window is None:
        return DrawingLimit(most=bound.limit, message_id=record.message_id, unit=bound.unit)
    whose = record.owner if bound.per_owner else None
    since = max(record.at - bound.window, 0.0)
    return DrawingLimit(most=bound.limit, since=since, owner=whose, unit=bound.unit)


class BudgetGuard:
    """Reserves drawings, never more than the budget allows, however many ask at once.

    What a picture will cost is reserved before it is begun, as far as it is known: its price, and
    not less than pictures have cost of late. What it cost in the end takes that place, and what
    was not used is given back.

    Args:
        budget: The limits.
        ledger: Remembers what was drawn; ``None`` if nothing has to be.
        clock: Gives the current instant, in seconds since the epoch.
        keeper: Asks a ledger again that fails for a while: without it nobody knows what is left.
        prices: Gives what pictures cost, where that is known before.
    """

    def __init__(
        self,
        budget: Budget,
        ledger: DrawingLedger | None,
        clock: Callable[[], float],
        keeper: StoreKeeper | None = None,
        prices: Callable[[], Sequence[Price]] = tuple,
    ) -> None:
        self._bounds = budget.bounds()
        self._ledger = ledger
        self._clock = clock
        self._keeper = keeper or StoreKeeper()
        self._estimates = Estimates(prices)
        self._reserved: set[Reservation] = set()
        self._notes = LedgerNotes(self._keeper)
        self._told: deque[DrawingRecord] = deque()
        self._turn = asyncio.Lock()

    def change(self, budget: Budget) -> None:
        """Keep to another budget from now on; what is begun or reserved counts in it.

        Raises:
            ValueError: It has bounds, and there is no ledger to count in.
        """
        bounds = budget.bounds()
        if bounds and self._ledger is None:
            raise ValueError("a budget needs a ledger, and there is none")
        self._bounds = bounds

    @asynccontextmanager
    async def reserve(self, message_id: str, owner: str) -> AsyncIterator[Reservation]:
        """Reserve one picture for a message; what was not used by the end is given back.

        Raises:
            limner.errors.BudgetExceeded: A bound is reached.
            limner.errors.StorageError: The ledger cannot be read.
        """
        reservation = Reservation(
            DrawingRecord(
                at=self._clock(),
                owner=owner,
                message_id=message_id,
                id=uuid.uuid4().hex,
                costs=self._estimates.of_one(),
            )
        )
        if self._ledger is None:
            yield reservation
            return
        async with self._turn:
            if self._bounds:
                used = await self._keeper.keep(lambda: self._uses(self._bounds, owner, message_id))
                check(used, reservation.record)
            self._reserved.add(reservation)
        try:
            yield reservation
        finally:
            self._reserved.discard(reservation)
            if reservation.spent:
                self.tell(reservation)
                await self._settle_told()

    async def use(self, reservation: Reservation) -> None:
        """The picture is begun: from now on it counts for ever. Another attempt is the same one.

        Looking and counting are one step in the ledger, so that several processes that share it
        together keep to the budget.

        Raises:
            limner.errors.BudgetExceeded: Another process was quicker.
            limner.errors.StorageError: The ledger cannot be written, and there is a budget.
        """
        if reservation.spent or self._ledger is None:
            return
        reservation.spent = True
        begun = reservation.record = replace(reservation.record, at=self._clock())
        if not self._bounds:
            await self._notes.add(partial(self._ledger.record, begun))
            self._reserved.discard(reservation)
            return
        async with self._turn:
            # What was drawn since it was reserved tells what is left, and what one more will cost.
            await self.flush()
            begun = reservation.record = replace(begun, costs=self._estimates.of_one())
            limits = [_limit(bound, begun) for bound in self._bounds]
            reached = await self._keeper.keep(partial(self._ledger.admit, begun, limits))
            self._reserved.discard(reservation)
            if reached is not None:
                reservation.spent = False  # nothing of it is kept
                use = await self._use_of(self._bounds[reached], begun.owner, begun.message_id)
                check((replace(use, used=max(use.used, use.bound.limit)),), begun)

    def tell(self, reservation: Reservation) -> None:
        """An attempt at the picture is over: whoever is begun next is told what it cost."""
        costs = reservation.costs()
        if self._ledger is None or not reservation.spent or costs == reservation.told:
            return
        reservation.told = costs
        self._estimates.learn(costs)
        self._told.append(replace(reservation.record, costs=costs))

    async def report(self, owner: str | None = None, message_id: str = "") -> BudgetReport:
        """How much is used: of the bounds over all, of one owner's, and of one message's."""
        bounds = [
            bound
            for bound in self._bounds
            if (message_id or bound.window is not None)
            and (owner is not None or not bound.per_owner)
        ]
        if self._ledger is None or not bounds:
            return BudgetReport(owner=owner)
        return BudgetReport(await self._uses(bounds, owner or "", message_id), owner)

    def per_message(self) -> tuple[Bound, ...]:
        """The bounds that each message has for itself."""
        return tuple(bound for bound in self._bounds if bound.window is None)

    async def flush(self) -> None:
        """Offer the ledger what it has not taken yet."""
        await self._settle_told()
        await self._notes.flush()

    async def _settle_told(self) -> None:
        """Have true costs kept."""
        while self._told and self._ledger is not None:
            await self._notes.add(partial(self._ledger.settle, self._told.popleft()))

    async def _uses(
        self, bounds: list[Bound], owner: str, message_id: str
    ) -> tuple[BudgetUse, ...]:
        return tuple([await self._use_of(bound, owner, message_id) for bound in bounds])

    async def _use_of(self, bound: Bound, owner: str, message_id: str) -> BudgetUse:
        assert self._ledger is not None  # noqa: S101 - for the type checker: callers looked
        now, unit = self._clock(), bound.unit
        whose = owner if bound.per_owner else None
        if bound.window is None:
            micros = await self._ledger.spent(unit, message_id=message_id)
            mine = [one for one in self._reserved if one.record.message_id == message_id]
            return BudgetUse(bound, _amount(micros, mine, unit), None)
        since = max(now - bound.window, 0.0)
        micros = await self._ledger.spent(unit, since=since, owner=whose)
        given = [one for one in self._reserved if whose in (None, one.record.owner)]
        passes = micros and bound.window < EVER
        oldest = await self._ledger.oldest(since=since, owner=whose, unit=unit) if passes else None
        resets_in = None if oldest is None else max(oldest + bound.window - now, 0.0)
        return BudgetUse(bound, _amount(micros, given, unit), resets_in)


def _amount(micros: int, reserved: Sequence[Reservation], unit: str) -> float:
    """What is used and what is reserved, in the unit."""
    return Cost(micros + sum(one.record.cost(unit) for one in reserved), unit).amount
