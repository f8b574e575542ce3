"""One choice of an answer as a message of an illustrator, from its first tag to its commit."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from limner.errors import LimnerError
from limner.illustration import Illustrator, Image, ImageFailed, ImageReady

log = logging.getLogger(__name__)

FLUSH = 0.5
"""Seconds after which the illustrator gets the text that came behind the last tag."""


class IllustratedChoice:
    """Feeds the text of one choice to a session of an illustrator.

    The session begins with the first tag: an answer without one leaves nothing behind. It is
    given the text at each tag and now and then, not with every chunk, so that a chunk without a
    tag costs next to nothing.

    Args:
        illustrator: Draws.
        message_id: The message's identity.
        chat_id: The conversation it belongs to.
        on_end: Called when its pictures have ended and it is committed.
    """

    def __init__(
        self,
        illustrator: Illustrator,
        message_id: str,
        chat_id: str,
        on_end: Callable[["IllustratedChoice"], None],
    ) -> None:
        self.message_id = message_id
        self._illustrator = illustrator
        self._chat_id = chat_id
        self._on_end = on_end
        self._raw: list[str] = []
        self._given = 0
        self._chunks: asyncio.Queue[str | None] = asyncio.Queue()
        self._images: dict[int, asyncio.Future[Image | None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    @property
    def raw(self) -> str:
        """The text so far, with its tags."""
        return "".join(self._raw)

    @property
    def task(self) -> asyncio.Task[None] | None:
        """What runs the session, once there is one."""
        return self._task

    @property
    def ended(self) -> bool:
        """Whether the session is over."""
        return self._task is not None and self._task.done()

    def add(self, text: str) -> None:
        """The model wrote this."""
        self._raw.append(text)
        if self._task is not None and self._timer is None and not self._over:
            self._timer = asyncio.get_running_loop().call_later(FLUSH, self._flush)

    def tag_closed(self, ordinal: int) -> None:
        """With the text so far, this tag is closed: have it drawn."""
        loop = asyncio.get_running_loop()
        self._images[ordinal] = loop.create_future()
        if self.ended:
            self._settle(ordinal, None)  # it broke down; the text goes on without pictures
            return
        if self._task is None:
            name = f"pictures of {self.message_id}"
            self._task = loop.create_task(self._run(), name=name)
            self._task.add_done_callback(self._done)
        self._flush()

    def finish(self) -> None:
        """No more text comes."""
        self._over = True
        if self._task is not None:
            self._flush()
            self._chunks.put_nowait(None)

    def cancel(self) -> None:
        """Stop every picture that is not made yet; what there is, is committed."""
        if self._task is not None:
            self._task.cancel()

    async def image(self, ordinal: int) -> Image | None:
        """A picture, as soon as it is there; ``None`` if it never will be."""
        future = self._images.get(ordinal)
        return None if future is None else await asyncio.shield(future)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._given < len(self._raw):
            self._chunks.put_nowait("".join(self._raw[self._given :]))
            self._given = len(self._raw)

    async def _text(self) -> AsyncIterator[str]:
        while (chunk := await self._chunks.get()) is not None:
            yield chunk

    async def _run(self) -> None:
        illustrator = self._illustrator
        async with illustrator.stream(
            self._text(), message_id=self.message_id, chat_id=self._chat_id
        ) as events:
            async for event in events:
                if isinstance(event, ImageReady):
                    self._settle(event.slot.id.ordinal, event.image)
                elif isinstance(event, ImageFailed):
                    self._settle(event.slot.id.ordinal, None)

    def _settle(self, ordinal: int, image: Image | None) -> None:
        future = self._images.get(ordinal)
        if future is not None and not future.done():
            future.set_result(image)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for ordinal in self._images:
            self._settle(ordinal, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, LimnerError):
            log.error("message %s could not be kept: %s", self.message_id, error)
        elif error is not None:
            log.error("message %s broke down", self.message_id, exc_info=error)
        self._on_end(self)
