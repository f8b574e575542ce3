"""What holds in one conversation."""

from fastapi import FastAPI

from limner.server.api.error_form import Refused
from limner.server.api.fields import ChatId
from limner.server.api.routing.routes import Routes
from limner.server.preferences import NO_PRESET, ChatChoices
from limner.server.schemas import Schema
from limner.server.services import Services


class ChatSettingsView(Schema):
    """What was chosen for a conversation."""

    chosen: ChatChoices


class ChatSettings:
    """Shows and changes what holds in one conversation.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "chats")
        api.get("/chats/{chat_id}/settings")(self.get_chat_settings)
        api.patch("/chats/{chat_id}/settings")(self.change_chat_settings)

    async def get_chat_settings(self, chat_id: ChatId) -> ChatSettingsView:
        """What was chosen for it; null: as everywhere. It need not have begun."""
        return ChatSettingsView(chosen=await self._services.chat_settings.of(chat_id))

    async def change_chat_settings(self, chat_id: ChatId, body: ChatChoices) -> ChatSettingsView:
        """Choose for it; null brings back what holds everywhere. It counts from the next turn."""
        choices = body.model_dump(exclude_unset=True)
        if isinstance(choices.get("preset"), str):
            known = {NO_PRESET, *(one.id for one in await self._services.presets.book())}
            if choices["preset"] not in known:
                raise Refused(f"there is no preset {choices['preset']!r}", field="preset")
        chosen = await self._services.chat_settings.change(chat_id, choices)
        self._services.hub.publish("chat.settings", {"chat": chat_id}, chat=chat_id)
        return ChatSettingsView(chosen=chosen)
