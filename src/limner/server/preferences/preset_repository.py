"""The presets of a library, changed as a whole or not at all."""

import asyncio
from collections.abc import Callable

from limner.prompts import Preset, PresetBook
from limner.storage import Library

Change = Callable[[PresetBook], PresetBook]


class PresetRepository:
    """Keeps a `limner.prompts.PresetBook` in a library.

    Args:
        library: Where the presets are kept.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._turn = asyncio.Lock()

    async def book(self, chosen_id: str = "default") -> PresetBook:
        """The presets there are.

        Raises:
            limner.errors.StorageError: They cannot be read.
            limner.errors.PresetError: What is kept is no book of presets.
        """
        kept = await self._library.presets()
        custom = tuple(Preset(id=one.id, name=one.name, template=one.template) for one in kept)
        return PresetBook(custom, chosen_id)

    async def change(self, change: Change) -> PresetBook:
        """Change the presets, one change after the other.

        Args:
            change: Gives another book; an error in it changes nothing.

        Raises:
            limner.errors.PresetError: The change was refused.
            limner.errors.StorageError: They cannot be kept.
        """
        async with self._turn:
            old = await self.book()
            new = change(old)
            before = {preset.id: preset for preset in old.custom}
            after = {preset.id: preset for preset in new.custom}
            for preset_id, preset in after.items():
                if before.get(preset_id) != preset:
                    await self._library.save_preset(preset.id, preset.name, preset.template)
            for preset_id in before.keys() - after.keys():
                await self._library.delete_preset(preset_id)
            return new
