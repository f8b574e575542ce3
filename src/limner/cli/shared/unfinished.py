"""What a library has that was interrupted, and where its results are to go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from limner.cli.shared.kept_run import KeptRun, forget, remembered
from limner.cli.shared.output import Output, choose_output
from limner.errors import StorageBusy

if TYPE_CHECKING:
    from limner.storage import Library


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A message that is not finished.

    Attributes:
        message_id: The message.
        run: The command that was interrupted; ``None`` if it was none, but a server.
        output: Where the result goes, if anywhere.
    """

    message_id: str
    run: KeptRun | None = None
    output: Output | None = None


async def find_unfinished(library: "Library") -> list[Unfinished]:
    """What was interrupted: commands in the order they began, then what servers left.

    Raises:
        limner.errors.StorageBusy: Somebody else has the library open, and may be at work on it.
    """
    if await library.is_open_elsewhere():
        raise StorageBusy(
            f"another limner has the library {library.place} open, and finishes what it is working"
            " on; end it, or wait until it has ended",
            place=library.place,
        )
    found: dict[str, Unfinished] = {}
    for run in await remembered(library):
        if await library.load(run.message_id) is None:
            await forget(library, run.message_id)  # it was deleted, or never begun
        else:
            found[run.message_id] = Unfinished(run.message_id, run)
    writing = [message_id for message_id, _ in await library.writing()]
    asked_for = [slot_id.message_id for slot_id in await library.unfinished()]
    for message_id in (*writing, *asked_for):
        found.setdefault(message_id, Unfinished(message_id))
    return list(found.values())


def with_outputs(
    found: Sequence[Unfinished],
    out: str | None,
    format: str | None,  # noqa: A002 - the option's name
) -> list[Unfinished]:
    """Say where the results go, and find out now whether they can.

    Args:
        found: What was interrupted.
        out: The ``-o`` option, for one message only.
        format: The ``--format`` option, for one message only.

    Raises:
        typer.BadParameter: There are several, and the options are for one.
        limner.errors.OutputError: A place cannot be written to.
    """
    if out is None and format is None:
        return [_as_before(one) for one in found]
    if len(found) > 1:
        raise typer.BadParameter(
            f"{len(found)} messages were interrupted, and -o and --format are for one; without"
            " them each result is written where it was to go"
        )
    run = found[0].run
    before = run.path if run is not None and format is None else None
    chosen = choose_output(out or before, format or (run.format if run and not out else None), None)
    return [Unfinished(found[0].message_id, run, chosen)]


def _as_before(one: Unfinished) -> Unfinished:
    if one.run is None:
        return one
    output = choose_output(one.run.path or "-", one.run.format, None)
    return Unfinished(one.message_id, one.run, output)
