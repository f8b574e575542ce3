"""Pictures that come in chat completions: OpenRouter, Vercel's gateway, LiteLLM."""

from limner.backends.images.chat_image.backend import ChatImageBackend

__all__ = ["ChatImageBackend"]
