"""Finding in a library the conversation that a front-end sends again."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from limner.illustration import Message, MessageState
from limner.server.proxy.history.fingerprint import Turn, names, words
from limner.server.proxy.history.recognition import (
    KnownAnswer,
    KnownChat,
    KnownMessage,
    Recognition,
    answer_shown,
    recognise,
)
from limner.server.proxy.pictures.picture_name import PictureName
from limner.storage import Library

SETTING = "proxy_secret"
"""Under which a library keeps what the ids of its proxied messages are made with."""
LOOK_BACK = 128
"""Turns from the end in which something known is looked for."""

Now = Callable[[str, int], tuple[str, bool] | None]
"""The text of an answer that was written lately and may not be kept yet, and whether it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, as far as it matters where it belongs.

    Attributes:
        said: The conversation.
        scope: Who asks, and in which conversation if that is named. What is asked in one scope
            never meets what was asked in another.
        owner: For whom it is kept.
        continuing: Whether the last turn is an answer that is to go on.
    """

    said: Sequence[Turn]
    scope: tuple[str | None, ...] = ()
    owner: str | None = None
    continuing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a question belongs in the library.

    Attributes:
        asked: The question.
        place: Where.
        ids: The ids of its turns and of the answer.
        home: How the ids of its scope's conversations begin.
        free: The number of the next answer of its message.
        before: The text of the answer that goes on.
        slots: How many slots that answer has.
    """

    asked: Asked
    place: Recognition
    ids: Sequence[str]
    home: str
    free: int = 0
    before: str = ""
    slots: int = 0


class ChatLookup:
    """Recognises conversations. Its only memory is the library's.

    Args:
        library: Where they are kept.
        now: Knows what is not kept yet.
        patterns: Tag patterns in place of the defaults.
    """

    def __init__(
        self, library: Library, now: Now, *, patterns: Sequence[str] | None = None
    ) -> None:
        self._library = library
        self._now = now
        self._patterns = patterns
        self._secret: bytes | None = None
        self._turn = asyncio.Lock()

    async def find(self, asked: Asked) -> Found:
        """Where a question belongs.

        Raises:
            limner.errors.StorageError: The library cannot be read.
        """
        scope = repr(asked.scope).encode("utf-8", "surrogatepass")
        key = hmac.new(await self._key(), scope, hashlib.sha256).digest()
        home = hmac.new(key, b"chats", hashlib.sha256).hexdigest()[:16]
        # Where nobody said anything, nothing can be known again.
        ids = names(asked.said, key) if asked.said else [secrets.token_hex(16)]
        known = await self._known(asked, ids, home)
        place = recognise(asked.said, ids, known, continuing=asked.continuing)
        return await self._completed(Found(asked=asked, place=place, ids=ids, home=home))

    async def _key(self) -> bytes:
        async with self._turn:
            if self._secret is None:
                kept = await self._library.setting(SETTING)
                if not isinstance(kept, str):
                    await self._library.set_setting(SETTING, secrets.token_hex(32))
                    kept = str(await self._library.setting(SETTING))
                self._secret = kept.encode()
            return self._secret

    async def _known(self, asked: Asked, ids: Sequence[str], home: str) -> KnownChat | None:
        """The conversation of the last turn that is known, from there to its end."""
        count = len(asked.said) - asked.continuing
        for index in range(count - 1, max(count - LOOK_BACK, 0) - 1, -1):
            turn = asked.said[index]
            for name in dict.fromkeys((ids[index], *_pictured(turn))):
                message = await self._library.load(name)
                if message is None or not message.chat_id.startswith(home):
                    continue
                first = await self._message(message)
                if answer_shown(first, turn) is not None:
                    later = await self._library.messages(message.chat_id, after=name)
                    rest = [await self._message(one) for one in later]
                    return KnownChat(id=message.chat_id, messages=(first, *rest), first=index)
        return None

    async def _message(self, message: Message) -> KnownMessage:
        answers = []
        for variant in await self._library.variants(message.id):
            one: Message | None = message
            if variant != message.variant:
                one = await self._library.load(message.id, variant)
            if one is not None:
                answers.append(self._answer(one))
        return KnownMessage(id=message.id, role=message.role, answers=tuple(answers))

    def _answer(self, message: Message) -> KnownAnswer:
        text, whole = message.text, message.state is MessageState.COMPLETE
        now = self._now(message.id, message.variant)
        if now is not None:
            text, whole = now
        return KnownAnswer(variant=message.variant, words=words(text, self._patterns), whole=whole)

    async def _completed(self, found: Found) -> Found:
        """With what is known of the message that the answer belongs to."""
        place = found.place
        message = await self._library.load(place.message, place.variant)
        if message is None:
            return found
        if message.chat_id != place.chat:  # it has its place elsewhere, and keeps it
            return replace(found, place=replace(place, message=secrets.token_hex(16)))
        numbers = await self._library.variants(place.message)
        free = max(numbers, default=-1) + 1
        if place.variant is None:
            return replace(found, free=free)
        now = self._now(place.message, place.variant)
        before = message.text if now is None else now[0]
        return replace(found, free=free, before=before, slots=len(message.slots))


def _pictured(turn: Turn) -> list[str]:
    """The messages of the pictures in a turn: those of long conversations lose their beginning."""
    read = (PictureName.read(picture) for picture in turn.pictures)
    return [name.message_id for name in read if name is not None]
