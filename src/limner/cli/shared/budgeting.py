"""`--budget`: what a command's drawings may cost, and what they did."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from limner.cli.wording import counted
from limner.composition import message_budget
from limner.illustration import Budget, DrawingLedger, Slot
from limner.illustration.model.cost import Cost, Price, allowances, in_words

if TYPE_CHECKING:
    from limner.cli.shared.kept_message import KeptMessage
    from limner.illustration import MessageStore


UNITS = ("pictures", "seconds", "kudos", "anlas", "credits", "pollen", "buzz")
"""In which services count, besides currencies."""


def parse_budget(given: str | None, *, prices: Iterable[str] = ()) -> tuple[Cost, ...]:
    """The amounts of the option.

    Args:
        given: What was written.
        prices: What the settings say that pictures cost, in whatever unit.

    Raises:
        typer.BadParameter: It cannot be read, or nothing is ever counted in its unit.

    Examples:
        >>> [str(one) for one in parse_budget("20, 2.50 USD")]
        ['20 pictures', '2.5 USD']
    """
    try:
        allowed = allowances(given)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--budget") from error
    known = {*UNITS, *(Price.read(price).cost.unit for price in prices)}
    for one in allowed:
        if one.unit not in known and not (len(one.unit) == 3 and one.unit.isupper()):
            told = f"nothing costs {one.unit}: write {', '.join(UNITS)}, or a currency such as USD"
            raise typer.BadParameter(told, param_hint="--budget")
    return allowed


async def this_run(budget: Sequence[Cost], kept: "KeptMessage | None") -> Budget | None:
    """The budget of one run: what was drawn of the message before does not count.

    Raises:
        limner.errors.StorageError: The library cannot be read.
    """
    if not budget:
        return None
    earlier: list[Cost] = []
    if kept is not None:
        library, message_id = kept.library, kept.message_id
        earlier = [
            Cost(await library.spent(cost.unit, message_id=message_id), cost.unit)
            for cost in budget
        ]
    return message_budget(budget, earlier)


async def spent(
    store: "MessageStore", units: Collection[str], message_id: str, since: float
) -> list[Cost]:
    """What the drawings of a message cost since an instant, in each of these units."""
    if not isinstance(store, DrawingLedger):
        return []
    sums = [
        Cost(await store.spent(unit, since=since, message_id=message_id), unit)
        for unit in sorted(units)
    ]
    return [cost for cost in sums if cost.micros]


def over_budget(slot: Slot) -> bool:
    """Whether a picture was not drawn because the budget is used up."""
    return slot.failure is not None and slot.failure.kind == "BudgetExceeded"


def used_up(count: int, budget: Sequence[Cost]) -> str:
    """That pictures are not drawn, and what to do.

    Examples:
        >>> used_up(2, parse_budget("5"))
        '2 pictures are not drawn: the budget of 5 pictures is used up; the same command goes on'
    """
    are = "is" if count == 1 else "are"
    what = f"the budget of {in_words(budget)}" if budget else "the budget"
    pictures = counted(count, "picture")
    return f"{pictures} {are} not drawn: {what} is used up; the same command goes on"


def beyond_budget(count: int) -> bool:
    """Ask whether so many more pictures are drawn all the same."""
    return typer.confirm(f"Draw {counted(count, 'picture')} more, beyond the budget?", err=True)
