"""`limner pictures`: the pictures of a kept story, numbered."""

import asyncio
import json as json_format
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.kept.the_story import StoryArgument, the_story
from limner.cli.shared.library_place import LibraryOption

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.illustration import Slot

Json = Annotated[bool, typer.Option("--json", help="One picture a line, as a JSON object.")]


def pictures(story: StoryArgument, json: Json = False, library: LibraryOption = None) -> ExitCode:
    """Show the pictures of a story: number, state, prompt, file, and why one failed.

    The numbers are those of `limner redraw`, `limner choose` and `limner illustrate --redraw`.
    Where a picture has several alternatives, its state says which of them is shown.
    """
    return asyncio.run(_pictures(story, json, library))


async def _pictures(name: str, as_json: bool, given: str | None) -> ExitCode:
    from limner.cli.shared.library_place import kept_library

    async with kept_library(given, to_read=True) as library:
        slots = (await the_story(library, name)).slots
    for number, slot in enumerate(slots, 1):
        typer.echo(_as_json(number, slot) if as_json else _line(number, slot))
    if not slots:
        typer.echo("limner: it has no pictures", err=True)
    return ExitCode.OK


def _line(number: int, slot: "Slot") -> str:
    state = str(slot.state)
    if slot.selected is not None and len(slot.alternatives) > 1:
        state = f"{state} ({slot.selected + 1} of {len(slot.alternatives)})"
    reason = slot.failure.reason if slot.failure is not None else ""
    words = " ".join(_prompt(slot).split())
    cells = [str(number), state, words, *filter(None, (_file(slot), reason and f"({reason})"))]
    return "\t".join(cells)


def _as_json(number: int, slot: "Slot") -> str:
    about = {
        "number": number,
        "state": str(slot.state),
        "prompt": _prompt(slot),
        "alternatives": len(slot.alternatives),
        "shown": None if slot.selected is None else slot.selected + 1,
        "file": _file(slot) or None,
        "reason": slot.failure.reason if slot.failure is not None else None,
    }
    return json_format.dumps(about, ensure_ascii=False)


def _prompt(slot: "Slot") -> str:
    """What the picture that is shown was drawn for; without one, what is to be drawn."""
    return slot.prompt if slot.shown is None else slot.shown.prompt


def _file(slot: "Slot") -> str:
    """Where the picture that is shown is; nothing if none is."""
    from limner.storage import StoredImage

    return str(slot.image.path) if isinstance(slot.image, StoredImage) else ""
