"""Settings and presets."""

import pytest
from tests.storage.conftest import MakeLibrary

from limner.storage import PresetRecord
from limner.storage.copying import IDENTITY
from limner.testing.store_contract import WILD

pytestmark = pytest.mark.real_time


async def test_settings_are_kept(make_library: MakeLibrary) -> None:
    """Any JSON value is kept under any name, replaced and forgotten."""
    async with make_library() as library:
        assert await library.setting("theme") is None
        assert await library.setting("theme", "dark") == "dark"
        value = {"text": WILD, "list": [1, 2.5, None, True], "deep": {"a": {}}}
        await library.set_setting(WILD, value)
        await library.set_setting("theme", "dark")
        await library.set_setting("theme", None)
        assert await library.setting(WILD) == value
        assert await library.setting("theme", "light") is None
        own = {IDENTITY: await library.setting(IDENTITY)}
        assert await library.settings() == {**own, WILD: value, "theme": None}
        assert await library.delete_setting("theme")
        assert not await library.delete_setting("theme")
    async with make_library() as library:
        assert await library.settings() == {**own, WILD: value}


async def test_presets_are_kept_in_their_order(make_library: MakeLibrary) -> None:
    """A preset replaced stays where it was; one forgotten is gone."""
    async with make_library() as library:
        for name in "zay":
            await library.save_preset(name, name.upper(), f"template {name}")
        await library.save_preset("z", "Zed", WILD, attributes={"tag": "<x>"})
        assert await library.presets() == [
            PresetRecord(id="z", name="Zed", template=WILD, attributes={"tag": "<x>"}),
            PresetRecord(id="a", name="A", template="template a"),
            PresetRecord(id="y", name="Y", template="template y"),
        ]
        assert await library.delete_preset("a")
        assert not await library.delete_preset("a")
        assert [preset.id for preset in await library.presets()] == ["z", "y"]
