"""What people choose at another server of the same library counts here as well."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from limner.errors import LimnerError
from limner.illustration import StoreKeeper
from limner.server.events import EventHub
from limner.server.story import BackgroundTasks

log = logging.getLogger(__name__)

Refresh = Callable[[], Awaitable[None]]


def follow_other_servers(
    hub: EventHub, keeper: StoreKeeper, background: BackgroundTasks, **refreshing: Refresh
) -> None:
    """Read anew, in the background, what was changed at other servers.

    Args:
        hub: Tells of it.
        keeper: Reads again where the library fails for a while.
        background: Runs the reading.
        **refreshing: What reads something anew, by the kind of event that tells of its change.
    """
    for kind, refresh in refreshing.items():
        hub.on_others(kind, _Following(keeper, background, kind, refresh))


class _Following:
    """Reads one thing anew; what changes while it is read is read once more."""

    def __init__(
        self, keeper: StoreKeeper, background: BackgroundTasks, kind: str, refresh: Refresh
    ) -> None:
        self._keeper = keeper
        self._background = background
        self._kind = kind
        self._refresh = refresh
        self._turn = asyncio.Lock()
        self._waits = False

    def __call__(self, said: Mapping[str, Any]) -> None:
        if not self._waits:
            self._waits = True
            self._background.start(self._follow(), name=f"following the {self._kind}")

    async def _follow(self) -> None:
        async with self._turn:
            self._waits = False
            try:
                await self._keeper.keep(self._refresh)
            except LimnerError:
                log.exception("the %s of another server are not followed", self._kind)
