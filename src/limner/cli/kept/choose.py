"""`limner choose`: which of a picture's alternatives is shown."""

import asyncio
from typing import Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.kept.the_story import PictureNumber, StoryArgument
from limner.cli.shared.library_place import LibraryOption

Which = Annotated[
    int, typer.Argument(metavar="A", min=1, help="Which of its alternatives, the oldest being 1.")
]


def choose(
    story: StoryArgument, number: PictureNumber, which: Which, library: LibraryOption = None
) -> ExitCode:
    """Show another of a picture's alternatives, and write the page or book anew.

    `limner redraw --keep` makes alternatives, `limner pictures` tells how many there are.
    """
    return asyncio.run(_choose(story, number, which, library))


async def _choose(name: str, number: int, which: int, given: str | None) -> ExitCode:
    from limner.cli.kept.changing import changing
    from limner.cli.shared.options import settings_with

    async with changing(name, settings_with(library=given)) as work:
        slot = work.story.slot(number)
        if which > len(slot.alternatives):
            raise typer.BadParameter(
                f"picture {number} has {len(slot.alternatives)} to choose from", param_hint="A"
            )
        await work.operations.select(slot.id, which - 1)
        await work.written()
    return ExitCode.OK
