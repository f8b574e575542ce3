"""What people choose while the server runs."""

from fastapi import APIRouter
from pydantic import Field

from limner.server.api.error_form import Refused
from limner.server.preferences import NO_PRESET, Preferences, PreferencesChange
from limner.server.schemas import Schema
from limner.server.services import Services


class FixedSetting(Schema):
    """A setting of the configuration that counts from the next start on."""

    name: str = Field(description="As in the settings file.")
    value: str = Field(description="What holds now, in words; without keys.")


class SettingsView(Schema):
    """What holds now."""

    settings: Preferences
    chosen: list[str] = Field(description="Those that differ from the configuration on purpose.")
    defaults: Preferences = Field(description="What the configuration says.")
    restart: list[FixedSetting] = Field(
        description="Those of the configuration that only a restart changes."
    )


class SettingsRoutes:
    """Shows and changes the settings.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """The routes."""
        api = APIRouter(tags=["settings"])
        api.get("/settings")(self.get_settings)
        api.patch("/settings")(self.change_settings)
        return api

    async def get_settings(self) -> SettingsView:
        """The settings. There are no keys among them."""
        live = self._services.settings
        fixed = self._services.facts.fixed
        return SettingsView(
            settings=live.now,
            chosen=live.chosen,
            defaults=live.defaults,
            restart=[FixedSetting(name=name, value=value) for name, value in fixed.items()],
        )

    async def change_settings(self, body: PreferencesChange) -> SettingsView:
        """Change settings, all or none; null brings a default back. They count when it answers."""
        choices = body.model_dump(exclude_unset=True)
        if isinstance(choices.get("preset"), str):
            book = await self._services.presets.book()
            known = {NO_PRESET, *(preset.id for preset in book)}
            if choices["preset"] not in known:
                raise Refused(f"there is no preset {choices['preset']!r}", field="preset")
        await self._services.choose(choices)
        return await self.get_settings()
