"""Pictures of a library whose files are gone or damaged: found, and drawn again as they were."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

from limner.errors import LimnerError, StorageError
from limner.illustration import MessageOperations, Slot
from limner.illustration.model.pending import is_readable
from limner.storage import ChatSummary, Library

PAGE = 500
Told = Callable[[Slot, Exception | None], None]
"""Is told of each picture that was drawn, or why it was not."""


def lost_of(slot: Slot) -> list[str]:
    """The ids of a slot's pictures that cannot be read, the one shown last; reads all of them."""
    lost = [made for made in slot.alternatives if not is_readable(made.image)]
    return [made.id for made in sorted(lost, key=lambda made: made is slot.shown)]


async def slots_with_lost(library: Library, chat_ids: Sequence[str] | None = None) -> list[Slot]:
    """The slots that have lost a picture, of all answers.

    Args:
        library: Its pictures' files are all read, in a thread.
        chat_ids: Of these chats only; ``None``: of all.
    """
    if chat_ids is None:
        chat_ids = [chat.id async for chat in _every_chat(library)]
    found: list[Slot] = []
    for chat_id in chat_ids:
        for message in await library.messages(chat_id):
            for variant in await library.variants(message.id):
                answer = await library.load(message.id, variant)
                slots = answer.slots if answer is not None else ()
                found += [slot for slot in slots if await asyncio.to_thread(lost_of, slot)]
    return found


async def _every_chat(library: Library) -> AsyncIterator[ChatSummary]:
    after = None
    while page := await library.chats(limit=PAGE, after=after):
        for chat in page:
            yield chat
        after = page[-1].id


async def draw_lost(operations: MessageOperations, slot: Slot, told: Told) -> int:
    """Draw what a slot has lost, and show what it showed.

    Args:
        operations: Draws.
        slot: The slot.
        told: Is told of each of its pictures.

    Returns:
        How many could not be drawn.

    Raises:
        limner.errors.StorageError: What is drawn cannot be kept.
    """
    failed = 0
    for picture in lost_of(slot):
        if picture not in lost_of(slot):
            continue  # another that is equal has brought the file back
        try:
            await operations.regenerate(slot.id, alternative=picture)
        except StorageError:
            raise
        except Exception as error:
            failed += 1
            told(slot, error)
        else:
            told(slot, None)
    if slot.shown is not None and slot.shown.id not in lost_of(slot):
        with suppress(LimnerError):  # it was the one that was drawn, and is shown
            await operations.select(slot.id, slot.shown.id)
    return failed
