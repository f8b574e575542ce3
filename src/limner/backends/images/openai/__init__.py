"""OpenAI's Images API, and the servers that speak it."""

from limner.backends.images.openai.backend import OpenAIImages

__all__ = ["OpenAIImages"]
