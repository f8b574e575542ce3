"""What people choose while the server runs."""

from fastapi import APIRouter
from pydantic import Field

from limner.server.api.error_form import Refused
from limner.server.preferences import Preferences, PreferencesChange
from limner.server.schemas import Schema
from limner.server.services import Services


class SettingsView(Schema):
    """What holds now."""

    settings: Preferences
    chosen: list[str] = Field(description="Those that differ from the configuration on purpose.")
    defaults: Preferences = Field(description="What the configuration says.")


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
        return SettingsView(settings=live.now, chosen=live.chosen, defaults=live.defaults)

    async def change_settings(self, body: PreferencesChange) -> SettingsView:
        """Change settings, all or none; null brings a default back. They count when it answers."""
        choices = body.model_dump(exclude_unset=True)
        if isinstance(choices.get("preset"), str):
            book = await self._services.presets.book()
            if all(preset.id != choices["preset"] for preset in book):
                raise Refused(f"there is no preset {choices['preset']!r}", field="preset")
        await self._services.choose(choices)
        return await self.get_settings()
