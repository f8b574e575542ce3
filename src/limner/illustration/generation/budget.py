"""How many pictures may be drawn: limits, and how much of each is used. Pure but for the guard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from functools import partial

from limner.errors import BudgetExceeded
from limner.illustration.ports import DrawingLedger, DrawingLimit, DrawingRecord
from limner.illustration.store_keeper import StoreKeeper

HOUR, DAY, EVER = 3600.0, 86400.0, float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many pictures may be drawn at most; ``None`` for no bound. Pictures kept cost nothing.

    Attributes:
        per_message: For one message, whoever asks.
        per_hour: In any 3600 seconds, over all.
        per_day: In any 86400 seconds, over all.
        per_owner_hour: In any 3600 seconds, for one owner.
        per_owner_day: In any 86400 seconds, for one owner.
        per_owner: Ever, for one owner.
        in_all: Ever, over all.

    Raises:
        ValueError: A bound is no whole number from 0.

    Example:
        >>> Budget(per_hour=20).bounds()
        [Bound(scope='hour', limit=20, window=3600.0, per_owner=False)]
    """

    per_message: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    per_owner_hour: int | None = None
    per_owner_day: int | None = None
    per_owner: int | None = None
    in_all: int | None = None

    def __post_init__(self) -> None:
        for bound in fields(self):
            limit = getattr(self, bound.name)
            if limit is not None and (
                isinstance(limit, bool) or not isinstance(limit, int) or limit < 0
            ):
                raise ValueError(f"{bound.name} must be a whole number from 0, not {limit!r}")

    def bounds(self) -> "list[Bound]":
        """The bounds there are."""
        known = [
            ("message", self.per_message, None, False),
            ("hour", self.per_hour, HOUR, False),
            ("day", self.per_day, DAY, False),
            ("hour", self.per_owner_hour, HOUR, True),
            ("day", self.per_owner_day, DAY, True),
            ("all", self.per_owner, EVER, True),
            ("all", self.in_all, EVER, False),
        ]
        return [
            Bound(scope, limit, window, per_owner)
            for scope, limit, window, per_owner in known
            if limit is not None
        ]


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit of a budget.

    Attributes:
        scope: What is bounded: ``"message"``, ``"hour"``, ``"day"`` or ``"all"``.
        limit: How many pictures.
        window: In how many seconds; ``None``: ever, for one message.
        per_owner: Whether each owner has a limit of their own.
    """

    scope: str
    limit: int
    window: float | None
    per_owner: bool


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """How much of one bound is used.

    Attributes:
        bound: The bound.
        used: Pictures begun, and those that are reserved.
        resets_in: Seconds until one of them counts no more; ``None`` if time does not help, or
            none is used.
    """

    bound: Bound
    used: int
    resets_in: float | None

    @property
    def left(self) -> int:
        """How many more may be drawn."""
        return max(self.bound.limit - self.used, 0)


@dataclass(frozen=True, slots=True)
class BudgetReport:
    """How much of a budget is used, bound by bound; without those of single messages."""

    uses: tuple[BudgetUse, ...] = ()
    owner: str | None = None


def check(uses: tuple[BudgetUse, ...], owner: str) -> None:
    """Refuse one more picture if a bound is reached.

    Raises:
        BudgetExceeded: Naming the bound that lasts longest.

    Example:
        >>> full = BudgetUse(Bound("hour", 2, HOUR, False), 2, 60.0)
        >>> check((full,), "ann")
        Traceback (most recent call last):
        limner.errors.BudgetExceeded: the budget allows 2 pictures per hour, and they are drawn;...
    """
    reached = [use for use in uses if use.used >= use.bound.limit]
    if not reached:
        return
    longest = max(reached, key=lambda u: float("inf") if u.resets_in is None else u.resets_in)
    raise BudgetExceeded(
        longest.bound.scope,
        longest.bound.limit,
        owner=owner if longest.bound.per_owner else None,
        resets_in=longest.resets_in,
    )


@dataclass(eq=False, slots=True)
class Reservation:
    """One picture that may be drawn: counted from when it is reserved, kept once it is used."""

    record: DrawingRecord
    spent: bool = False


def _limit(bound: Bound, record: DrawingRecord) -> DrawingLimit:
    """A bound as a ledger looks at it for one drawing."""
    if bound.window is None:
        return DrawingLimit(most=bound.limit, message_id=record.message_id)
    whose = record.owner if bound.per_owner else None
    since = max(record.at - bound.window, 0.0)
    return DrawingLimit(most=bound.limit, since=since, owner=whose)


class BudgetGuard:
    """Reserves drawings, never more than the budget allows, however many ask at once.

    Args:
        budget: The limits.
        ledger: Remembers what was drawn; ``None`` if nothing has to be.
        clock: Gives the current instant, in seconds since the epoch.
        keeper: Asks a ledger again that fails for a while: without it nobody knows what is left.
    """

    def __init__(
        self,
        budget: Budget,
        ledger: DrawingLedger | None,
        clock: Callable[[], float],
        keeper: StoreKeeper | None = None,
    ) -> None:
        self._bounds = budget.bounds()
        self._ledger = ledger
        self._clock = clock
        self._keeper = keeper or StoreKeeper()
        self._reserved: set[Reservation] = set()
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def reserve(self, message_id: str, owner: str) -> AsyncIterator[Reservation]:
        """Reserve one picture for a message; what was not used by the end is given back.

        Raises:
            limner.errors.BudgetExceeded: A bound is reached.
            limner.errors.StorageError: The ledger cannot be read.
        """
        reservation = Reservation(
            DrawingRecord(at=self._clock(), owner=owner, message_id=message_id)
        )
        if self._ledger is None:
            yield reservation
            return
        async with self._turn:
            if self._bounds:
                used = await self._keeper.keep(lambda: self._uses(self._bounds, owner, message_id))
                check(used, owner)
            self._reserved.add(reservation)
        try:
            yield reservation
        finally:
            self._reserved.discard(reservation)

    async def use(self, reservation: Reservation) -> None:
        """The picture is begun: from now on it counts for ever. Another attempt is the same one.

        Looking and counting are one step in the ledger, so that several processes that share it
        together keep to the budget.

        Raises:
            limner.errors.BudgetExceeded: Another process was quicker.
            limner.errors.StorageError: The ledger cannot be written.
        """
        if reservation.spent or self._ledger is None:
            return
        async with self._turn:
            reservation.spent = True
            begun = replace(reservation.record, at=self._clock())
            limits = [_limit(bound, begun) for bound in self._bounds]
            reached = await self._keeper.keep(partial(self._ledger.admit, begun, limits))
            self._reserved.discard(reservation)
            if reached is not None:
                bound, owner = self._bounds[reached], begun.owner
                use = await self._use_of(bound, owner, begun.message_id)
                check((replace(use, used=max(use.used, bound.limit)),), owner)

    async def report(self, owner: str | None = None) -> BudgetReport:
        """How much is used: of the bounds over all, and of one owner's."""
        bounds = [
            bound
            for bound in self._bounds
            if bound.window is not None and (owner is not None or not bound.per_owner)
        ]
        if self._ledger is None or not bounds:
            return BudgetReport(owner=owner)
        return BudgetReport(await self._uses(bounds, owner or "", ""), owner)

    async def _uses(
        self, bounds: list[Bound], owner: str, message_id: str
    ) -> tuple[BudgetUse, ...]:
        return tuple([await self._use_of(bound, owner, message_id) for bound in bounds])

    async def _use_of(self, bound: Bound, owner: str, message_id: str) -> BudgetUse:
        assert self._ledger is not None  # noqa: S101 - for the type checker: callers looked
        now = self._clock()
        whose = owner if bound.per_owner else None
        if bound.window is None:
            used = await self._ledger.count(message_id=message_id)
            given = sum(one.record.message_id == message_id for one in self._reserved)
            return BudgetUse(bound, used + given, None)
        since = max(now - bound.window, 0.0)
        used = await self._ledger.count(since=since, owner=whose)
        given = sum(whose in (None, one.record.owner) for one in self._reserved)
        passes = used and bound.window < EVER
        oldest = await self._ledger.oldest(since=since, owner=whose) if passes else None
        resets_in = None if oldest is None else max(oldest + bound.window - now, 0.0)
        return BudgetUse(bound, used + given, resets_in)
