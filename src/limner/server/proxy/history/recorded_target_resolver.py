"""The place of an answer in a library's conversation, which is found while the model answers."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Sequence

from limner.errors import LimnerError
from limner.illustration import Message, StoreKeeper
from limner.illustration.leisure import Leisure
from limner.server.proxy.history.chat_lookup import Asked, ChatLookup, Found
from limner.server.proxy.history.chat_recorder import ChatRecorder, Numbers, Recorded, WholeAnswer
from limner.server.proxy.history.fingerprint import answer_name
from limner.server.proxy.history.message_target import MessageTarget
from limner.server.proxy.history.target_resolver import ActiveAnswers
from limner.server.proxy.picture_id import MOST
from limner.uninterrupted import done

log = logging.getLogger(__name__)


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

    async def keep_whole(self, answer: WholeAnswer) -> Message | None:
        """Keep an answer that has ended in one transaction with what was said before it."""
        found = self._found()
        if found is None or self._recording is not None:
            return None  # of several answers the first one has the question kept
        self._recording = asyncio.create_task(self._record(found, answer), name="recording a chat")
        self._recording.add_done_callback(_seen)
        try:
            recorded = await asyncio.shield(self._recording)
        except LimnerError:
            return None
        self._answers.append(answer.target)
        self._name(answer.target)
        return recorded.said[-1].message

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

    async def _record(self, found: Found, answer: WholeAnswer | None = None) -> Recorded:
        recorded = await self._keeper.keep(lambda: self._recorder.record(found, answer))
        await self._keeper.keep(recorded.keep)
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
