"""The two ways in which an answer finds its place: among a library's conversations, or alone."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from limner.errors import LimnerError
from limner.server.proxy.history.chat_lookup import Asked, ChatLookup, Found
from limner.server.proxy.history.chat_recorder import ChatRecorder, Numbers, Recorded
from limner.server.proxy.pictures.message_target import MessageTarget, TargetResolver
from limner.server.proxy.pictures.picture_name import MOST
from limner.server.proxy.protocol.choice_text import MOST_PICTURES

log = logging.getLogger(__name__)


class Before(Protocol):
    """Knows the answers that are being kept."""

    async def begun(self, ids: Collection[str], asking: TargetResolver) -> None:
        """Wait until those of them that are of these messages can be found."""
        ...

    def drawn_for(self, key: tuple[str, int]) -> "list[asyncio.Task[None]]":
        """What runs for an answer, but for who asks."""
        ...


class UnrecordedTargetResolver:
    """Gives each answer with a picture a message of its own.

    Args:
        chat_id: In this conversation.
    """

    at_once = False

    def __init__(self, chat_id: str) -> None:
        self._chat_id = chat_id

    async def ready(self) -> None:
        """It is known always."""

    def take(self) -> MessageTarget:
        """A new message; its id has 112 random bits."""
        return MessageTarget(message_id=secrets.token_hex(14))

    async def keep(self, target: MessageTarget) -> str:
        """Nothing stands before it."""
        return self._chat_id

    async def turn(self, target: MessageTarget) -> None:
        """Nobody else does."""

    def answers(self, ids: Collection[str]) -> bool:
        """It is none of anybody's messages."""
        return False

    def close(self) -> None:
        """Nothing was begun."""


class RecordedTargetResolver:
    """Gives the answers to one question their place in a library's conversation.

    The library is read while the model server is asked, and written while it answers. If that is
    too slow, or fails, the answer is illustrated all the same, in a message of its own.

    Args:
        asked: Reads the question.
        large: Whether that takes long, and is done in a thread.
        lookup: Recognises it.
        recorder: Keeps it.
        number: Gives out numbers of answers.
        before: Knows the answers before this one.
        chat_id: The conversation of what cannot be recognised.
    """

    at_once = True

    def __init__(
        self,
        asked: Callable[[], Asked],
        *,
        large: bool,
        lookup: ChatLookup,
        recorder: ChatRecorder,
        number: Numbers,
        before: Before,
        chat_id: str,
    ) -> None:
        self._lookup = lookup
        self._recorder = recorder
        self._number = number
        self._before = before
        self._chat_id = chat_id
        self._large = large
        self._resumed = False
        self._ids: Sequence[str] | None = None
        self._finding = asyncio.create_task(self._find(asked), name="recognising a chat")
        self._finding.add_done_callback(_seen)
        self._recording: asyncio.Task[Recorded] | None = None

    async def ready(self) -> None:
        """Wait until the conversation is recognised, or cannot be."""
        await asyncio.wait((self._finding,))

    def take(self) -> MessageTarget:
        """The place of one more answer to the question."""
        found = self._found()
        if found is None:
            return MessageTarget(message_id=secrets.token_hex(16))
        place = found.place
        fits = found.slots + MOST_PICTURES <= MOST
        if place.variant is not None and fits and not self._resumed:
            self._resumed = True
            return MessageTarget(
                message_id=place.message,
                variant=place.variant,
                goes_on=True,
                before=found.before,
                slots=found.slots,
            )
        variant = self._number(place.message, found.free)
        if variant > MOST or not fits:  # no address has room for it
            return MessageTarget(message_id=secrets.token_hex(16))
        if not found.asked.continuing:
            return MessageTarget(message_id=place.message, variant=variant)
        seed = found.asked.said[-1]
        return MessageTarget(
            message_id=place.message,
            variant=variant,
            goes_on=True,
            before=seed.text,
            slots=found.slots,
            seed=seed,
        )

    async def keep(self, target: MessageTarget) -> str:
        """Keep what was said before the answer."""
        chat = self._chat_id
        try:
            found = await asyncio.shield(self._finding)
            chat = found.place.chat or found.home + found.ids[0][:16]
            if self._recording is None:
                self._recording = asyncio.create_task(self._record(found), name="recording a chat")
                self._recording.add_done_callback(_seen)
            chat = (await asyncio.shield(self._recording)).chat
            if target.seed is not None:
                await self._recorder.seed(chat, *target.key, target.seed, found.asked.owner)
        except LimnerError as error:
            _not_kept(error)
        return chat

    async def turn(self, target: MessageTarget) -> None:
        """Wait until the pictures of what was there before have ended."""
        if tasks := self._before.drawn_for(target.key):
            await asyncio.wait(tasks)

    def close(self) -> None:
        """Nobody answers: there is nothing to recognise."""
        self._finding.cancel()

    def answers(self, ids: Collection[str]) -> bool:
        """Whether the answer is to one of these messages, or that is not known yet."""
        found = self._found()
        if found is not None and found.place.message in ids:
            return True
        return self._ids is None or self._ids[-1] in ids

    async def _record(self, found: Found) -> Recorded:
        recorded = await self._recorder.record(found)
        await recorded.kept
        return recorded

    async def _find(self, asked: Callable[[], Asked]) -> Found:
        said = await asyncio.to_thread(asked) if self._large else asked()
        return await self._lookup.find(said, self._named)

    async def _named(self, ids: Sequence[str]) -> None:
        self._ids = ids
        await self._before.begun(ids, self)

    def _found(self) -> Found | None:
        if not self._finding.done() or self._finding.cancelled():
            return None
        return None if self._finding.exception() else self._finding.result()


def _not_kept(error: BaseException) -> None:
    log.warning("a conversation could not be kept: %s", error)


def _seen(task: "asyncio.Task[object]") -> None:
    """An error counts as seen: whoever waits for the task is told."""
    if not task.cancelled():
        task.exception()
