"""The proxy illustrates as people chose: whether and how, and what models are told about it."""

import asyncio
import logging
from collections.abc import Callable

from limner.errors import LimnerError
from limner.prompts import PresetBook
from limner.prompts.presets.preset import DEFAULT
from limner.server.from_settings import check_preset, instruction_for
from limner.server.preferences import NO_PRESET, LiveSettings, PresetRepository
from limner.server.proxy import Illustrating, Mode, ProxyApp
from limner.server.proxy.proposer import Proposer

log = logging.getLogger(__name__)


class InstructionUpdates:
    """Has a proxy follow what people choose about pictures, and leaves all else as it is.

    Whoever changes the settings or the presets is answered after the proxy follows. What is being
    answered is answered as it began.

    Args:
        proxy: Is given the instruction.
        settings: What people chose.
        presets: The instructions there are.
        proposer: Proposes pictures where a second model is to.
    """

    def __init__(
        self,
        proxy: ProxyApp,
        *,
        settings: LiveSettings,
        presets: PresetRepository,
        proposer: Proposer | None = None,
    ) -> None:
        self._proxy = proxy
        self._proposer = proposer
        self._settings = settings
        self._presets = presets
        self._turn = asyncio.Lock()
        self._unsubscribe: list[Callable[[], None]] = []

    async def begin(self, configured: str) -> None:
        """Give the first one, and follow the choices from now on.

        Args:
            configured: The id of the preset in the configuration.

        Raises:
            limner.errors.ConfigError: There is no such preset.
            limner.errors.StorageError: The presets cannot be read.
        """
        check_preset(configured, await self._instruct())
        self._unsubscribe += [
            self._settings.on_change(lambda _: self._follow()),
            self._presets.on_change(self._follow),
        ]

    def close(self) -> None:
        """Follow no more. Twice is fine."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    async def _follow(self) -> None:
        try:
            await self._instruct()
        except LimnerError:
            log.exception("the proxy goes on with the instruction it had")

    async def _instruct(self) -> PresetBook:
        async with self._turn:  # so that what was read last is what counts
            book = await self._presets.book()
            now = self._settings.now
            preset = DEFAULT if now.preset == NO_PRESET else book.get(now.preset)
            self._proxy.instruct(
                instruction_for(now, preset),
                Illustrating(
                    mode=None if now.mode is None else Mode(now.mode),
                    on=now.illustrate,
                    proposer=self._proposer if now.prompts == "second" else None,
                    second=self._proposer,
                ),
            )
            return book
