"""Where an answer is written: among a library's conversations, or alone.

It is decided the moment its first picture needs an address.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from limner.errors import LimnerError
from limner.illustration import StoreKeeper
from limner.illustration.leisure import Leisure
from limner.server.proxy.history.chat_lookup import Asked, ChatLookup, Found
from limner.server.proxy.history.chat_recorder import ChatRecorder, Numbers, Recorded
from limner.server.proxy.history.fingerprint import answer_name
from limner.server.proxy.history.message_target import MessageTarget
from limner.server.proxy.picture_id import MOST, STEM
from limner.uninterrupted import done

log = logging.getLogger(__name__)


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

    def hurry(self) -> None:
        """Somebody waits for the place: find it now."""
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

    def named(self, answer_id: str) -> None:
        """The model server calls the answer so, and may be asked for what follows it."""
        ...

    def unanswered(self) -> None:
        """The answer came to its end without a word: a call of a tool, say."""
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

    def hurry(self) -> None:
        """It is known always."""

    async def ready(self) -> None:
        """It is known always."""

    def take(self) -> MessageTarget:
        """A new message; all of its id, of 80 random bits, stands in those of its pictures."""
        return MessageTarget(message_id=secrets.token_hex(STEM // 2))

    async def keep(self, target: MessageTarget) -> str:
        """Nothing stands before it."""
        return self._chat_id

    def named(self, answer_id: str) -> None:
        """Nothing goes on behind it."""

    def unanswered(self) -> None:
        """Nothing goes on behind it."""

    async def turn(self, target: MessageTarget) -> None:
        """Nobody else does."""

    def answers(self, ids: Collection[str]) -> bool:
        """It is none of anybody's messages."""
        return False

    def close(self) -> None:
        """Nothing was begun."""


class RecordedTargetResolver:
    """Gives the answers to one question their place in a library's conversation.

    The library is read and written while the model answers, at the beat at which its text is kept;
    at once where somebody waits for the place. If that is too slow, or fails for good, the answer
    is illustrated all the same, in a message of its own; a library that fails for a while is asked
    again, and the answer is kept in its place then.

    Args:
        asked: Reads the question.
        large: Whether that takes long, and is done in a thread.
        lookup: Recognises it.
        recorder: Keeps it.
        number: Gives out numbers of answers.
        before: Knows the answers before this one.
        leisure: When the library is read, if nobody waits for that.
        keeper: Asks a library again that fails for a while.
        chat_id: The conversation of what cannot be recognised.
        continuing: Whether the answer may go on from another text.
        followed: Whether a later question may name the answer that it goes on behind.
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
        leisure: Leisure,
        keeper: StoreKeeper,
        chat_id: str,
        continuing: bool,
        followed: bool = True,
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
        self._begin, self._leisure = self._begun.set, leisure
        if continuing:
            self._begun.set()
        else:
            leisure.at_next(self._begin)
        self._finding = asyncio.create_task(self._find(asked), name="recognising a chat")
        self._finding.add_done_callback(_seen)
        self._recording: asyncio.Task[Recorded] | None = None
        self._followed = followed
        self._called: str | None = None
        self._answers: list[MessageTarget] = []
        self._naming: set[asyncio.Task[None]] = set()

    @property
    def known(self) -> bool:
        """Whether the conversation is recognised, or cannot be."""
        return self._finding.done()

    def hurry(self) -> None:
        """Somebody waits: recognise the conversation now."""
        self._leisure.forget(self._begin)
        self._begun.set()

    async def ready(self) -> None:
        """Wait until the conversation is recognised, or cannot be."""
        await done(self._finding)

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
            self._answers.append(target)
            self._name(target)
            if (seed := target.seed) is not None:
                await self._keeper.keep(
                    lambda: self._recorder.seed(chat, *target.key, seed, found.asked)
                )
        except LimnerError as error:
            _not_kept(error)
        return chat

    def named(self, answer_id: str) -> None:
        """What follows the answer is known by that."""
        if self._followed and answer_id != self._called:
            self._called = answer_id
            for target in self._answers:
                self._name(target)

    def unanswered(self) -> None:
        """What follows is known by the answer's name, and goes on behind the question."""
        if self._followed and self._called is not None:
            self._lookup.expect(self._called, self._named_question(self._called))

    async def _named_question(self, called: str) -> None:
        try:
            found = await asyncio.shield(self._finding)
            recorded = await self._record(found)
            last = await self._lookup.last(found, recorded.chat)
            if last is not None:
                name = answer_name(found.key, called)
                await self._keeper.keep(lambda: self._lookup.name(name, last))
        except LimnerError as error:
            _not_kept(error)

    def _name(self, target: MessageTarget) -> None:
        """Have the answer's name kept, if it is known by now."""
        found, called = self._found(), self._called
        if found is None or called is None:
            return
        name = answer_name(found.key, called)
        naming = asyncio.create_task(self._keeper.keep(lambda: self._lookup.name(name, target.key)))
        self._naming.add(naming)
        naming.add_done_callback(self._naming.discard)
        naming.add_done_callback(_seen)

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
        self._leisure.forget(self._begin)
        self._finding.cancel()

    def answers(self, ids: Collection[str]) -> bool:
        """Whether the answer is to one of these messages, or that is not known yet."""
        found = self._found()
        if found is not None and found.place.message in ids:
            return True
        return self._ids is None or self._ids[-1] in ids or self._called in ids

    async def _record(self, found: Found) -> Recorded:
        recorded = await self._keeper.keep(lambda: self._recorder.record(found))
        await recorded.kept
        return recorded

    async def _find(self, asked: Callable[[], Asked]) -> Found:
        # The question to the model goes out first, and the first of a quick answer: what is done
        # behind it delays who reads it where the two have one core.
        await self._begun.wait()
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
