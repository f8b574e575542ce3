"""The presets of a library, changed as a whole or not at all."""

import asyncio
from collections.abc import Awaitable, Callable

from limner.prompts import Preset, PresetBook
from limner.server.preferences.listeners import Listeners
from limner.storage import Library, PresetRecord
from limner.uninterrupted import uninterrupted

Change = Callable[[PresetBook], PresetBook]
Handler = Callable[[], Awaitable[None]]


class PresetRepository:
    """Keeps a `limner.prompts.PresetBook` in a library.

    Args:
        library: Where the presets are kept.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._turn = asyncio.Lock()
        self._listeners = Listeners[[]]("the presets")

    async def book(self, chosen_id: str = "default") -> PresetBook:
        """The presets there are.

        Raises:
            limner.errors.StorageError: They cannot be read.
            limner.errors.PresetError: What is kept is no book of presets.
        """
        kept = await self._library.presets()
        return PresetBook(tuple(map(_preset_of, kept)), chosen_id)

    async def change(self, change: Change) -> PresetBook:
        """Change the presets, one change after the other; those who want to be told follow then.

        Args:
            change: Gives another book; an error in it changes nothing.

        Raises:
            limner.errors.PresetError: The change was refused.
            limner.errors.StorageError: They cannot be kept.
        """
        async with self._turn:
            old = await self.book()
            new = change(old)
            await uninterrupted(self._keep(old, new))
            return new

    def on_change(self, handler: Handler) -> Callable[[], None]:
        """Have a function called after every change: see `LiveSettings.on_change`."""
        return self._listeners.add(handler)

    async def refresh(self) -> None:
        """They were changed at another server: those who want to be told follow."""
        await self._listeners.tell()

    async def _keep(self, old: PresetBook, new: PresetBook) -> None:
        before = {preset.id: preset for preset in old.custom}
        after = {preset.id: preset for preset in new.custom}
        try:
            for preset_id, preset in after.items():
                if before.get(preset_id) != preset:
                    own = {"prompts": preset.prompts} if preset.prompts else {}
                    await self._library.save_preset(
                        preset.id, preset.name, preset.template, attributes=own
                    )
            for preset_id in before.keys() - after.keys():
                await self._library.delete_preset(preset_id)
        finally:
            # Also when only some of them could be kept: whoever follows goes by what there is.
            await self._listeners.tell()


def _preset_of(kept: PresetRecord) -> Preset:
    own = kept.attributes.get("prompts")
    return Preset(
        id=kept.id,
        name=kept.name,
        template=kept.template,
        prompts="second" if own == "second" else "model" if own == "model" else None,
    )
