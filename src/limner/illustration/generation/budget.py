"""How many pictures may be drawn and what they may cost: limits, and how much of each is used."""

from dataclasses import dataclass, field, fields, replace

from limner.errors import BudgetExceeded
from limner.illustration.model.cost import PICTURES, Cost, allowances
from limner.illustration.ports import DrawingRecord

HOUR, DAY, EVER = 3600.0, 86400.0, float("inf")

Allowance = int | str | Cost | tuple["int | str | Cost", ...] | None
"""A number of pictures, an amount such as ``"2.50 USD"`` or ``"600 seconds"``, or several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much may be drawn at most; ``None`` for no bound. Pictures kept cost nothing.

    A bound is a number of pictures, an amount of money or of a service's credits, seconds of
    drawing, or several of them, of which each holds.

    Attributes:
        per_message: For one message, whoever asks.
        per_hour: In any 3600 seconds, over all.
        per_day: In any 86400 seconds, over all.
        per_owner_hour: In any 3600 seconds, for one owner.
        per_owner_day: In any 86400 seconds, for one owner.
        per_owner: Ever, for one owner.
        in_all: Ever, over all.
        earlier: What one message had cost before, which does not count.

    Raises:
        ValueError: A bound cannot be read; pictures are a whole number from 0.

    Examples:
        >>> Budget(per_hour=20).bounds()
        [Bound(scope='hour', limit=20, window=3600.0, per_owner=False, unit='pictures')]
        >>> [(bound.limit, bound.unit) for bound in Budget(per_day="50, 2.50 USD").bounds()]
        [(50, 'pictures'), (2.5, 'USD')]
    """

    per_message: Allowance = None
    per_hour: Allowance = None
    per_day: Allowance = None
    per_owner_hour: Allowance = None
    per_owner_day: Allowance = None
    per_owner: Allowance = None
    in_all: Allowance = None
    earlier: Allowance = None

    def __post_init__(self) -> None:
        for bound in fields(self):
            try:
                allowances(getattr(self, bound.name))
            except ValueError as error:
                raise ValueError(f"{bound.name}: {error}") from None

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
        earlier = {cost.unit: cost.amount for cost in allowances(self.earlier)}
        bounds = [
            Bound(scope, cost.amount, window, per_owner, cost.unit)
            for scope, allowed, window, per_owner in known
            for cost in allowances(allowed)
        ]
        return [
            replace(one, limit=one.limit + before, earlier=before)
            if one.scope == "message" and (before := earlier.get(one.unit, 0))
            else one
            for one in bounds
        ]


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit of a budget.

    Attributes:
        scope: What is bounded: ``"message"``, ``"hour"``, ``"day"`` or ``"all"``.
        limit: How much, in the unit.
        window: In how many seconds; ``None``: ever, for one message.
        per_owner: Whether each owner has a limit of their own.
        unit: ``"pictures"``, ``"seconds"``, or what is paid with, such as ``"USD"``.
        earlier: How much of the limit had been used before anything was allowed by this budget.
    """

    scope: str
    limit: float
    window: float | None
    per_owner: bool
    unit: str = PICTURES
    earlier: float = field(default=0, repr=False)


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """How much of one bound is used.

    Attributes:
        bound: The bound.
        used: By pictures that were begun, and by those that are reserved, in the bound's unit.
        resets_in: Seconds until one of them counts no more; ``None`` if time does not help, or
            none is used.
    """

    bound: Bound
    used: float
    resets_in: float | None

    @property
    def left(self) -> float:
        """How much more there is, in the bound's unit."""
        return max(round(self.bound.limit - self.used, 6), 0)

    def allows(self, drawing: DrawingRecord) -> bool:
        """Whether a drawing still fits, as far as is known what it costs."""
        return self.left > 0 and round(self.left * 1_000_000) >= drawing.cost(self.bound.unit)


@dataclass(frozen=True, slots=True)
class BudgetReport:
    """How much of a budget is used, bound by bound; those of a message only where it is named."""

    uses: tuple[BudgetUse, ...] = ()
    owner: str | None = None

    def check(self) -> None:
        """Refuse one more picture if a bound is reached.

        Raises:
            BudgetExceeded: Naming the bound that lasts longest.
        """
        refuse(tuple(use for use in self.uses if not use.left), self.owner or "")


def check(uses: tuple[BudgetUse, ...], drawing: DrawingRecord) -> None:
    """Refuse one more picture if it does not fit into a bound.

    Raises:
        BudgetExceeded: Naming the bound that lasts longest.

    Examples:
        >>> full = BudgetUse(Bound("hour", 2, HOUR, False), 2, 60.0)
        >>> check((full,), DrawingRecord(at=0.0, owner="ann", message_id="m"))
        Traceback (most recent call last):
        limner.errors.BudgetExceeded: the budget allows 2 pictures per hour, and they are drawn;...
    """
    refuse(tuple(use for use in uses if not use.allows(drawing)), drawing.owner)


def refuse(reached: tuple[BudgetUse, ...], owner: str) -> None:
    """Say that bounds are reached, if there are any.

    Raises:
        BudgetExceeded: Naming the one that lasts longest.
    """
    if not reached:
        return
    longest = max(reached, key=lambda u: float("inf") if u.resets_in is None else u.resets_in)
    raise BudgetExceeded(
        longest.bound.scope,
        longest.bound.limit - longest.bound.earlier,
        owner=owner if longest.bound.per_owner else None,
        resets_in=longest.resets_in,
        unit=longest.bound.unit,
        used=longest.used - longest.bound.earlier,
    )
