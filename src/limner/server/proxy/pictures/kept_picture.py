"""A picture that is in the store, or is being drawn again since the start."""

import asyncio
from collections.abc import Awaitable, Callable

from limner.illustration import Illustrator, Image, ProgressChanged, Slot, SlotState
from limner.server.proxy.picture_id import PictureId

LOOK_AGAIN = 1.0
"""Seconds after which a picture that others may draw is looked for again."""

SELDOM = 30.0
"""The same where this server draws for its message, and nothing was told of it since the last look:
hundreds may wait."""

_UNFINISHED = frozenset({SlotState.QUEUED, SlotState.DRAWING})


async def kept_picture(
    illustrator: Illustrator, name: PictureId, again: Callable[[Slot], Awaitable[bool]]
) -> Image | None:
    """The picture of a slot; one that a former process left undrawn is waited for.

    It waits for as long as the picture is pending: whoever calls has to bound that.

    Args:
        illustrator: Draws and keeps.
        name: The slot.
        again: Asked once about a slot without a picture; tells whether one is drawn after all.

    Raises:
        limner.errors.StorageError: It cannot be read.
    """
    changed = asyncio.Event()

    def heard(event: ProgressChanged) -> None:
        if event.message_id == name.message_id:
            changed.set()

    stop, first = illustrator.on_progress(heard), True
    try:
        while True:
            news = changed.is_set()
            changed.clear()
            slot = await _looked_at(illustrator, name, changed, news=news)
            if slot is None or slot.image is not None:
                return None if slot is None else slot.image
            if not _is_pending(slot) and not (first and await again(slot)):
                return None
            first = False
    finally:
        stop()


async def _looked_at(
    illustrator: Illustrator, name: PictureId, changed: asyncio.Event, *, news: bool
) -> Slot | None:
    """The slot; if it is pending, after something has happened to its message's pictures.

    Args:
        illustrator: Draws and keeps.
        name: The slot.
        changed: Set when something happens.
        news: Whether something did just now, which may not be kept yet.
    """
    # Progress is told just before a picture is kept, and this ends just after that.
    drawn = asyncio.create_task(_all_kept(illustrator, name.message_id))
    told = asyncio.create_task(changed.wait())
    try:
        await asyncio.sleep(0)
        idle = drawn.done()
        slot = await kept_slot(illustrator, name)
        if slot is not None and _is_pending(slot):
            waited_for = (told,) if idle else (told, drawn)
            # Another server on the same library may draw it, and tells nobody here.
            here = illustrator.sessions.active(message_id=name.message_id)
            late = SELDOM if here and not news else LOOK_AGAIN
            await asyncio.wait(waited_for, timeout=late, return_when=asyncio.FIRST_COMPLETED)
        return slot
    finally:
        drawn.cancel()
        told.cancel()


async def _all_kept(illustrator: Illustrator, message_id: str) -> None:
    """Wait until nothing is drawn for a message any more, and all that was is kept."""
    await illustrator.recovered(message_id)
    for session in illustrator.sessions.active(message_id=message_id):
        await session.wait()


def _is_pending(slot: Slot) -> bool:
    return slot.image is None and (slot.state in _UNFINISHED or bool(slot.pending))


async def kept_slot(illustrator: Illustrator, name: PictureId) -> Slot | None:
    """A slot as it is in the store.

    Raises:
        limner.errors.StorageError: It cannot be read.
    """
    message = await illustrator.store.load(name.message_id, name.variant)
    if message is None or name.ordinal >= len(message.slots):
        return None
    return message.slots[name.ordinal]
