"""Sources of streamed text: a model server, a file or standard input, a replay at a given speed.

General layout: `openai` and `ollama` hold everything of one protocol each: the `client` that puts
it on the network, and the pure machines beside it (`answer` makes events of bytes). What both
share stands out here: `chat_client` is their base, `events` what an answer consists of, `refusal`
turns a server's error into ours, and `text_model` chooses between the two by the address. `files`
(with `decoding` and `binary`) reads texts that are there already, `replay` paces them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# These two are light, and `replay` shares its name with its module: the name must be bound here.
from limner.backends.text.files import read_text
from limner.backends.text.replay import replay

if TYPE_CHECKING:
    from limner.backends.text.chat_client import ChatMessage
    from limner.backends.text.events import ChatEvent, Finish, ReasoningDelta, TextDelta, Usage
    from limner.backends.text.ollama import OllamaChat, OllamaOptions
    from limner.backends.text.openai import OpenAIChat
    from limner.backends.text.text_model import TextClient, make_text_model

__all__ = [
    "ChatEvent",
    "ChatMessage",
    "Finish",
    "OllamaChat",
    "OllamaOptions",
    "OpenAIChat",
    "ReasoningDelta",
    "TextClient",
    "TextDelta",
    "Usage",
    "make_text_model",
    "read_text",
    "replay",
]

# Loaded on first use: reading a file must not cost the import of an HTTP client.
_HOMES = {
    "chat_client": ("ChatMessage",),
    "events": ("ChatEvent", "Finish", "ReasoningDelta", "TextDelta", "Usage"),
    "ollama": ("OllamaChat", "OllamaOptions"),
    "openai": ("OpenAIChat",),
    "text_model": ("TextClient", "make_text_model"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
