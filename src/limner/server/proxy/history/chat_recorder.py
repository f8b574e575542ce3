"""Keeping in a library what a front-end says of a conversation, before the answer to it."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

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
from limner.server.proxy.history.recognition import Kind
from limner.server.proxy.picture_id import PictureId
from limner.storage import Library

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


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is being kept of a conversation.

    Attributes:
        chat: The conversation.
        kept: Done when it is kept.
    """

    chat: str
    kept: "asyncio.Future[object]"


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
        self._store = illustrator.store
        self._number = number
        self._patterns = patterns
        self._turn = asyncio.Lock()

    async def record(self, found: Found) -> "Recorded":
        """Have all turns kept that are new; the answer follows them.

        What is to be kept is given to the store when this returns, in order, and is committed
        with what comes next.

        Returns:
            The conversation, and what tells when it is kept.

        Raises:
            limner.errors.StorageError: They cannot be kept.
            limner.errors.UnknownSlot: Somebody deleted what they follow just now.
        """
        place = found.place
        if place.chat is None:
            return await self._begun(found)
        if place.kind is Kind.BRANCH:
            return await self._branched(found)
        await self._show(place.shown)
        return Recorded(place.chat, await self._keep(found, place.chat, place.position))

    async def seed(
        self, chat: str, message_id: str, variant: int, turn: Turn, asked: Asked
    ) -> None:
        """Keep the beginning of an answer that goes on from a text which no known one has.

        Raises:
            limner.errors.StorageError: It cannot be kept.
        """
        message = await self._made(turn, message_id, variant, chat, asked)
        await self._store.save(replace(message, state=MessageState.CUT))

    async def _begun(self, found: Found) -> "Recorded":
        """A conversation that begins; one that began with the same words just now is joined."""
        first = found.ids[0]
        chat = found.home + first[:16]
        known = await self._library.chat(chat)
        if known is not None:
            there = (await self._library.places([first])).get(first)
            begins = there is None and not known.messages  # another server has made it just now
            if begins or (there is not None and there.chat_id == chat):
                return Recorded(chat, await self._keep(found, chat, 0))
            chat = found.home + secrets.token_hex(8)
        return Recorded(chat, await self._keep(found, chat, 0, self._making(found, chat)))

    def _making(self, found: Found, chat: str) -> Doing:
        """How a conversation begins."""
        asked = found.asked
        title = _title(asked.said)
        return partial(self._library.create_chat, title, id=chat, owner=asked.owner)

    async def _branched(self, found: Found) -> "Recorded":
        """A copy of the conversation up to where the front-end's leaves it."""
        place = found.place
        new = found.ids[place.position] if place.position < len(found.ids) else place.message
        chat = found.home + hashlib.sha256(new.encode()).hexdigest()[:16]
        if await self._library.chat(chat) is None:
            shared = found.asked.said[: place.position]
            if found.asked.previous is None and not any(map(_is_users, shared)):
                # All it shares is a greeting, and that it says itself: there is nothing to copy.
                return Recorded(chat, await self._keep(found, chat, 0, self._making(found, chat)))
            async with self._turn:  # of two that leave it at one place, the second joins the first
                if await self._library.chat(chat) is None and place.last is not None:
                    await self._copy(place.chat or "", place.last, chat, place.shown)
        return Recorded(chat, await self._keep(found, chat, place.position))

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

    async def _keep(
        self, found: Found, chat: str, position: int, *first: Doing
    ) -> "asyncio.Future[object]":
        """Have the turns from a position on kept, behind what is to be done first."""
        asked, edited = found.asked, found.place.edited
        said = asked.said[: len(asked.said) - asked.continuing]
        new = found.ids[position : len(said)]
        there = await self._library.places(new) if new else {}
        doing: list[Doing] = []
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
            doing.append(partial(self._saved, message, said[index]))
        work = self._all(chat, first, doing)
        return asyncio.ensure_future(self._illustrator.keeper.keep(work))

    def _all(self, chat: str, first: Sequence[Doing], rest: Sequence[Doing]) -> Doing:
        """All of it, given to the store at once; and again, if the store fails for a while."""
        again = False

        async def once() -> object:
            nonlocal again
            begin = list(first)
            if again and begin:
                if await self._library.chat(chat) is None:
                    await asyncio.gather(*(one() for one in begin))
                begin = []
            again = True
            return await asyncio.gather(*(one() for one in (*begin, *rest)))

        return once

    async def _saved(self, message: Message, turn: Turn) -> None:
        await self._store.save(message)
        self._library.note_words(message.id, message.variant, digest(turn.words))
        for slot in message.slots:
            if slot.failure is FOLLOWS:
                await self._illustrator.operations.request_retry(slot.id)

    def said(self, key: tuple[str, int], text: str, tags: Sequence[tuple[int, int]]) -> None:
        """Keep by what an answer that came to its end is known again.

        Args:
            key: Its message, and which of its answers it is.
            text: All of it.
            tags: Where its tags begin and end.
        """
        self._library.note_words(*key, digest(words(text, self._patterns, tags=tags, answer=True)))

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
