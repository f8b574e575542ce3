"""Exports of chats: SillyTavern, Open WebUI, ChatGPT, and character cards."""

from limner.backends.manuscripts.chats.exported_chat import exported_chat

__all__ = ["exported_chat"]
