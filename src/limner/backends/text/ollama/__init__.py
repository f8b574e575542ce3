"""Ollama by its own API."""

from limner.backends.text.ollama.client import OLLAMA, OllamaChat
from limner.backends.text.ollama.options import OllamaOptions

__all__ = ["OLLAMA", "OllamaChat", "OllamaOptions"]
