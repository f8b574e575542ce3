"""Keeping in a library what a front-end says of a conversation, before the answer to it."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, runtime_checkable

from limner.illustration import (
    Failure,
    Illustrator,
    Message,
    MessageState,
    Role,
    Slot,
    SlotId,
    SlotState,
)
from limner.prompts import find_prompts
from limner.server.branch import branched
from limner.server.proxy.history.chat_lookup import Asked, Found
from limner.server.proxy.history.fingerprint import Turn, digest, words
from limner.server.proxy.history.message_target import MessageTarget
from limner.server.proxy.history.recognition import Kind
from limner.server.proxy.picture_id import PictureId
from limner.storage import Library, NewChat, SaidMessage

_BRACKETED = re.compile(r"\[[^\[\]\n]*\]")
MOST_SAID = 1500
"""Characters of a first message; what is longer, and all there is, is more than a user says."""
TITLE = 80
"""Characters of the first words of a user that become a conversation's title."""
NOT_KEPT = Failure("NotDrawn", "this answer was changed outside; draw the picture again")
FOLLOWS = Failure("NotDrawn", "this answer was changed outside; its picture is drawn again")
"""Of a picture that was still being drawn for the answer as it was."""
Doing = Callable[[], Coroutine[Any, Any, object]]
Numbers = Callable[[str, int], int]
"""Gives out the number of a message's next answer, which is at least this one, and never twice."""


@runtime_checkable
class TurnStore(Protocol):
    """A store that keeps several answers in one transaction, as a `limner.storage.Library`."""

    async def save_said(self, said: Sequence[SaidMessage], *, chat: NewChat | None = None) -> None:
        """Keep several answers in order, and make the conversation that begins with them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeAnswer:
    """An answer that has come to its end and asks for no picture.

    Attributes:
        target: Its place.
        text: All of it.
        tags: Where something stands in it that is no word of it: a tag that was left open.
        owner: For whom it is.
    """

    target: MessageTarget
    text: str
    tags: Sequence[tuple[int, int]] = ()
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is to be kept of a conversation.

    Attributes:
        chat: The conversation.
        said: What is new in it.
        keep: Keeps it in one transaction, and may be called again where that failed.
    """

    chat: str
    said: Sequence[SaidMessage]
    keep: Doing


class ChatRecorder:
    """Brings a library's conversation to where a front-end's is.

    Args:
        library: Has the conversations.
        illustrator: Through whose store messages are written, so that everybody hears of it.
        number: Gives out numbers of answers.
        patterns: Tag patterns in place of the defaults.
    """

    def __init__(
        self,
        library: Library,
        illustrator: Illustrator,
        number: Numbers,
        *,
        patterns: Sequence[str] | None = None,
    ) -> None:
        self._library = library
        self._illustrator = illustrator
        self._store = store = illustrator.store
        self._turns: TurnStore = store if isinstance(store, TurnStore) else library
        self._number = number
        self._patterns = patterns
        self._turn = asyncio.Lock()

    async def record(self, found: Found, answer: WholeAnswer | None = None) -> Recorded:
        """Find out which turns are new, and are to be kept; the answer follows them.

        Args:
            found: Where the question belongs.
            answer: The answer, if it is kept with them.

        Raises:
            limner.errors.StorageError: The library cannot be read.
            limner.errors.UnknownSlot: Somebody deleted what they follow just now.
        """
        chat, position, begins = await self._where(found)
        said = await self._new(found, chat, position)
        if answer is not None:
            said.append(self._answered(chat, answer))
        asked = found.asked
        new = NewChat(id=chat, title=_title(asked.said), owner=asked.owner) if begins else None
        return Recorded(chat, said, partial(self._keep, said, new))

    async def _where(self, found: Found) -> tuple[str, int, bool]:
        """The conversation, how many turns of the question it has, and whether it begins."""
        place = found.place
        if place.chat is None:
            return await self._begun(found)
        if place.kind is Kind.BRANCH:
            return await self._branched(found)
        await self._show(place.shown)
        return place.chat, place.position, False

    async def seed(
        self, chat: str, message_id: str, variant: int, turn: Turn, asked: Asked
    ) -> None:
        """Keep the beginning of an answer that goes on from a text which no known one has.

        Raises:
            limner.errors.StorageError: It cannot be kept.
        """
        message = await self._made(turn, message_id, variant, chat, asked)
        await self._store.save(replace(message, state=MessageState.CUT))

    async def _begun(self, found: Found) -> tuple[str, int, bool]:
        """A conversation that begins; one that began with the same words just now is joined."""
        first = found.ids[0]
        chat = found.home + first[:16]
        known = await self._library.chat(chat)
        if known is not None:
            there = (await self._library.places([first])).get(first)
            begins = there is None and not known.messages  # another server has made it just now
            if begins or (there is not None and there.chat_id == chat):
                return chat, 0, False
            chat = found.home + secrets.token_hex(8)
        return chat, 0, True

    async def _branched(self, found: Found) -> tuple[str, int, bool]:
        """A copy of the conversation up to where the front-end's leaves it."""
        place = found.place
        new = found.ids[place.position] if place.position < len(found.ids) else place.message
        chat = found.home + hashlib.sha256(new.encode()).hexdigest()[:16]
        if await self._library.chat(chat) is None:
            shared = found.asked.said[: place.position]
            if found.asked.previous is None and not any(map(_is_users, shared)):
                # All it shares is a greeting, and that it says itself: there is nothing to copy.
                return chat, 0, True
            async with self._turn:  # of two that leave it at one place, the second joins the first
                if await self._library.chat(chat) is None and place.last is not None:
                    await self._copy(place.chat or "", place.last, chat, place.shown)
        return chat, place.position, False

    async def _copy(self, old: str, last: str, chat: str, shown: Sequence[tuple[str, int]]) -> None:
        ids = await self._library.message_ids(old)
        await branched(self._library, self._illustrator, old, last, id=chat)
        copies = await self._library.message_ids(chat)
        copy_of = dict(zip(ids, copies, strict=False))
        await self._show([(copy_of[name], variant) for name, variant in shown])

    async def _show(self, shown: Sequence[tuple[str, int]]) -> None:
        """Select the answers that the front-end shows."""
        places = await self._library.places([name for name, _ in shown]) if shown else {}
        for name, variant in shown:
            if name in places and places[name].selected != variant:
                await self._store.select_variant(name, variant)

    async def _new(self, found: Found, chat: str, position: int) -> list[SaidMessage]:
        """The turns from a position on, as far as they are not there."""
        asked, edited = found.asked, found.place.edited
        said = asked.said[: len(asked.said) - asked.continuing]
        new = found.ids[position : len(said)]
        there = await self._library.places(new) if new else {}
        made: list[SaidMessage] = []
        for index in range(position, len(said)):
            name, variant = found.ids[index], 0
            if edited is not None and index == found.place.position:
                least = await self._library.next_variant(edited)
                name, variant = edited, self._number(edited, least)
            elif name in there and there[name].chat_id == chat:
                continue
            elif name in there:
                name = secrets.token_hex(16)
            message = await self._made(said[index], name, variant, chat, asked)
            made.append(SaidMessage(message, digest(said[index].words)))
        return made

    async def _keep(self, said: Sequence[SaidMessage], chat: NewChat | None) -> None:
        if said or chat is not None:
            await self._turns.save_said(said, chat=chat)
        for slot in (slot for one in said for slot in one.message.slots):
            if slot.failure is FOLLOWS:
                await self._illustrator.operations.request_retry(slot.id)

    def _answered(self, chat: str, answer: WholeAnswer) -> SaidMessage:
        message = Message(
            id=answer.target.message_id,
            chat_id=chat,
            variant=answer.target.variant,
            text=answer.text,
            state=MessageState.COMPLETE,
            role=Role.ASSISTANT,
            owner=answer.owner,
        )
        return SaidMessage(message, self._digest(answer.text, answer.tags))

    def _digest(self, text: str, tags: Sequence[tuple[int, int]]) -> str:
        return digest(words(text, self._patterns, tags=tags, answer=True))

    def said(self, key: tuple[str, int], text: str, tags: Sequence[tuple[int, int]]) -> None:
        """Keep by what an answer that came to its end is known again.

        Args:
            key: Its message, and which of its answers it is.
            text: All of it.
            tags: Where its tags begin and end.
        """
        self._library.note_words(*key, self._digest(text, tags))

    async def _made(self, turn: Turn, name: str, variant: int, chat: str, asked: Asked) -> Message:
        slots = []
        if turn.role is Role.ASSISTANT:
            tags = find_prompts(turn.text, self._patterns)
            known = [await self._slot(picture, asked.reads) for picture in turn.pictures]
            known = known if len(known) == len(tags) else []
            for ordinal, tag in enumerate(tags):
                slot = Slot.of(SlotId(name, variant, ordinal), tag)
                old = known[ordinal] if known else None
                if old is not None and old.image is not None:
                    slot = replace(old, id=slot.id, tag=tag, pending=(), revision=None)
                else:
                    failure = FOLLOWS if old is not None and old.pending else NOT_KEPT
                    slot = replace(slot, state=SlotState.FAILED, failure=failure)
                slots.append(slot)
        return Message(
            id=name,
            chat_id=chat,
            variant=variant,
            text=turn.text,
            slots=tuple(slots),
            state=MessageState.COMPLETE,
            role=turn.role,
            owner=asked.owner,
        )

    async def _slot(self, picture: str, reads: str | None) -> Slot | None:
        """The slot of a picture, if it is known, and one that whoever asks may see."""
        name = PictureId.read(picture)
        if name is None:
            return None
        name = await name.whole(self._library.whole_ids)
        message = await self._library.load(name.message_id, name.variant)
        if message is None or name.ordinal >= len(message.slots):
            return None
        if reads is not None and await self._library.message_owner(message.id) != reads:
            return None
        return message.slots[name.ordinal]


def _is_users(turn: Turn) -> bool:
    """Whether it is the user who speaks; a line in brackets is a front-end's."""
    return turn.role is Role.USER and not _BRACKETED.fullmatch(turn.text.strip())


def _title(said: Sequence[Turn]) -> str | None:
    """What a conversation is called: the beginning of what the user says first.

    Some front-ends put words of their own in the user's mouth: a line in brackets, or everything,
    the system prompt first, in one message. Its last paragraph is the user's then.
    """
    own = [turn.text.strip() for turn in said if _is_users(turn)]
    if own and len(said) == 1 and len(own[0]) > MOST_SAID:
        own = [own[0].rpartition("\n\n")[2]]
    for text in own:
        if line := " ".join(text.split()):
            plain = line if line.isprintable() else _printable(line)
            return plain if len(plain) <= TITLE else f"{plain[: TITLE - 1].rstrip()}…"
    return None


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else " " for character in line)
