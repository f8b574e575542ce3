"""What a ledger has to be told, also after it failed for a while."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from limner.errors import StorageError
from limner.illustration.endurance import Outage
from limner.illustration.store_keeper import StoreKeeper
from limner.uninterrupted import uninterrupted

log = logging.getLogger(__name__)

Note = Callable[[], Awaitable[object]]


class LedgerNotes:
    """Tells a ledger what was drawn and what it cost, each note once.

    No picture waits for a ledger that fails: what it does not take waits for the next note, or for
    the end of the outage. One of all who wait tells all that waits, together; if each told it for
    itself, what gathers in an outage would be told as often as there are pictures.

    Args:
        keeper: Knows whether the ledger fails, and when it may be asked again.
    """

    def __init__(self, keeper: StoreKeeper) -> None:
        self._keeper = keeper
        self._waiting: list[Note] = []
        self._turn = asyncio.Lock()
        self._late: asyncio.Task[None] | None = None
        keeper.on_change(self._changed)

    async def add(self, note: Note) -> None:
        """Have a note kept: now if that can be, else later. What fails for good is logged."""
        self._waiting.append(note)
        await uninterrupted(self._tell())

    async def flush(self) -> None:
        """Offer the ledger what it has not taken yet."""
        if self._waiting:
            await uninterrupted(self._tell())

    async def _tell(self) -> None:
        async with self._turn:
            while told := list(self._waiting):
                taken = await asyncio.gather(*map(self._taken, told))
                left = [note for note, done in zip(told, taken, strict=True) if not done]
                self._waiting[: len(told)] = left
                if not any(taken):
                    return

    async def _taken(self, note: Note) -> bool:
        """Whether a note need not be told again."""
        try:
            return await self._keeper.tried(note)
        except StorageError as error:
            log.warning("what was drawn, or what it cost, was not kept: %s", error)
            return True

    def _changed(self, outage: Outage | None) -> None:
        if outage is None and self._waiting and (self._late is None or self._late.done()):
            self._late = asyncio.get_running_loop().create_task(self._tell(), name="late notes")
