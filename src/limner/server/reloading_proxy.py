"""A proxy that follows what people choose on the page: its instruction, how often, how deep."""

import asyncio
import logging

import aiohttp

from limner.config import Settings
from limner.errors import LimnerError
from limner.server.app import Proxy, WithoutModels
from limner.server.composing import check_preset, proxy_settings, proxy_upstreams
from limner.server.http.exchange import Receive, Scope, Send
from limner.server.proxy import IllustratorPictureService, ProxyApp
from limner.server.services import Services

log = logging.getLogger(__name__)

_CONCERNS = frozenset({"settings", "presets", "reset"})
"""The events after which the instruction may be another one."""


class ReloadingProxy:
    """Hands requests to a proxy that is made anew when people choose otherwise.

    What is being answered is answered as it began.

    Args:
        settings: The configuration.
        services: What the server works with.
        session: The HTTP client.
        pictures: Draws.
        public_url: Under which browsers reach the server.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        services: Services,
        session: aiohttp.ClientSession,
        pictures: IllustratorPictureService,
        public_url: str,
    ) -> None:
        self._settings, self._services = settings, services
        self._session, self._pictures = session, pictures
        self._public_url = public_url
        self._turn = asyncio.Lock()
        self._proxy: Proxy

    async def begin(self) -> None:
        """Make the first one, and follow the choices from now on.

        Raises:
            limner.errors.ConfigError: The settings do not go together.
            limner.errors.StorageError: The presets cannot be read.
        """
        book = await self._services.presets.book()
        check_preset(self._settings.serve.preset, book)
        await self._renew()
        self._services.background.start(self._follow(), name="the proxy's settings")

    def serves(self, scope: Scope) -> bool:
        """Whether a request is for it."""
        return self._proxy.serves(scope)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._proxy(scope, receive, send)

    async def _follow(self) -> None:
        hub = self._services.hub
        while not hub.closed:
            reader = hub.subscribe()
            try:
                while reader.end is None:
                    await reader.news()
                    if any(event.kind in _CONCERNS for event in reader.take()):
                        await self._renew_if_possible()
            finally:
                hub.leave(reader)

    async def _renew_if_possible(self) -> None:
        try:
            await self._renew()
        except LimnerError:
            log.exception("the proxy goes on with the settings it had")

    async def _renew(self) -> None:
        async with self._turn:
            now = self._services.settings.now
            book = await self._services.presets.book(now.preset)
            settings = proxy_settings(
                self._settings,
                public_url=self._public_url,
                preferences=now,
                preset=book.chosen,
            )
            made = ProxyApp(settings, session=self._session, pictures=self._pictures)
            self._proxy = made if proxy_upstreams(self._settings) else WithoutModels(made)
