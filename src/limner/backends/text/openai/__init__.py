"""OpenAI's "chat completions", and the many servers that speak it."""

from limner.backends.text.openai.client import OpenAIChat

__all__ = ["OpenAIChat"]
