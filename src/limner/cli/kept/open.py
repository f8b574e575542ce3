"""`limner open`: the page of a story, in the browser."""

import asyncio
import os
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.kept.the_story import StoryArgument, the_story
from limner.cli.shared.library_place import LibraryOption

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.cli.kept.the_story import Story
    from limner.storage import Library


def open_(story: StoryArgument, library: LibraryOption = None) -> ExitCode:
    """Show a story's page in the browser, as it is kept now, and say where the page is.

    It is the page that `limner illustrate` wrote, if there is one; else it is made for this.
    """
    path = asyncio.run(_page(story, library))
    typer.echo(str(path))
    if not webbrowser.open(path.as_uri()):
        typer.echo("limner: there is no browser to open it with", err=True)
    return ExitCode.OK


async def _page(name: str, given: str | None) -> Path:
    from limner.cli.shared.library_place import kept_library

    async with kept_library(given, to_read=True) as library:
        story = await the_story(library, name)
        output = story.known.output if story.known is not None else None
        page = Path(output) if output is not None and output.endswith((".html", ".htm")) else None
        if page is not None and await asyncio.to_thread(page.is_file):
            return page
        return await _written(library, story)


async def _written(library: "Library", story: "Story") -> Path:
    from limner.cli.shared.document import ChatDocument
    from limner.cli.shared.output import choose_output, write_document
    from limner.cli.story.imprint import Imprint
    from limner.errors import StorageUnavailable
    from limner.illustration.rendering import without_missing

    chat = await library.chat(story.chat_id)
    if chat is None:
        raise StorageUnavailable("it was deleted a moment ago", place=library.place)
    messages, _ = await asyncio.to_thread(without_missing, story.messages)
    path = _cache() / f"{story.chat_id}.html"
    imprint = story.known.imprint if story.known is not None else Imprint()
    document = ChatDocument(chat=chat, messages=messages, imprint=imprint)
    await asyncio.to_thread(
        write_document, choose_output(str(path), "html", None), document, unfinished=[]
    )
    return path


def _cache() -> Path:
    """Where such pages are put; only their owner can look there (XDG Base Directory)."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    place = Path(home) / "limner"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place
