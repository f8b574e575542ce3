"""Sources of streamed text: a model server, a file or standard input, a replay at a given speed.

General layout: `sse` and `answer` are pure machines from bytes to events, `chunk` reads one JSON
chunk, `refusal` turns a server's error into ours, `endpoint` knows the addresses, and `openai`
is the client that puts them on the network. `ollama` (with `ollama_wire` and `ollama_answer`)
does the same by Ollama's own API, and `text_model` chooses between the two by the address. `files`
(with `decoding` and `binary`) reads texts that are there already, `replay` paces them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# These two are light, and `replay` shares its name with its module: the name must be bound here.
from limner.backends.text.files import read_text
from limner.backends.text.replay import replay

if TYPE_CHECKING:
    from limner.backends.text.events import ChatEvent, Finish, ReasoningDelta, TextDelta, Usage
    from limner.backends.text.ollama import OllamaChat
    from limner.backends.text.ollama_options import OllamaOptions
    from limner.backends.text.openai import ChatMessage, OpenAIChat
    from limner.backends.text.sse import ServerSentEvent, SSEDecoder
    from limner.backends.text.text_model import TextClient, make_text_model

__all__ = [
    "ChatEvent",
    "ChatMessage",
    "Finish",
    "OllamaChat",
    "OllamaOptions",
    "OpenAIChat",
    "ReasoningDelta",
    "SSEDecoder",
    "ServerSentEvent",
    "TextClient",
    "TextDelta",
    "Usage",
    "make_text_model",
    "read_text",
    "replay",
]

# Loaded on first use: reading a file must not cost the import of an HTTP client.
_HOMES = {
    "events": ("ChatEvent", "Finish", "ReasoningDelta", "TextDelta", "Usage"),
    "ollama": ("OllamaChat",),
    "ollama_options": ("OllamaOptions",),
    "openai": ("ChatMessage", "OpenAIChat"),
    "sse": ("SSEDecoder", "ServerSentEvent"),
    "text_model": ("TextClient", "make_text_model"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
