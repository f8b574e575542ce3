"""Keeping what `limner illustrate` makes in a library, from before its first picture."""

import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import typer

from limner.cli.shared.kept_run import KeptRun, forget, remember
from limner.cli.shared.output import Output
from limner.cli.story.chats import chats_meant, several
from limner.cli.story.imprint import Imprint
from limner.cli.story.known_story import KnownStory, known_story, remember_story
from limner.cli.story.looks import Looks
from limner.cli.story.same_story import Begin, Beginning, free_title, same_story
from limner.composition import keepable_backend, open_library
from limner.config import Settings
from limner.illustration import FormerPictures, Illustrated, Message, MessageState, Role

if TYPE_CHECKING:
    from limner.storage import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTarget:
    """Where to keep what is made.

    Attributes:
        place: The library.
        chat: The chat that is continued, by id, beginning or title; a new one of this title if
            there is none. ``None`` begins a chat.
        asked: What the model is asked, to be kept as well.
        source: What names the files the text comes from, if it does.
        encoding: What their characters are coded in, if that was said.
        conversation: The chat that is meant, of a file of several.
        redraw: The ordinals of those pictures of a file that is known which are drawn again all
            the same; ``None``: all of them.
        begins: Reads how the text begins, to know it by its title; ``None``: nobody can know.
        usual: Whether the library is where nobody asked for it. If it cannot be used, nothing is
            kept.
    """

    place: str
    chat: str | None = None
    asked: str | None = None
    source: str | None = None
    encoding: str | None = None
    conversation: str | None = None
    redraw: frozenset[int] | None = frozenset()
    begins: Begin | None = None
    usual: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMessage:
    """A message that is kept while it is made.

    Attributes:
        library: Where.
        chat_id: Its chat.
        message_id: Its identity.
        before: What was said in the chat before, the question not among it.
        question: The id of what the model is asked, if that is kept.
        untitled: Whether the chat is new and to be called as the text calls itself.
        new: Whether the chat is new.
        edited: The message as it was, if its file was illustrated before.
        former: Its pictures, for tags that are as they were.
    """

    library: "Library"
    chat_id: str
    message_id: str
    before: Sequence[Message] = ()
    question: str | None = None
    untitled: bool = False
    new: bool = False
    edited: Message | None = None
    former: FormerPictures | None = None

    async def written(self, result: Illustrated) -> None:
        """The result was written: there is nothing to finish, unless something is left to do."""
        from limner.illustration.rendering import heading

        title = heading(result.message) if self.untitled else None
        if title is not None:
            await self.library.rename_chat(self.chat_id, await free_title(self.library, title))
        if not result.cancelled and not result.waiting:
            await forget(self.library, self.message_id)

    async def undo(self) -> None:
        """Nothing came of it: leave the library as it was."""
        await forget(self.library, self.message_id)
        if self.edited is not None:
            await self.library.select_variant(self.message_id, self.edited.variant)
            return
        for message_id in (self.message_id, self.question):
            if message_id is not None:
                await self.library.delete(message_id)
        if self.new:
            await self.library.delete_chat(self.chat_id)


@asynccontextmanager
async def kept_message(
    keep: LibraryTarget,
    settings: Settings,
    *,
    output: Output,
    title: str | None,
    imprint: Imprint,
    size: tuple[int, int],
    seed: int | None,
    looks: Looks,
) -> AsyncIterator[KeptMessage]:
    """Open the library and prepare it for a message.

    Raises:
        typer.BadParameter: Several chats can be meant.
        limner.errors.StorageError: The library cannot be opened or written.
    """
    async with open_library(keep.place, settings, begin=True) as library:
        now = KnownStory(
            chat_id="",
            message_id=uuid.uuid4().hex,
            backend=keepable_backend(settings),
            width=size[0],
            height=size[1],
            seed=seed,
            looks=looks,
            source=keep.source,
            output=str(output.path.resolve()) if output.path is not None else None,
            title=title,
            imprint=imprint,
        )
        begins = await keep.begins() if keep.begins is not None else Beginning()
        if imprint.title is not None:
            begins = replace(begins, title=imprint.title)
        made = await _known(library, keep, begins, now)
        if made is None:
            made = await _begun(library, keep, begins.title or title, now)
        await _ask(made, keep.asked)
        if keep.asked is None:
            story = replace(now, chat_id=made.chat_id, message_id=made.message_id)
            await remember_story(library, story)
        run = KeptRun(
            message_id=made.message_id,
            path=now.output,
            format=output.format,
            source=keep.source,
            encoding=keep.encoding,
            conversation=keep.conversation,
            title=title,
            imprint=imprint,
            backend=now.backend,
            width=size[0],
            height=size[1],
            seed=seed,
            looks=looks,
            patterns=settings.patterns,
            begun_at=time.time(),
        )
        await remember(library, run)
        yield made


async def _known(
    library: "Library", keep: LibraryTarget, begins: Beginning, now: KnownStory
) -> KeptMessage | None:
    """The message that the text became before, if it is still there."""
    known = await known_story(library, keep.source) if keep.source is not None else None
    if known is not None and known.source not in (None, keep.source):
        known = None  # a part of a book, by itself
    if known is None or await library.chat(known.chat_id) is None:
        known = await same_story(library, begins)
    if known is None:
        return None
    if keep.chat is not None:
        called = await chats_meant(library, keep.chat)
        if [chat.id for chat in called] != [known.chat_id]:
            return None
    edited = await library.load(known.message_id)
    if edited is None:
        return None
    keeps = keep.redraw is not None and known.drew_like(now)
    other = set(now.looks.changed(known.looks, edited))
    same = tuple(slot for slot in edited.slots if slot.id.ordinal not in other)
    return KeptMessage(
        library=library,
        chat_id=known.chat_id,
        message_id=known.message_id,
        edited=edited,
        former=FormerPictures(replace(edited, slots=same), keep.redraw or ()) if keeps else None,
    )


async def _begun(
    library: "Library", keep: LibraryTarget, title: str | None, now: KnownStory
) -> KeptMessage:
    """A new message, in a chat of its own unless one is named."""
    chat_id, new = await _chat(library, keep, title)
    return KeptMessage(
        library=library,
        chat_id=chat_id,
        message_id=now.message_id,
        before=() if new else await library.messages(chat_id),
        question=uuid.uuid4().hex if keep.asked is not None else None,
        untitled=new and keep.chat is None and keep.source is None,
        new=new,
    )


async def _chat(library: "Library", keep: LibraryTarget, title: str | None) -> tuple[str, bool]:
    """The chat's id, and whether it is new."""
    if keep.chat is not None:
        found = await chats_meant(library, keep.chat)
        if len(found) > 1:
            raise typer.BadParameter(several(keep.chat, found), param_hint="--chat")
        if found:
            return found[0].id, False
    asked = " ".join((keep.asked or "").split())[:60]
    called = keep.chat or title or asked or None
    chat = await library.create_chat(await free_title(library, called) if called else None)
    return chat.id, True


async def _ask(made: KeptMessage, asked: str | None) -> None:
    if made.question is not None and asked is not None:
        question = Message(
            id=made.question,
            chat_id=made.chat_id,
            text=asked,
            role=Role.USER,
            state=MessageState.COMPLETE,
        )
        await made.library.save(question)
