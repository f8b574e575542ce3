"""The pictures of a choice, for those who wait until they are kept, and until they are drawn."""

import asyncio
from collections.abc import AsyncIterable, Awaitable
from functools import partial
from typing import TypeVar

from limner.illustration import Event, Image, ImageFailed, ImageReady, PromptFound, SlotId

T = TypeVar("T")


class AwaitedPictures:
    """Tells who waits for a picture when its slot is found, and when it is drawn or given up.

    Examples:
        >>> async def main():
        ...     pictures = AwaitedPictures()
        ...     pictures.expect(0)
        ...     pictures.end(0, None)
        ...     return await pictures.image(0), pictures.gave_up(0), 1 in pictures
        >>> asyncio.run(main())
        (None, True, False)
    """

    def __init__(self) -> None:
        self._images: dict[int, asyncio.Future[Image | None]] = {}
        self._found: dict[int, asyncio.Future[SlotId | None]] = {}

    def __contains__(self, ordinal: int) -> bool:
        return ordinal in self._images

    def expect(self, ordinal: int) -> None:
        """One more is asked for."""
        loop = asyncio.get_running_loop()
        self._images[ordinal], self._found[ordinal] = loop.create_future(), loop.create_future()

    def known(self, ordinal: int, slot_id: SlotId | None) -> None:
        """Its slot is found, or never will be."""
        found = self._found.get(ordinal)
        if found is not None and not found.done():
            found.set_result(slot_id)

    def end(self, ordinal: int, image: Image | None) -> None:
        """It is drawn, or never will be."""
        self.known(ordinal, None)
        future = self._images.get(ordinal)
        if future is not None and not future.done():
            future.set_result(image)

    async def follow(self, events: AsyncIterable[Event]) -> None:
        """Hear what becomes of them, until there are no more events."""
        async for event in events:
            if isinstance(event, PromptFound):
                self.known(event.slot.id.ordinal, event.slot.id)
            elif isinstance(event, ImageReady):
                self.end(event.slot.id.ordinal, event.image)
            elif isinstance(event, ImageFailed):
                self.end(event.slot.id.ordinal, None)

    def end_all(self) -> None:
        """What is not drawn by now never will be."""
        for ordinal in self._images:
            self.end(ordinal, None)

    def image(self, ordinal: int) -> Awaitable[Image | None]:
        """A picture, as soon as it is there; ``None`` if it never will be."""
        return _of(self._images.get(ordinal))

    async def slot(self, ordinal: int) -> SlotId | None:
        """A picture's slot, as soon as it is found; ``None`` if it never will be."""
        return await _of(self._found.get(ordinal))

    def gave_up(self, ordinal: int) -> bool:
        """Whether it is known that a picture never will be there."""
        future = self._images.get(ordinal)
        return future is not None and future.done() and future.result() is None


async def _of(shared: "asyncio.Future[T | None] | None") -> T | None:
    """What a future brings that others wait for too: who goes away leaves it to them.

    As `asyncio.shield`, at a third of the memory: hundreds may wait.
    """
    if shared is None:
        return None
    if not shared.done():
        here: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heard = partial(_wake, here)
        shared.add_done_callback(heard)
        try:
            await here
        finally:
            shared.remove_done_callback(heard)
    return shared.result()


def _wake(waiting: "asyncio.Future[None]", _: object) -> None:
    if not waiting.done():
        waiting.set_result(None)
