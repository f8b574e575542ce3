"""What people choose while the server runs."""

from fastapi import FastAPI, Request
from pydantic import Field

from limner.server.api.error_form import NotAllowed, Refused
from limner.server.api.found import only_own
from limner.server.api.routing.routes import Routes
from limner.server.preferences import NO_PRESET, Preferences, PreferencesChange
from limner.server.schemas import Schema
from limner.server.services import Services

PINNED = "pinned_chats"
"""What users have to themselves of the settings."""


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

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "settings")
        api.get("/settings")(self.get_settings)
        api.patch("/settings")(self.change_settings)

    async def get_settings(self, request: Request) -> SettingsView:
        """The settings. There are no keys among them, and for users no servers' addresses."""
        live, own = self._services.settings, only_own(request)
        fixed = self._services.facts.fixed if own is None else {}
        now = live.now
        if own is not None:
            pinned = await self._services.own_pins.of(own)
            now = now.model_copy(update={PINNED: pinned})
        return SettingsView(
            settings=now,
            chosen=live.chosen,
            defaults=live.defaults,
            restart=[FixedSetting(name=name, value=value) for name, value in fixed.items()],
        )

    async def change_settings(self, request: Request, body: PreferencesChange) -> SettingsView:
        """Change settings, all or none; null brings a default back. They count when it answers.

        Users who have their conversations to themselves choose which of those stand first.
        """
        choices = body.model_dump(exclude_unset=True)
        own = only_own(request)
        if own is not None:
            if choices.keys() != {PINNED} or not own:
                raise NotAllowed(f"only an admin may change settings, but for {PINNED!r}")
            await self._services.own_pins.pin(own, choices[PINNED] or [])
            self._services.hub.publish("settings", {"chosen": self._services.settings.chosen})
            return await self.get_settings(request)
        if isinstance(choices.get("preset"), str):
            book = await self._services.presets.book()
            known = {NO_PRESET, *(preset.id for preset in book)}
            if choices["preset"] not in known:
                raise Refused(f"there is no preset {choices['preset']!r}", field="preset")
        await self._services.choose(choices)
        return await self.get_settings(request)
