"""Previews that every server can show, whichever of them has the picture drawn."""

import asyncio

from limner.server.events.notes import Notes
from limner.server.events.preview_box import MOST, Preview, PreviewBox

TTL = 15.0
"""Seconds for which a preview is shown elsewhere that no other has followed."""
LARGEST = 256 << 10
"""Bytes of a preview that others are told of: larger ones would crowd the server of the limits."""
PAUSE = 1.0
"""Seconds between two previews of a picture that others are told of."""


class SharedPreviews(PreviewBox):
    """Keeps previews as `PreviewBox`, and tells the newest of each to the other servers.

    Args:
        notes: Where others look for them.
        most: How many slots.
    """

    def __init__(self, notes: Notes, most: int = MOST) -> None:
        super().__init__(most)
        self._notes = notes
        self._telling: dict[str, asyncio.Task[None]] = {}

    def put(self, slot_id: str, data: bytes) -> Preview | None:
        """Keep a preview, and have others told of it soon."""
        made = super().put(slot_id, data)
        if made is not None and slot_id not in self._telling:
            self._tell_of(slot_id)
        return made

    async def found(self, slot_id: str) -> Preview | None:
        """The newest preview of a slot, be it another server's."""
        here = self.get(slot_id)
        if here is not None:
            return here
        data = await self._notes.get(_name(slot_id))
        return None if data is None else PreviewBox(1).put(slot_id, data)

    def drop(self, slot_id: str) -> None:
        """Its picture has ended, and others need not show it any more."""
        was_there = self.get(slot_id) is not None
        super().drop(slot_id)
        if was_there:
            former = self._telling.pop(slot_id, None)
            if former is not None:
                former.cancel()
            self._tell_of(slot_id)

    def _tell_of(self, slot_id: str) -> None:
        telling = asyncio.create_task(self._tell(slot_id), name=f"preview of {slot_id}")
        self._telling[slot_id] = telling
        telling.add_done_callback(lambda task: self._told(slot_id, task))

    def _told(self, slot_id: str, task: "asyncio.Task[None]") -> None:
        if self._telling.get(slot_id) is task:
            del self._telling[slot_id]

    async def _tell(self, slot_id: str) -> None:
        """Tell the newest preview again and again, until there is none, or no newer one."""
        told = -1
        while (newest := self.get(slot_id)) is not None and newest.number != told:
            if len(newest.data) <= LARGEST:
                await self._notes.put(_name(slot_id), newest.data, ttl=TTL)
            told = newest.number
            await asyncio.sleep(PAUSE)
        if newest is None:
            await self._notes.drop(_name(slot_id))


def _name(slot_id: str) -> str:
    return f"preview:{slot_id}"
