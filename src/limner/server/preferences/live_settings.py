"""People's choices, kept in a library and put to use at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from limner.prompts import Composed
from limner.server.preferences.choices import Preferences
from limner.server.preferences.listeners import Listeners
from limner.storage import Library
from limner.uninterrupted import uninterrupted

log = logging.getLogger(__name__)

NAME = "server"
"""Under which the library keeps them."""
PINS = "pinned_chats of "
"""Under which, with a user's name, it keeps what that one has pinned."""

Handler = Callable[[Preferences], Awaitable[None]]


class LiveSettings:
    """What people chose, and what the configuration says where they chose nothing.

    Only what differs from the configuration is kept, so a changed configuration counts wherever
    nobody chose otherwise. Keys are not among the choices.

    Args:
        library: Where choices are kept.
        defaults: What the configuration says.
        chosen: What was chosen.
    """

    def __init__(self, library: Library, defaults: Preferences, chosen: Mapping[str, Any]) -> None:
        self._library = library
        self._chosen = dict(chosen)
        self._listeners = Listeners[[Preferences]]("the settings")
        self._turn = asyncio.Lock()
        self.defaults = defaults
        self.now = _joined(defaults, self._chosen)

    @classmethod
    async def load(cls, library: Library, *, defaults: Preferences | None = None) -> "LiveSettings":
        """The choices a library keeps. One that makes no sense any more is left out, and logged.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        base = defaults or Preferences()
        return cls(library, base, _sensible(base, await library.setting(NAME, {})))

    async def refresh(self) -> None:
        """Follow what was chosen at another server.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        async with self._turn:
            await self._follow(_sensible(self.defaults, await self._library.setting(NAME, {})))

    @property
    def chosen(self) -> list[str]:
        """The names of the settings that somebody chose."""
        return sorted(self._chosen)

    def compose(self, prompt: str, attributes: Mapping[str, str], negative: str, /) -> Composed:
        """Joins the styles and characters of this moment: a `limner.illustration.Composer`."""
        return self.now.compose(prompt, attributes, negative)

    async def change(self, choices: Mapping[str, Any]) -> Preferences:
        """Choose; ``None`` brings a default back. All of it, or nothing if anything is wrong.

        It is kept before it counts, and when this returns everybody follows who wants to be told.

        Raises:
            pydantic.ValidationError: A choice is unknown or not allowed, or they do not go
                together.
            limner.errors.StorageError: It cannot be kept; then nothing has changed.
        """
        async with self._turn:
            # Whoever asked may go away meanwhile: what is kept must count all the same.
            await uninterrupted(self._keep(choices))
            return self.now

    async def _keep(self, choices: Mapping[str, Any]) -> None:
        def joined(kept: Any) -> dict[str, Any]:
            """What others have chosen meanwhile stays."""
            chosen = {**_sensible(self.defaults, kept), **choices}
            chosen = {name: value for name, value in chosen.items() if value is not None}
            _joined(self.defaults, chosen)
            return chosen

        joined(self._chosen)  # what makes no sense need not trouble the library
        await self._follow(await self._library.change_setting(NAME, joined))

    async def _follow(self, chosen: dict[str, Any]) -> None:
        self._chosen, self.now = chosen, _joined(self.defaults, chosen)
        await self._listeners.tell(self.now)

    def on_change(self, handler: Handler) -> Callable[[], None]:
        """Have a function called with the settings after every change, and waited for.

        What it raises is logged, and keeps nobody else from being told.

        Returns:
            A function that ends it.
        """
        return self._listeners.add(handler)


class OwnPins:
    """The pinned conversations of users; those of the settings are the household's, or an admin's.

    Args:
        library: Where they are kept.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    async def of(self, owner: str) -> list[str]:
        """Those of a user, the first before all others.

        Raises:
            limner.errors.StorageError: The library cannot be read.
        """
        kept = await self._library.setting(PINS + owner, [])
        return [one for one in kept if isinstance(one, str)] if isinstance(kept, list) else []

    async def pin(self, owner: str, chats: Sequence[str]) -> None:
        """Have these stand before all others for a user, and no others.

        Raises:
            limner.errors.StorageError: That cannot be kept.
        """
        await self._library.set_setting(PINS + owner, list(chats))


def _sensible(base: Preferences, kept: Any) -> dict[str, Any]:
    """What is kept, without what makes no sense any more."""
    chosen: dict[str, Any] = {}
    for name, value in (kept if isinstance(kept, dict) else {}).items():
        try:
            _joined(base, {**chosen, name: value})
        except ValidationError as error:
            reason = error.errors(include_url=False)[0]["msg"]
            log.warning("the kept setting %r is left out: %s", name, reason)
        else:
            chosen[name] = value
    return chosen


def _joined(defaults: Preferences, chosen: Mapping[str, Any]) -> Preferences:
    return Preferences.model_validate({**defaults.model_dump(), **chosen})
