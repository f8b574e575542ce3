"""What people choose at another server of the same library counts here as well."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from limner.errors import LimnerError
from limner.server.services import Services

log = logging.getLogger(__name__)


def follow_other_servers(services: Services) -> None:
    """Read anew, in the background, what was changed at other servers.

    Args:
        services: Their hub tells of it.
    """
    for kind, refresh in (
        ("settings", services.settings.refresh),
        ("presets", services.presets.refresh),
        ("origins", services.pairings.load),
    ):
        services.hub.on_others(kind, _Following(services, kind, refresh))


class _Following:
    """Reads one thing anew; what changes while it is read is read once more."""

    def __init__(
        self, services: Services, kind: str, refresh: Callable[[], Awaitable[None]]
    ) -> None:
        self._services = services
        self._kind = kind
        self._refresh = refresh
        self._turn = asyncio.Lock()
        self._waits = False

    def __call__(self, said: Mapping[str, Any]) -> None:
        if not self._waits:
            self._waits = True
            self._services.background.start(self._follow(), name=f"following the {self._kind}")

    async def _follow(self) -> None:
        async with self._turn:
            self._waits = False
            try:
                await self._services.illustrator.keeper.keep(self._refresh)
            except LimnerError:
                log.exception("the %s of another server are not followed", self._kind)
