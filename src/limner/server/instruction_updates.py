"""The proxy illustrates as people chose: whether and how, and what models are told about it."""

import asyncio
import logging
from collections.abc import Callable

from limner.errors import LimnerError
from limner.prompts import PresetBook
from limner.prompts.presets.preset import DEFAULT
from limner.server.from_settings import check_preset, instruction_for
from limner.server.preferences import (
    NO_PRESET,
    ChatChoices,
    ChatPreferences,
    LiveSettings,
    Preferences,
    PresetRepository,
)
from limner.server.proxy import Illustrating, Mode, ProxyApp
from limner.server.proxy.mode import Prompting
from limner.server.proxy.proposer import Proposer

SecondFor = Callable[[Preferences, str | None], Proposer]
"""Makes a second model for what holds, in a conversation or for all."""

log = logging.getLogger(__name__)


class InstructionUpdates:
    """Has a proxy follow what people choose about pictures, and leaves all else as it is.

    Whoever changes the settings or the presets is answered after the proxy follows. What is being
    answered is answered as it began.

    Args:
        proxy: Is given the instruction.
        settings: What people chose.
        chats: What they chose for conversations.
        presets: The instructions there are.
        second: Makes what proposes pictures where a second model is to.
    """

    def __init__(
        self,
        proxy: ProxyApp,
        *,
        settings: LiveSettings,
        chats: ChatPreferences,
        presets: PresetRepository,
        second: SecondFor,
    ) -> None:
        self._proxy = proxy
        self._second = second
        self._settings = settings
        self._chats = chats
        self._presets = presets
        self._book = PresetBook()
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
        await self._chats.load()
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
            self._book = book = await self._presets.book()
            now = self._settings.now
            prompting = self._prompting(ChatChoices(), None)
            self._proxy.instruct(
                prompting.instruction,
                Illustrating(
                    mode=None if now.mode is None else Mode(now.mode),
                    on=now.illustrate,
                    prompting=prompting,
                    own=self,
                ),
            )
            return book

    @property
    def known(self) -> bool:
        """Whether anything was chosen for any conversation."""
        return bool(self._chats.tuned)

    async def of(self, chat_id: str) -> Prompting | None:
        """What was chosen for a conversation; ``None``: nothing, or it cannot be read."""
        if chat_id not in self._chats.tuned:
            return None
        try:
            return self._prompting(await self._chats.of(chat_id), chat_id)
        except LimnerError:
            log.exception("what was chosen for a conversation cannot be read")
            return None

    def _prompting(self, own: ChatChoices, chat_id: str | None) -> Prompting:
        now = own.settled(self._settings.now, self._book)
        preset = DEFAULT if now.preset == NO_PRESET else self._book.get(now.preset)
        second = self._second(now, chat_id)
        return Prompting(
            instruction=instruction_for(now, preset),
            proposer=second if now.prompts == "second" else None,
            second=second,
        )
