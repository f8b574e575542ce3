"""`limner undo`: the last change of a story's pictures taken back."""

import asyncio
from typing import TYPE_CHECKING

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.kept.the_story import StoryArgument
from limner.cli.shared.library_place import LibraryOption

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.cli.kept.changing import Changing
    from limner.illustration import Change

SAID = {
    "regenerate": "the former picture is back",
    "select": "the one shown before is back",
    "delete": "it is back",
}
NOTHING = "nothing was done to its pictures since its text is as it is"
PROMPTS = "edit_prompt", "refine_prompt"


def undo(story: StoryArgument, library: LibraryOption = None) -> ExitCode:
    """Take back what was last done to a story's pictures, and write the page or book anew.

    Given again, it takes back what was done before that. In a chat of several answers it is the
    last one whose pictures were changed. Of a story that was deleted, by its id, it brings it back.
    """
    return asyncio.run(_undo(story, library))


async def _undo(name: str, given: str | None) -> ExitCode:
    from limner.cli.kept.changing import changing
    from limner.cli.kept.delete import brought_back
    from limner.cli.shared.options import settings_with

    settings = settings_with(library=given)
    if await brought_back(name, settings):
        typer.echo(f"{name} is back")
        return ExitCode.OK
    async with changing(name, settings) as work:
        said = await _taken_back(work)
        if said is None:
            typer.echo(f"limner: {NOTHING}", err=True)
            return ExitCode.OK
        typer.echo(said)
        await work.written()
    return ExitCode.OK


async def _taken_back(work: "Changing") -> str | None:
    """What was taken back, in words; ``None``: there was nothing that anybody sees."""
    numbers = {slot.id: number for number, slot in enumerate(work.story.slots, 1)}
    for message in reversed(work.story.messages):
        change = await work.operations.undo(message.id)
        if change is None:
            continue
        told = [str(numbers[slot.id]) for slot in change.before if slot.id in numbers]
        if not told:  # it was done to a former version of the text, which nobody sees
            await work.operations.redo(message.id)
            continue
        await _prompt_taken_back(work, message.id, change)
        said = SAID.get(change.kind, "its prompt is as before")
        return f"picture {', '.join(told)}: {said}"
    return None


async def _prompt_taken_back(work: "Changing", message_id: str, change: "Change") -> None:
    """Take the new prompt back as well, if a picture was redrawn with one: that was one wish."""
    versions = {
        slot.shown.version if slot.shown is not None else 0
        for slot in (*change.before, *change.after)
    }
    if change.kind != "regenerate" or len(versions) < 2:
        return
    earlier = await work.operations.undo(message_id)
    same = earlier is not None and [s.id for s in earlier.before] == [s.id for s in change.before]
    if earlier is not None and not (same and earlier.kind in PROMPTS):
        await work.operations.redo(message_id)
