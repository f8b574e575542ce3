"""`limner costs`: what pictures cost."""

import asyncio
import json as json_format
import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.shared.library_place import LibraryOption

if TYPE_CHECKING:
    from limner.storage import Spent

DAY = 86400.0

By = Annotated[Literal["day", "owner"], typer.Option("--by", help="What has a line of its own.")]
Days = Annotated[
    float, typer.Option("--days", metavar="DAYS", min=0, max=36500, help="How far back.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


def costs(
    by: By = "day", days: Days = 30, json: Json = False, library: LibraryOption = None
) -> int:
    """Show what pictures cost: how many, how long, and what was paid, with a sum at the end.

    Exit codes: 0 also if nothing was drawn; 2 wrong usage, or no library.
    """
    return asyncio.run(_costs(by, days, json, library))


async def _costs(
    by: Literal["day", "owner"], days: float, json: bool, given: str | None
) -> ExitCode:
    from limner.cli.shared.library_place import kept_library

    now = time.time()
    async with kept_library(given, to_read=True) as library:
        offset = float(time.localtime(now).tm_gmtoff)
        spent = await library.spending(by=by, since=max(now - days * DAY, 0.0), offset=offset)
    if json:
        for one in spent:
            typer.echo(json_format.dumps(_fields(one, by)))
    elif spent:
        for row in table([*spent, total(spent)]):
            typer.echo(row)
    else:
        typer.echo(f"limner: nothing was drawn in {days:g} days", err=True)
    return ExitCode.OK


def _fields(spent: "Spent", by: str) -> dict[str, Any]:
    costs = {cost.unit: cost.amount for cost in spent.costs}
    return {by: spent.what, "pictures": spent.pictures, "costs": costs}


def total(spent: "list[Spent]") -> "Spent":
    r"""All lines in one.

    Examples:
        >>> from limner.illustration import Cost
        >>> from limner.storage import Spent
        >>> day = Spent(what="2026-11-29", pictures=2, costs=(Cost.of(0.08, "USD"),))
        >>> print(*table([day, total([day, day])]), sep="\n")
        2026-11-29  2 pictures  0.08 USD
        in all      4 pictures  0.16 USD
    """
    from limner.illustration import Cost
    from limner.storage import Spent

    sums: dict[str, int] = {}
    for cost in (cost for one in spent for cost in one.costs):
        sums[cost.unit] = sums.get(cost.unit, 0) + cost.micros
    costs = tuple(Cost(micros, unit) for unit, micros in sorted(sums.items()))
    return Spent(what="in all", pictures=sum(one.pictures for one in spent), costs=costs)


def table(spent: "list[Spent]") -> list[str]:
    """Lines with columns below each other, one for each unit that anything cost."""
    units = sorted({cost.unit for one in spent for cost in one.costs})
    rows = [_row(one, units) for one in spent]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _row(spent: "Spent", units: list[str]) -> list[str]:
    from limner.cli.wording import counted

    paid = {cost.unit: cost for cost in spent.costs}
    amounts = [_amount(paid[unit]) if unit in paid else "" for unit in units]
    what = "".join(c if c.isprintable() else " " for c in spent.what)
    return [what, counted(spent.pictures, "picture"), *amounts]


def _amount(cost: Any) -> str:
    return f"{cost.amount:.1f} seconds" if cost.unit == "seconds" else str(cost)
