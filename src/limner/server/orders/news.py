"""What a worker tells of an order while it draws: how far it is, and what it looks like."""

import asyncio

from limner.illustration.generation.single_flight import Watcher
from limner.server.events import EventHub, Notes
from limner.server.events.shared_previews import LARGEST, PAUSE, TTL
from limner.server.orders.elsewhere import NEWS, preview_name

NEWS_EVERY = 0.25
"""Seconds between two times that it is told how far a picture is."""


class News:
    """Tells servers how far a picture is, not too often, and shows its previews, less often.

    Args:
        hub: Tells them.
        notes: Where they look for previews.
        order: Which picture.
    """

    def __init__(self, hub: EventHub, notes: Notes, order: str) -> None:
        self._hub = hub
        self._notes = notes
        self._order = order
        self._told_at = self._shown_at = float("-inf")
        self._fraction = 0.0
        self._showing: asyncio.Task[None] | None = None

    def watcher(self) -> Watcher:
        """Hears what is to be told."""
        return Watcher(
            on_start=lambda: self._tell(drawn=True),
            on_stop=lambda: self._tell(drawn=False),
            on_progress=self._progress,
        )

    def end(self) -> None:
        """Tell nothing more."""
        if self._showing is not None:
            self._showing.cancel()

    def _progress(self, fraction: float, preview: bytes | None) -> None:
        self._fraction, now = fraction, asyncio.get_running_loop().time()
        if preview is not None and len(preview) <= LARGEST and now - self._shown_at >= PAUSE:
            self._shown_at = now
            self._showing = asyncio.create_task(self._show(preview), name="showing a preview")
        elif now - self._told_at >= NEWS_EVERY:
            self._tell(drawn=True)

    async def _show(self, preview: bytes) -> None:
        if await self._notes.put(preview_name(self._order), preview, ttl=TTL):
            self._tell(drawn=True, preview=True)

    def _tell(self, *, drawn: bool, preview: bool = False) -> None:
        self._told_at = asyncio.get_running_loop().time()
        fraction = self._fraction if drawn else 0.0
        said = {"order": self._order, "drawn": drawn, "fraction": fraction, "preview": preview}
        self._hub.tell_others(NEWS, said)
