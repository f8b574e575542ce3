"""One choice of an answer as a message of an illustrator, from its beginning to its commit."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from enum import Enum

from limner.errors import BackendUnavailable, LimnerError, SourceFailed
from limner.illustration import (
    Illustrator,
    Image,
    ImageFailed,
    ImageReady,
    PromptFound,
    SlotId,
    StreamingSession,
)
from limner.illustration.sessions.beat import next_beat
from limner.prompts import tag_places
from limner.server.proxy.pictures.message_target import MessageTarget, TargetResolver
from limner.server.proxy.pictures.picture_sink import AnswerState

log = logging.getLogger(__name__)

FLUSH = 0.5
"""Seconds after which the illustrator gets the text that came behind the last tag, if its store
does not say at what pace text is to be kept."""
PIECES = 256
"""Chunks after which text that nobody has asked for is put together."""
GRACE = 1.0
"""Seconds in which a choice that is cancelled may still give its last text to the illustrator."""

CLOSING = "the server is closing"


class _End(Enum):
    """What comes behind the last text."""

    COMPLETE = "complete"
    CUT = "cut"
    CANCELLED = "cancelled"


class IllustratedChoice:
    """Feeds the text of one choice to a session of an illustrator.

    The session begins with the first tag or, where conversations are kept, with the first text.
    It is given the text at each tag and now and then, not with every chunk, so that a chunk
    without a tag costs next to nothing.

    Args:
        illustrator: Draws.
        resolver: Finds the place of the answer.
        on_begin: Told that it runs.
        on_seat: Told the place, once it is taken.
        on_end: Called when its pictures have ended and it is committed.
        owner: For whom the pictures are; the conversation if not given.
        patterns: Tag patterns in place of the defaults.
        pace: Seconds from one giving of text to the next, at one beat for all choices.

    Attributes:
        whole: Whether the text came to its end.
        kept: Set when the message is in the store, so that it can be recognised.
    """

    def __init__(
        self,
        illustrator: Illustrator,
        resolver: TargetResolver,
        *,
        on_begin: Callable[["IllustratedChoice"], None],
        on_seat: Callable[["IllustratedChoice"], None],
        on_end: Callable[["IllustratedChoice"], None],
        owner: str | None = None,
        patterns: Sequence[str] | None = None,
        pace: float = 0.0,
    ) -> None:
        self._illustrator = illustrator
        self._resolver = resolver
        self._on_begin = on_begin
        self._on_seat = on_seat
        self._on_end = on_end
        self._owner = owner
        self._patterns = patterns
        self._pace = pace or FLUSH
        self._target: MessageTarget | None = None
        self._said: list[str] = []
        self._given = 0
        self._new: list[str] = []
        self._chunks: asyncio.Queue[str | _End] = asyncio.Queue()
        self._images: dict[int, asyncio.Future[Image | None]] = {}
        self._found: dict[int, asyncio.Future[SlotId | None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._over = self._leaving = False
        self._session: StreamingSession | None = None
        self.whole = False
        self.kept = asyncio.Event()

    @property
    def target(self) -> MessageTarget:
        """The place of the answer; it is taken now if it was not."""
        if self._target is None:
            self._target = self._resolver.take()
            self._on_seat(self)
        return self._target

    @property
    def raw(self) -> str:
        """The text of the message so far, with its tags."""
        before = self._target.before if self._target is not None else ""
        return before + "".join(self._said) + "".join(self._new)

    @property
    def task(self) -> asyncio.Task[None] | None:
        """What runs the session, once there is one."""
        return self._task

    @property
    def committed(self) -> bool:
        """Whether the session is over and all is well."""
        task = self._task
        return task is not None and task.done() and not task.cancelled() and not task.exception()

    def answers(self, ids: Collection[str], asking: TargetResolver) -> bool:
        """Whether it may be an answer to one of these messages, and not to who asks."""
        if self._resolver is asking:
            return False
        if self._target is not None and self._target.message_id in ids:
            return True
        return self._resolver.answers(ids)

    @property
    def ended(self) -> bool:
        """Whether the session is over."""
        return self._task is not None and self._task.done()

    def add(self, text: str) -> None:
        """The model wrote this."""
        self._new.append(text)
        if len(self._new) >= PIECES:
            self._pack()
        if self._task is None and text and self._resolver.at_once:
            self._begin()
        if self._task is not None and self._timer is None and not self._over:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(next_beat(loop.time(), self._pace), self._flush)

    def tag_closed(self, ordinal: int) -> int:
        """With the text so far, this tag of the new text is closed: have it drawn.

        Returns:
            The ordinal of its slot in the whole answer.
        """
        slot = self.target.slots + ordinal
        if self.target.goes_on:
            # What is new may have closed a tag that was open in what was there.
            tags = (
                len(tag_places(text, self._patterns)) for text in (self.raw, self.target.before)
            )
            slot = max(slot, self.target.slots + next(tags) - next(tags) - 1)
        self._images[slot] = asyncio.get_running_loop().create_future()
        self._found[slot] = asyncio.get_running_loop().create_future()
        if self.ended:
            self._settle(slot, None)  # it broke down; the text goes on without pictures
            return slot
        if self._task is None:
            self._begin()
        self._flush()
        return slot

    def finish(self, state: AnswerState) -> None:
        """No more text comes."""
        self.whole = state is AnswerState.COMPLETE
        self._end(_End.COMPLETE if state is AnswerState.COMPLETE else _End.CUT)

    def cancel(self) -> None:
        """Stop every picture that is not made yet; what there is, is committed."""
        if self._task is None or self._task.done():
            return
        self.whole = False
        if self._over:
            self._task.cancel()
            return
        self._end(_End.CANCELLED)
        late = asyncio.get_running_loop().call_later(GRACE, self._task.cancel)
        self._task.add_done_callback(lambda _: late.cancel())

    def leave(self) -> None:
        """Let what is not drawn yet wait for the next start.

        An answer that is still being written is cut.
        """
        if self._task is None or self._task.done():
            return
        if not self._over:
            self.whole = False
            self._end(_End.CUT)
        self._leaving = True
        if self._session is not None:
            self._session.leave(CLOSING)

    def has(self, ordinal: int) -> bool:
        """Whether the picture of this slot was asked for here."""
        return ordinal in self._images

    async def image(self, ordinal: int) -> Image | None:
        """A picture, as soon as it is there; ``None`` if it never will be."""
        future = self._images.get(ordinal)
        return None if future is None else await asyncio.shield(future)

    async def slot_kept(self, ordinal: int) -> None:
        """Wait until a slot is in the store, or cannot come there: a crash loses it no more."""
        future = self._found.get(ordinal)
        found = None if future is None else await asyncio.shield(future)
        if found is not None and self._session is not None:
            await self._session.kept(found)

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name="pictures")
        self._task.add_done_callback(self._done)
        self._on_begin(self)

    def _end(self, how: _End) -> None:
        if self._task is not None and not self._over:
            self._flush()
            self._chunks.put_nowait(how)
        self._over = True

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._pack()
        if self._given < len(self._said):
            self._chunks.put_nowait("".join(self._said[self._given :]))
            self._given = len(self._said)

    def _pack(self) -> None:
        """Put small pieces together: each takes ten times as much memory as its text."""
        if self._new:
            self._said.append("".join(self._new))
            self._new.clear()

    async def _text(self) -> AsyncIterator[str]:
        while isinstance(chunk := await self._chunks.get(), str):
            yield chunk
        if chunk is _End.CUT:
            raise BackendUnavailable("the model's answer was cut")
        if chunk is _End.CANCELLED and self._task is not None:
            self._task.cancel()  # by now all text is with the session
            await asyncio.get_running_loop().create_future()

    async def _run(self) -> None:
        await self._resolver.ready()
        target = self.target
        chat_id = await self._resolver.keep(target)
        if target.goes_on:
            self.kept.set()
            await self._resolver.turn(target)
        async with self._illustrator.stream(
            self._text(),
            message_id=target.message_id,
            chat_id=chat_id,
            variant=target.variant,
            continuing=target.goes_on,
            owner=self._owner,
            on_active="refuse",
        ) as events:
            self._session = events.session
            if self._leaving:
                events.session.leave(CLOSING)
            try:
                async for event in events:
                    self.kept.set()
                    if isinstance(event, PromptFound):
                        self._known(event.slot.id.ordinal, event.slot.id)
                    elif isinstance(event, ImageReady):
                        self._settle(event.slot.id.ordinal, event.image)
                    elif isinstance(event, ImageFailed):
                        self._settle(event.slot.id.ordinal, None)
            except SourceFailed as error:
                log.info("the text of message %s was cut: %s", target.message_id, error)

    def _known(self, ordinal: int, slot_id: SlotId | None) -> None:
        found = self._found.get(ordinal)
        if found is not None and not found.done():
            found.set_result(slot_id)

    def _settle(self, ordinal: int, image: Image | None) -> None:
        self._known(ordinal, None)
        future = self._images.get(ordinal)
        if future is not None and not future.done():
            future.set_result(image)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._over = True
        self.kept.set()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for ordinal in self._images:
            self._settle(ordinal, None)
        error = None if task.cancelled() else task.exception()
        message = self._target.message_id if self._target is not None else "of a choice"
        if isinstance(error, LimnerError):
            log.error("message %s could not be kept: %s", message, error)
        elif error is not None:
            log.error("message %s broke down", message, exc_info=error)
        self._on_end(self)
