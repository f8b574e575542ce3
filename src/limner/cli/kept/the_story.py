"""The story that a command is about, and its pictures by their numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.story.known_story import KnownStory

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.illustration import Message, Slot
    from limner.storage import Library

StoryArgument = Annotated[
    str,
    typer.Argument(
        metavar="STORY",
        help="The file that was illustrated or written, also without its ending, or a chat: its "
        "id, how that begins, or words of its title.",
    ),
]
PictureNumber = Annotated[
    int,
    typer.Argument(metavar="N", min=1, help="The picture's number: `limner pictures` tells them."),
]


@dataclass(frozen=True, slots=True)
class Story:
    """A story that is kept.

    Attributes:
        chat_id: Its chat.
        title: What that is called.
        messages: Its messages in order: of a file the one it became, of a chat all.
        known: How it was illustrated, if it was by a command.
    """

    chat_id: str
    title: str | None
    messages: tuple["Message", ...]
    known: KnownStory | None

    @property
    def slots(self) -> tuple["Slot", ...]:
        """The places of its pictures, in the order of their numbers."""
        return tuple(slot for message in self.messages for slot in message.slots)

    def slot(self, number: int) -> "Slot":
        """The place of one picture.

        Args:
            number: From 1.

        Raises:
            typer.BadParameter: There is no such picture.
        """
        slots = self.slots
        if not 1 <= number <= len(slots):
            several = f"its pictures are 1 to {len(slots)}"
            there = {0: "it has no pictures", 1: "it has only picture 1"}.get(len(slots), several)
            raise typer.BadParameter(f"there is no picture {number}: {there}", param_hint="N")
        return slots[number - 1]


async def the_story(library: "Library", name: str) -> Story:
    """The one story that is meant.

    Args:
        library: The library.
        name: A file that was illustrated, else what names a chat.

    Raises:
        typer.BadParameter: There is none, or several can be meant.
    """
    from limner.cli.shared.library_place import the_chat
    from limner.cli.story.known_story import story_of_chat
    from limner.cli.story.story_files import story_here

    known = await story_here(library, name)
    chat = await library.chat(known.chat_id) if known is not None else None
    if known is None or chat is None:
        chat = await the_chat(library, name, what="story")
        known = await story_of_chat(library, chat.id)
        ids = await library.message_ids(chat.id)
    else:
        ids = [known.message_id]
    found = [await library.load(message_id) for message_id in ids]
    messages = tuple(message for message in found if message is not None)
    return Story(chat.id, chat.title, messages, known)
