"""`limner repair`: pictures whose files are gone or damaged, drawn once more."""

import asyncio
import json as json_format
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.illustrate import Backend, MaxConcurrent, MinInterval, PictureTimeout, Quiet
from limner.cli.shared.library_place import LibraryOption
from limner.cli.wording import counted

if TYPE_CHECKING:
    from limner.config import Settings
    from limner.illustration import Slot
    from limner.storage import Library

Chat = Annotated[
    str | None,
    typer.Argument(metavar="[CHAT]", help="Only this chat: its id, or its title; else all."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be drawn.")]


def repair(
    chat: Chat = None,
    dry_run: DryRun = False,
    backend: Backend = None,
    max_concurrent: MaxConcurrent = None,
    min_interval: MinInterval = None,
    picture_timeout: PictureTimeout = None,
    quiet: Quiet = False,
    json: Json = False,
    library: LibraryOption = None,
) -> int:
    """Draw the pictures again whose files are gone or damaged, as they were.

    Each has the prompt, the seed and the size it had; what draws is what the settings say. Exit
    codes: 0 none is missing now; 1 some are, because they could not be drawn, or it is a dry run;
    2 wrong usage, no such chat, or a library that cannot be used; 130 interrupted.
    """
    from limner.cli.shared.options import settings_with

    settings = settings_with(
        backend=backend,
        max_concurrent=max_concurrent,
        min_interval=min_interval,
        picture_timeout=picture_timeout,
        library=library,
    )
    return asyncio.run(
        _repair(settings, chat, _Telling(as_json=json, quiet=quiet), dry_run=dry_run)
    )


async def _repair(
    settings: "Settings", chat: str | None, tell: "_Telling", *, dry_run: bool
) -> ExitCode:
    from limner.cli.shared.library_place import library_place
    from limner.composition import open_library
    from limner.composition.lost_pictures import lost_of

    place = library_place(settings)
    async with open_library(place, settings, to_read=dry_run) as library:
        slots = await _damaged(library, chat)
        counts = [len(await asyncio.to_thread(lost_of, slot)) for slot in slots]
        if not slots or dry_run:
            for slot, count in zip(slots, counts, strict=True):
                tell.missing(slot, count)
            tell.found(sum(counts), place)
            return ExitCode.INCOMPLETE if slots else ExitCode.OK
        return await _draw_all(settings, library, slots, sum(counts), tell)


async def _damaged(library: "Library", name: str | None) -> list["Slot"]:
    """The slots of all answers that have a picture which cannot be read."""
    from limner.cli.shared.library_place import the_chat
    from limner.composition.lost_pictures import slots_with_lost

    return await slots_with_lost(
        library, None if name is None else [(await the_chat(library, name)).id]
    )


async def _draw_all(
    settings: "Settings", library: "Library", slots: Sequence["Slot"], lost: int, tell: "_Telling"
) -> ExitCode:
    from limner.cli.shared.interrupt import on_interrupt
    from limner.composition import check_backends, open_pipeline
    from limner.composition.lost_pictures import draw_lost

    if await library.is_open_elsewhere():
        raise _in_use(library.place)
    check_backends(settings)
    async with open_pipeline(settings, store=library) as pipeline:
        operations = pipeline.illustrator.operations
        drawing = asyncio.gather(*(draw_lost(operations, slot, tell.drawn) for slot in slots))

        def stop() -> None:
            drawing.cancel()

        with on_interrupt(stop) as interrupts, suppress(asyncio.CancelledError):
            left = sum(await drawing)
            tell.over(lost, left)
            return ExitCode.INCOMPLETE if left else ExitCode.OK
    if not interrupts.count:
        raise asyncio.CancelledError
    typer.echo("limner: interrupted; `limner repair` goes on from there", err=True)
    return ExitCode.INTERRUPTED


class _Telling:
    """Tells what is missing and what becomes of it: lines for people, or JSON on standard output.

    Args:
        as_json: Which of the two.
        quiet: Whether people want to hear of errors and the sum only.
    """

    def __init__(self, *, as_json: bool, quiet: bool) -> None:
        self._as_json = as_json
        self._quiet = quiet

    def missing(self, slot: "Slot", pictures: int) -> None:
        """A slot has lost some of its pictures, and nothing is drawn."""
        if self._as_json:
            self._line("missing", slot, pictures=pictures)
        else:
            typer.echo(f"would draw {_called(slot)}", err=True)

    def drawn(self, slot: "Slot", error: Exception | None) -> None:
        """A picture was drawn, or why it was not."""
        if self._as_json and error is None:
            self._line("drawn", slot)
        elif self._as_json:
            self._line("failed", slot, error=str(error))
        elif error is not None:
            typer.echo(f"limner: {_called(slot)} failed: {error}", err=True)
        elif not self._quiet:
            typer.echo(f"drew {_called(slot)}", err=True)

    def over(self, lost: int, left: int) -> None:
        """So many were missing, and so many are now."""
        if self._as_json:
            typer.echo(json_format.dumps({"event": "done", "missing": lost, "left": left}))
        else:
            typer.echo(f"{lost - left} of {counted(lost, 'picture')} drawn again", err=True)

    def found(self, lost: int, place: str) -> None:
        """So many are missing, and nothing is drawn."""
        if self._as_json:
            typer.echo(json_format.dumps({"event": "done", "missing": lost, "left": lost}))
            return
        what = f"{counted(lost, 'picture')} missing" if lost else "no picture is missing"
        typer.echo(what if self._quiet or lost else f"{what} in {place}", err=True)

    def _line(self, event: str, slot: "Slot", **more: object) -> None:
        told = {"event": event, "slot": str(slot.id), "prompt": slot.prompt, **more}
        typer.echo(json_format.dumps(told))


def _called(slot: "Slot") -> str:
    from limner.cli.shared.summary import short

    return f"picture {slot.id.ordinal + 1} of {slot.id.message_id} ({short(slot.prompt)})"


def _in_use(place: str) -> Exception:
    from limner.errors import StorageBusy

    return StorageBusy(
        f"another limner has the library {place} open; end it, or draw the pictures again there",
        place=place,
    )
