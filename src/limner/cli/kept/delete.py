"""`limner delete`: a story, or one of its pictures, out of sight."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.kept.the_story import StoryArgument
from limner.cli.shared.library_place import LibraryOption

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.config import Settings

Number = Annotated[
    int | None,
    typer.Argument(metavar="[N]", min=1, help="Delete only this picture, the one that is shown."),
]


def delete(story: StoryArgument, number: Number = None, library: LibraryOption = None) -> ExitCode:
    """Delete a story, or one of its pictures; files that were written stay where they are.

    It can be brought back until `limner gc` removes it, which leaves it 30 days.
    """
    return asyncio.run(_delete(story, number, library))


async def _delete(name: str, number: int | None, given: str | None) -> ExitCode:
    from limner.cli.kept.changing import changing
    from limner.cli.shared.library_place import command_line
    from limner.cli.shared.options import settings_with

    async with changing(name, settings_with(library=given)) as work:
        story = work.story
        if number is not None:
            await work.operations.delete(story.slot(number).id)
            typer.echo(f"picture {number} is deleted; back: {work.command('undo')}")
            await work.written()
            return ExitCode.OK
        there = await work.library.message_ids(story.chat_id)
        if len(there) > len(story.messages):
            for message in story.messages:
                await work.operations.delete_message(message.id)
            typer.echo("the story is deleted; the rest of its chat is there")
            return ExitCode.OK
        await work.library.delete_chat(story.chat_id)
        back = command_line("undo", story.chat_id, library=work.place)
        typer.echo(f"{story.title or story.chat_id} is deleted; back: {back}")
    return ExitCode.OK


async def brought_back(chat_id: str, settings: "Settings") -> bool:
    """Bring a story back that was deleted, by its id; tells whether there was such a one."""
    from limner.cli.shared.library_place import library_place
    from limner.composition import open_library

    async with open_library(library_place(settings), settings) as library:
        return await library.chat(chat_id) is None and await library.restore_chat(chat_id)
