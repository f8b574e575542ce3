"""`limner repair`: pictures whose files are gone or damaged, drawn once more."""

import asyncio
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
    from limner.illustration import Illustrator, Slot
    from limner.storage import Library

Chat = Annotated[
    str | None,
    typer.Argument(metavar="[CHAT]", help="Only this chat: its id, or its title; else all."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be drawn.")]


def repair(
    chat: Chat = None,
    dry_run: DryRun = False,
    backend: Backend = None,
    max_concurrent: MaxConcurrent = None,
    min_interval: MinInterval = None,
    picture_timeout: PictureTimeout = None,
    quiet: Quiet = False,
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
    return asyncio.run(_repair(settings, chat, dry_run=dry_run, quiet=quiet))


async def _repair(
    settings: "Settings", chat: str | None, *, dry_run: bool, quiet: bool
) -> ExitCode:
    from limner.cli.shared.library_place import library_place
    from limner.composition import open_library

    place = library_place(settings)
    async with open_library(place, settings, to_read=dry_run) as library:
        slots = await _damaged(library, chat)
        lost = sum(len(_lost(slot)) for slot in slots)
        if not lost or dry_run:
            for slot in slots:
                typer.echo(f"would draw {_called(slot)}", err=True)
            what = f"{counted(lost, 'picture')} missing" if lost else "no picture is missing"
            typer.echo(what if quiet or lost else f"{what} in {place}", err=True)
            return ExitCode.INCOMPLETE if lost else ExitCode.OK
        return await _draw_all(settings, library, slots, lost, quiet=quiet)


async def _damaged(library: "Library", name: str | None) -> list["Slot"]:
    """The slots of all answers that have a picture which cannot be read."""
    from limner.cli.shared.library_place import the_chat
    from limner.cli.story.chats import all_chats

    chats = await all_chats(library) if name is None else [await the_chat(library, name)]
    found: list[Slot] = []
    for chat in chats:
        for message in await library.messages(chat.id):
            for variant in await library.variants(message.id):
                answer = await library.load(message.id, variant)
                slots = answer.slots if answer is not None else ()
                found += [slot for slot in slots if await asyncio.to_thread(_lost, slot)]
    return found


def _lost(slot: "Slot") -> list[str]:
    """The ids of the slot's pictures that cannot be read, the one shown last."""
    from limner.illustration.model.pending import is_readable

    lost = [made for made in slot.alternatives if not is_readable(made.image)]
    return [made.id for made in sorted(lost, key=lambda made: made is slot.shown)]


async def _draw_all(
    settings: "Settings", library: "Library", slots: Sequence["Slot"], lost: int, *, quiet: bool
) -> ExitCode:
    from limner.cli.shared.interrupt import on_interrupt
    from limner.composition import check_backends, open_pipeline

    if await library.is_open_elsewhere():
        raise _in_use(library.place)
    check_backends(settings)
    async with open_pipeline(settings, store=library) as pipeline:
        drawing = asyncio.gather(*(_draw(pipeline.illustrator, slot, quiet) for slot in slots))

        def stop() -> None:
            drawing.cancel()

        with on_interrupt(stop) as interrupts, suppress(asyncio.CancelledError):
            left = sum(await drawing)
            typer.echo(f"{lost - left} of {counted(lost, 'picture')} drawn again", err=True)
            return ExitCode.INCOMPLETE if left else ExitCode.OK
    if not interrupts.count:
        raise asyncio.CancelledError
    typer.echo("limner: interrupted; `limner repair` goes on from there", err=True)
    return ExitCode.INTERRUPTED


async def _draw(illustrator: "Illustrator", slot: "Slot", quiet: bool) -> int:
    """Draw what the slot has lost, and show what it showed; tells how many failed."""
    from limner.errors import LimnerError, StorageError

    failed = 0
    for picture in _lost(slot):
        if picture not in _lost(slot):
            continue  # another that is equal has brought the file back
        try:
            await illustrator.operations.regenerate(slot.id, alternative=picture)
        except StorageError:
            raise
        except Exception as error:
            failed += 1
            typer.echo(f"limner: {_called(slot)} failed: {error}", err=True)
        else:
            if not quiet:
                typer.echo(f"drew {_called(slot)}", err=True)
    if slot.shown is not None and slot.shown.id not in _lost(slot):
        with suppress(LimnerError):  # it was the one that was drawn, and is shown
            await illustrator.operations.select(slot.id, slot.shown.id)
    return failed


def _called(slot: "Slot") -> str:
    from limner.cli.shared.summary import short

    return f"picture {slot.id.ordinal + 1} of {slot.id.message_id} ({short(slot.prompt)})"


def _in_use(place: str) -> Exception:
    from limner.errors import StorageBusy

    return StorageBusy(
        f"another limner has the library {place} open; end it, or draw the pictures again there",
        place=place,
    )
