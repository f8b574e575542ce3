"""Where an answer is written: among a library's conversations, or alone.

It is decided the moment its first picture needs an address.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from limner.errors import LimnerError
from limner.illustration import StoreKeeper
from limner.server.proxy.history.chat_lookup import Asked, ChatLookup, Found
from limner.server.proxy.history.chat_recorder import ChatRecorder, Numbers, Recorded
from limner.server.proxy.history.fingerprint import Turn
from limner.server.proxy.picture_id import MOST, STEM

LEISURE = 0.02
"""Seconds in which a model that answers at once has begun to, before the library is read."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTarget:
    """The place of one answer.

    Attributes:
        message_id: Its message.
        variant: Which of the message's answers it is.
        goes_on: Whether it goes on where that answer ended.
        before: The text that is there before it, with its tags.
        slots: How many slots are kept with that text; those of a `seed` come with it.
        seed: What it begins with, if that is to be kept first.
        seen: Whether the reader has all of that text, even if it ends in an open tag.
    """

    message_id: str
    variant: int = 0
    goes_on: bool = False
    before: str = ""
    slots: int = 0
    seed: Turn | None = None
    seen: bool = True

    @property
    def key(self) -> tuple[str, int]:
        """Message and variant."""
        return self.message_id, self.variant


class TargetResolver(Protocol):
    """Finds the place of an answer while its first words come."""

    @property
    def at_once(self) -> bool:
        """Whether an answer is kept from its first word on, even if no picture comes."""
        ...

    @property
    def order(self) -> int:
        """The number of the question: what was asked later waits for it, and never it for that."""
        ...

    @property
    def continuing(self) -> bool:
        """Whether the answer may go on from another text, which is known when this is `ready`."""
        ...

    @property
    def known(self) -> bool:
        """Whether the place is known, or cannot be found out."""
        ...

    async def ready(self) -> None:
        """Wait until the place is known, or cannot be found out."""
        ...

    def take(self) -> MessageTarget:
        """The place, as far as it is known by now; asked once for each choice."""
        ...

    async def keep(self, target: MessageTarget) -> str:
        """Keep what stands before the answer; gives its conversation. Never fails."""
        ...

    async def turn(self, target: MessageTarget) -> None:
        """Wait until nobody else writes the answer that goes on."""
        ...

    @property
    def unseen(self) -> str:
        """What the front-end does not have of the text that goes on: an open tag; else ``""``."""
        ...

    @property
    def chat(self) -> str | None:
        """The conversation, where that is known by now."""
        ...

    def answers(self, ids: Collection[str]) -> bool:
        """Whether the answer may be to one of these messages."""
        ...

    def close(self) -> None:
        """There is no answer after all."""
        ...


class ActiveAnswers(Protocol):
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
    continuing = False
    order = 0
    known = True
    unseen = ""

    def __init__(self, chat_id: str) -> None:
        self._chat_id = chat_id

    @property
    def chat(self) -> str | None:
        """The one of all."""
        return self._chat_id

    async def ready(self) -> None:
        """It is known always."""

    def take(self) -> MessageTarget:
        """A new message; all of its id, of 80 random bits, stands in those of its pictures."""
        return MessageTarget(message_id=secrets.token_hex(STEM // 2))

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
    too slow, or fails for good, the answer is illustrated all the same, in a message of its own; a
    library that fails for a while is asked again, and the answer is kept in its place then.

    Args:
        asked: Reads the question.
        large: Whether that takes long, and is done in a thread.
        lookup: Recognises it.
        recorder: Keeps it.
        number: Gives out numbers of answers.
        before: Knows the answers before this one.
        keeper: Asks a library again that fails for a while.
        chat_id: The conversation of what cannot be recognised.
        continuing: Whether the answer may go on from another text.
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
        before: ActiveAnswers,
        keeper: StoreKeeper,
        chat_id: str,
        continuing: bool,
    ) -> None:
        self.continuing = continuing
        self.order = lookup.number_question()
        self._lookup = lookup
        self._recorder = recorder
        self._number = number
        self._before = before
        self._keeper = keeper
        self._chat_id = chat_id
        self._large = large
        self._resumed = False
        self._ids: Sequence[str] | None = None
        self._begun = asyncio.Event()
        if continuing:
            self._begun.set()
        self._finding = asyncio.create_task(self._find(asked), name="recognising a chat")
        self._finding.add_done_callback(_seen)
        self._recording: asyncio.Task[Recorded] | None = None

    @property
    def known(self) -> bool:
        """Whether the conversation is recognised, or cannot be."""
        return self._finding.done()

    async def ready(self) -> None:
        """Wait until the conversation is recognised, or cannot be."""
        self._begun.set()
        await asyncio.wait((self._finding,))

    def take(self) -> MessageTarget:
        """The place of one more answer to the question."""
        found = self._found()
        if found is None:
            return MessageTarget(message_id=secrets.token_hex(16))
        place = found.place
        if place.variant is not None and not self._resumed:
            self._resumed = True
            return MessageTarget(
                message_id=place.message,
                variant=place.variant,
                goes_on=True,
                before=found.before,
                slots=found.slots,
                seen=not found.unseen,
            )
        variant = self._number(place.message, found.free)
        if variant > MOST:  # no address has room for it
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
            chat = _chat_of(await asyncio.shield(self._finding))
            found = self._finding.result()
            if self._recording is None:
                self._recording = asyncio.create_task(self._record(found), name="recording a chat")
                self._recording.add_done_callback(_seen)
            chat = (await asyncio.shield(self._recording)).chat
            if (seed := target.seed) is not None:
                await self._keeper.keep(
                    lambda: self._recorder.seed(chat, *target.key, seed, found.asked.owner)
                )
        except LimnerError as error:
            _not_kept(error)
        return chat

    async def turn(self, target: MessageTarget) -> None:
        """Wait until the pictures of what was there before have ended."""
        if tasks := self._before.drawn_for(target.key):
            await asyncio.wait(tasks)

    @property
    def chat(self) -> str | None:
        """The conversation, once it is recognised."""
        found = self._found()
        return None if found is None else _chat_of(found)

    @property
    def unseen(self) -> str:
        """The open tag in which the answer goes on, if the front-end does not show it."""
        found = self._found()
        return "" if found is None else found.unseen

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
        recorded = await self._keeper.keep(lambda: self._recorder.record(found))
        await recorded.kept
        return recorded

    async def _find(self, asked: Callable[[], Asked]) -> Found:
        # The question to the model goes out first, and the first of a quick answer.
        leisure = asyncio.get_running_loop().call_later(LEISURE, self._begun.set)
        try:
            await self._begun.wait()
        finally:
            leisure.cancel()
        await asyncio.sleep(0)
        said = await asyncio.to_thread(asked) if self._large else asked()
        return await self._keeper.keep(lambda: self._lookup.find(said, self._named))

    async def _named(self, ids: Sequence[str]) -> None:
        self._ids = ids
        await self._before.begun(ids, self)

    def _found(self) -> Found | None:
        if not self._finding.done() or self._finding.cancelled():
            return None
        return None if self._finding.exception() else self._finding.result()


def _chat_of(found: Found) -> str:
    return found.place.chat or found.home + found.ids[0][:16]


def _not_kept(error: BaseException) -> None:
    log.warning("a conversation could not be kept: %s", error)


def _seen(task: "asyncio.Task[object]") -> None:
    """An error counts as seen: whoever waits for the task is told."""
    if not task.cancelled():
        task.exception()
