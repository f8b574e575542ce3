"""Keeping in a library what a front-end says of a conversation, before the answer to it."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

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
from limner.server.branching import branched
from limner.server.proxy.history.chat_lookup import Found
from limner.server.proxy.history.fingerprint import Turn
from limner.server.proxy.history.recognition import Kind
from limner.server.proxy.pictures.picture_name import PictureName
from limner.storage import Library

TITLE = 80
"""Characters of the first words of a user that become a conversation's title."""
NOT_KEPT = Failure("NotDrawn", "this answer was changed outside; draw the picture again")

Numbers = Callable[[str, int], int]
"""Gives out the number of a message's next answer, which is at least this one, and never twice."""


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

    async def record(self, found: Found) -> str:
        """Keep all turns that are new; the answer follows them.

        Returns:
            The conversation.

        Raises:
            limner.errors.StorageError: They cannot be kept.
            limner.errors.UnknownSlot: Somebody deleted what they follow just now.
        """
        async with self._turn:  # of two questions that begin a conversation, the second joins it
            place = found.place
            if place.chat is None:
                chat = await self._begun(found)
            elif place.kind is Kind.BRANCH:
                chat = await self._branched(found)
            else:
                chat = place.chat
                await self._show(place.shown)
            said = found.asked.said[: len(found.asked.said) - found.asked.continuing]
            for index in range(place.position, len(said)):
                edits = place.edited if index == place.position else None
                await self._keep(found, said[index], found.ids[index], chat, edits)
            return chat

    async def seed(
        self, chat: str, message_id: str, variant: int, turn: Turn, owner: str | None
    ) -> None:
        """Keep the beginning of an answer that goes on from a text which no known one has.

        Raises:
            limner.errors.StorageError: It cannot be kept.
        """
        message = await self._made(turn, message_id, variant, chat, owner)
        await self._store.save(replace(message, state=MessageState.CUT))

    async def _begun(self, found: Found) -> str:
        """A conversation that begins; one that began with the same words just now is joined."""
        first = found.ids[0]
        chat = found.home + first[:16]
        if await self._library.chat(chat) is not None:
            if first in await self._library.message_ids(chat):
                return chat
            chat = found.home + secrets.token_hex(8)
        await self._library.create_chat(_title(found.asked.said), id=chat)
        return chat

    async def _branched(self, found: Found) -> str:
        """A copy of the conversation up to where the front-end's leaves it."""
        place = found.place
        old = place.chat or ""
        new = found.ids[place.position] if place.position < len(found.ids) else place.message
        chat = found.home + hashlib.sha256(new.encode()).hexdigest()[:16]
        if await self._library.chat(chat) is not None:
            return chat
        if place.last is not None:
            ids = await self._library.message_ids(old)
            await branched(self._library, self._illustrator, old, place.last, id=chat)
            copies = await self._library.message_ids(chat)
            copy_of = dict(zip(ids, copies, strict=False))
            await self._show([(copy_of[name], variant) for name, variant in place.shown])
        return chat

    async def _show(self, shown: Sequence[tuple[str, int]]) -> None:
        """Select the answers that the front-end shows."""
        for name, variant in shown:
            message = await self._library.load(name)
            if message is not None and message.variant != variant:
                await self._store.select_variant(name, variant)

    async def _keep(
        self, found: Found, turn: Turn, name: str, chat: str, edits: str | None
    ) -> None:
        variant = 0
        if edits is not None:
            numbers = await self._library.variants(edits)
            name, variant = edits, self._number(edits, max(numbers, default=-1) + 1)
        else:
            there = await self._library.load(name)
            if there is not None and there.chat_id == chat:
                return
            if there is not None:
                name = secrets.token_hex(16)
        await self._store.save(await self._made(turn, name, variant, chat, found.asked.owner))

    async def _made(
        self, turn: Turn, name: str, variant: int, chat: str, owner: str | None
    ) -> Message:
        slots = []
        if turn.role is Role.ASSISTANT:
            tags = find_prompts(turn.text, self._patterns)
            known = [await self._slot(picture) for picture in turn.pictures]
            known = known if len(known) == len(tags) else []
            for ordinal, tag in enumerate(tags):
                slot = Slot.of(SlotId(name, variant, ordinal), tag)
                old = known[ordinal] if known else None
                if old is not None and old.image is not None:
                    slot = replace(old, id=slot.id, tag=tag, pending=())
                else:
                    slot = replace(slot, state=SlotState.FAILED, failure=NOT_KEPT)
                slots.append(slot)
        return Message(
            id=name,
            chat_id=chat,
            variant=variant,
            text=turn.text,
            slots=tuple(slots),
            state=MessageState.COMPLETE,
            role=turn.role,
            owner=owner,
        )

    async def _slot(self, picture: str) -> Slot | None:
        """The slot of a picture, if it is known."""
        name = PictureName.read(picture)
        if name is None:
            return None
        message = await self._library.load(name.message_id, name.variant)
        if message is None or name.ordinal >= len(message.slots):
            return None
        return message.slots[name.ordinal]


def _title(said: Sequence[Turn]) -> str | None:
    """What a conversation is called: the beginning of what the user says first."""
    for turn in said:
        if turn.role is Role.USER and (line := " ".join(turn.text.split())):
            plain = "".join(character if character.isprintable() else " " for character in line)
            return plain if len(plain) <= TITLE else f"{plain[: TITLE - 1].rstrip()}…"
    return None
