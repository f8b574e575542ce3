"""Changing the pictures of a kept story by hand: the library, what draws, and what comes of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from limner.cli.kept.the_story import Story, the_story
from limner.cli.shared.library_place import command_line, library_place

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.config import Settings
    from limner.illustration import Illustrator, TextModel
    from limner.illustration.generation.easel.picture_spans import PictureSpans
    from limner.illustration.operations.operations import MessageOperations
    from limner.storage import Library


@dataclass(frozen=True, slots=True)
class Changing:
    """A story whose pictures are changed.

    Attributes:
        library: Where it is kept.
        place: Where that is, as it was given.
        name: What the story was called on the command line.
        story: The story as it was before.
        illustrator: Draws.
    """

    library: "Library"
    place: str
    name: str
    story: Story
    illustrator: "Illustrator"

    @property
    def operations(self) -> "MessageOperations":
        """What can be done."""
        return self.illustrator.operations

    def command(self, name: str, *words: str) -> str:
        """A command about this story, that can be given as it is printed."""
        return command_line(name, self.name, *words, library=self.place)

    async def written(self) -> None:
        """Write the page or book of the story anew, where a command had written it; say so."""
        from limner.cli.kept.written_again import write_again

        path = await write_again(self.library, self.story)
        if path is not None:
            typer.echo(f"{path}: written anew", err=True)
        else:
            typer.echo(f"see it with: {self.command('open')}", err=True)


@asynccontextmanager
async def changing(
    name: str,
    settings: "Settings",
    *,
    new_backend: bool = False,
    refiner: "TextModel | None" = None,
    spans: "PictureSpans | None" = None,
) -> AsyncIterator[Changing]:
    """A story to be changed, for the time of the block.

    Args:
        name: Names the story.
        settings: Say where it is kept, and what draws where nobody knows what did before.
        new_backend: Whether they say what draws also where something else did before.
        refiner: The model that changes prompts.
        spans: Tells of what is drawn; by default nobody is told.

    Raises:
        typer.BadParameter: There is no such story, or several can be meant.
        limner.errors.LimnerError: The library or what draws cannot be used.
    """
    from limner.composition import check_backends, open_library, open_pipeline

    place = library_place(settings)
    async with open_library(place, settings) as library:
        story = await the_story(library, name)
        known = story.known
        if known is not None and known.backend is not None and not new_backend:
            settings = settings.model_copy(update={"backends": (known.backend,)})
        check_backends(settings)
        async with open_pipeline(
            settings,
            store=library,
            size=(known.width, known.height) if known is not None else (768, 512),
            look=known.looks.look() if known is not None else None,
            reference_files=known.looks.pictures if known is not None else None,
            refiner=refiner,
            spans=spans,
        ) as pipeline:
            yield Changing(library, place, name, story, pipeline.illustrator)
