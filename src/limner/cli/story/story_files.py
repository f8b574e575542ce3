"""Finding the stories that somebody means by the name of a file."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from limner.cli.story.known_story import KnownStory, known_stories, known_story

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.storage import Library


async def story_here(library: "Library", name: str) -> KnownStory | None:
    """The story of this file, or of one of this name in this folder, whatever its ending.

    It is the file that was illustrated, one of several that became a book, or what was written.

    Args:
        library: The library.
        name: A path; ``story`` is as good as ``story.md`` or ``story.html``.
    """
    path = await asyncio.to_thread(Path(name).resolve)
    exact = await known_story(library, str(path))
    if exact is not None and await library.chat(exact.chat_id) is not None:
        return exact
    for fits in (path.__eq__, lambda file: file.with_suffix("") == path):
        found = await _fitting(library, fits)
        if len(found) == 1:
            return found[0]
    return None


async def stories_called(library: "Library", name: str) -> list[KnownStory]:
    """The stories of files of this name, with or without its ending, in whatever folder."""
    return await _fitting(library, lambda file: name in (file.name, file.stem))


async def _fitting(library: "Library", fits: Callable[[Path], bool]) -> list[KnownStory]:
    """The stories of which a file fits, if they are still there."""
    found = {
        story.message_id: story
        for story in await known_stories(library)
        if any(map(fits, _files(story))) and await library.chat(story.chat_id) is not None
    }
    return list(found.values())


async def names(library: "Library") -> list[str]:
    """What stories that are still there can be called by: the names of their files."""
    return [
        file.name
        for story in await known_stories(library)
        if await library.chat(story.chat_id) is not None
        for file in _files(story)
    ]


def _files(story: KnownStory) -> Iterable[Path]:
    sources = story.source.split("\n") if story.source is not None else ()
    written = (story.output,) if story.output is not None else ()
    return map(Path, (*sources, *story.imprint.files, *written))
