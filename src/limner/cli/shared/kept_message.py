"""Keeping what `limner illustrate` makes in a library, from before its first picture."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import typer

from limner.cli.shared.kept_run import KeptRun, forget, remember
from limner.cli.shared.output import Output
from limner.cli.story.chats import chats_meant, several
from limner.cli.story.drawn_anew import why_anew
from limner.cli.story.drawn_with import DrawnWith
from limner.cli.story.former import (
    MOST,
    former_answers,
    former_pictures,
    placed,
    with_former,
)
from limner.cli.story.imprint import Imprint
from limner.cli.story.known_story import KnownStory, known_story, remember_story
from limner.cli.story.looks import Looks
from limner.cli.story.peeked_text import FILE
from limner.cli.story.same_story import Begin, Beginning, free_title, same_story
from limner.composition import keepable_backend, open_library
from limner.config import Settings
from limner.errors import StorageError
from limner.illustration import (
    FormerPictures,
    Illustrated,
    Message,
    MessageState,
    Role,
    StoreKeeper,
)
from limner.prompts import find_prompts

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
        redrawn: The ordinals of tags that get another picture all the same.
        formers: Which answers the text was before, the newest first, and the ordinals in each of
            pictures that are drawn otherwise now.
        answers: What each answer was and is drawn with.
        anew: Why some of them are drawn anew all the same, if an option is why.
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
    redrawn: Collection[int] = ()
    formers: Sequence[tuple[int, Collection[int]]] = ()
    answers: Mapping[int, DrawnWith] = field(default_factory=dict)
    anew: str | None = None

    async def with_former(self, result: Illustrated) -> Illustrated:
        """The result with all that its tags had before the text was edited; it is kept so."""
        if self.former is None or result.not_kept is not None:
            return result
        message = await with_former(self.library, self.former, result.message)
        return replace(result, message=message)

    async def written(self, result: Illustrated) -> None:
        """The result was written: there is nothing to finish, unless something is left to do."""
        from limner.illustration.rendering import heading

        title = heading(result.message) if self.untitled else None
        if title is not None:
            await self.library.rename_chat(self.chat_id, await free_title(self.library, title))
        if self.edited is not None and not placed(result) and _has_pictures(self.edited):
            # As with the page: nobody wants an answer that lost its pictures for want of a model.
            await self.library.select_variant(self.message_id, self.edited.variant)
        if not result.cancelled and not result.waiting:
            await forget(self.library, self.message_id)

    async def remembered(self, result: Illustrated, keeper: StoreKeeper) -> Illustrated:
        """Tell the library that the result is written; gives it, with what was not taken."""
        if result.not_kept is not None:
            return result  # there it is unfinished, and `limner resume` goes on from there
        try:
            await keeper.keep(lambda: self.written(result))
        except StorageError as error:
            return replace(result, not_kept=error)
        return result

    async def undo_unless_begun(self) -> None:
        """It is broken off: if no text has come yet, leave the library as it was."""
        number = max(self.answers) if self.edited is not None else None
        message = await self.library.load(self.message_id, number)
        if message is None or not message.text.strip():
            await self.undo()

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
        _check_redrawn(keep, begins, settings, made.edited if made is not None else None)
        if made is None:
            made = await _begun(library, keep, begins.title or title, now)
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
            formers=[(variant, sorted(changed)) for variant, changed in made.formers],
            redrawn=sorted(made.redrawn),
            begun_at=time.time(),
        )
        try:
            await _ask(made, keep.asked)
            if keep.asked is None:
                story = replace(
                    now, chat_id=made.chat_id, message_id=made.message_id, answers=made.answers
                )
                await remember_story(library, story)
            await remember(library, run)
            yield made
        except BaseException:
            with suppress(StorageError):
                await made.undo_unless_begun()
            raise


def _has_pictures(message: Message) -> bool:
    return any(slot.image is not None for slot in message.slots)


def _check_redrawn(
    keep: LibraryTarget, begins: Beginning, settings: Settings, known: Message | None
) -> None:
    """Refuse numbers of pictures that there are not: in the text as it is, else as it was kept."""
    if not keep.redraw:
        return
    whole = keep.source is not None and len(begins.text) < FILE
    asked = len(find_prompts(begins.text, settings.patterns)) if whole else 0
    there = asked or (len(known.slots) if known is not None else 0)
    most = max(keep.redraw) + 1
    if asked and most > asked:
        told = f"there is no picture {most}: the text asks for {asked}"
    elif most > there and known is not None:
        told = f"there is no picture {most}: the story has {there}"
    elif most > there:
        told = f"there is no picture {most}: the text is not in the library yet, so it has none"
    else:
        return
    raise typer.BadParameter(told, param_hint="--redraw")


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
    with_now = now.drawing if keep.redraw is not None else None
    answers = await former_answers(library, known, edited, with_now)
    former = former_pictures(answers, keep.redraw or ())
    before = known.as_of(edited.variant)
    return KeptMessage(
        library=library,
        chat_id=known.chat_id,
        message_id=known.message_id,
        edited=edited,
        former=former,
        redrawn=keep.redraw or (),
        formers=[(one.message.variant, one.changed) for one in answers],
        answers=await _answers(library, known, edited, now),
        anew=why_anew(former.otherwise, before, now) if keep.redraw is not None else None,
    )


async def _answers(
    library: "Library", known: KnownStory, edited: Message, now: KnownStory
) -> Mapping[int, DrawnWith]:
    """What each answer of a story was drawn with, and what the next one is."""
    there = await library.variants(edited.id)
    was = known.answers or {edited.variant: known.drawing}
    kept = {number: was[number] for number in sorted(was) if number in there}
    return {**dict([*kept.items()][-MOST - 1 :]), max(there) + 1: now.drawing}


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
        untitled=new and keep.chat is None and keep.source is None and title is None,
        answers={0: now.drawing},
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
    titled = await free_title(library, called) if called else None
    chat_id = uuid.uuid4().hex
    try:
        await library.create_chat(titled, id=chat_id)
    except asyncio.CancelledError:  # it may be there all the same
        with suppress(StorageError):
            await library.delete_chat(chat_id)
        raise
    return chat_id, True


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
