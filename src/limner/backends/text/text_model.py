"""From an address to the client of the model server behind it."""

from typing import TypeAlias
from urllib.parse import parse_qsl

from limner.backends.options import read_options
from limner.backends.text.chat_client import ChatClient
from limner.backends.text.ollama import OLLAMA, OllamaChat, OllamaOptions
from limner.backends.text.openai import OpenAIChat
from limner.errors import BackendRejected, ConfigError

TextClient: TypeAlias = ChatClient
"""A client of a model server, of whichever kind."""

ANTHROPIC = "2023-06-01"
"""The version of its API that Anthropic is asked for, unless somebody wishes another."""
KINDS = ("openai", "ollama", "anthropic", "kobold", "llamacpp")
"""Of these only Ollama is asked in its own protocol; all others speak OpenAI's beside theirs."""


def make_text_model(url: str, *, model: str | None = None, key: str | None = None) -> TextClient:
    """The client for an address. Making one does no I/O.

    Args:
        url: ``http://host:port``, with or without ``/v1``: an OpenAI-compatible server;
            ``ollama+http://host:11434?num_ctx=8192``: Ollama by its own API, with the options of
            `OllamaOptions`; ``ollama``: the one on this machine.
        model: The model to ask; ``None``: the server's first.
        key: The server's key.

    Raises:
        limner.errors.BackendRejected: The address or the key cannot be used.
        limner.errors.ConfigError: An option is unknown or wrong.

    Examples:
        >>> make_text_model("http://localhost:8080")
        OpenAIChat('http://localhost:8080/v1')
        >>> make_text_model("ollama+http://localhost:11434?num_ctx=8192", model="tiny")
        OllamaChat('http://localhost:11434', model='tiny')
        >>> make_text_model("gradio+http://localhost")
        Traceback (most recent call last):
        limner.errors.BackendRejected: ... no kind of model server 'gradio'; there are: ...
    """
    kind, address = _kind(url.strip())
    if kind == "anthropic":
        # It answers in OpenAI's protocol as well, but lists its models for its own headers only.
        own = {"anthropic-version": ANTHROPIC} | ({"x-api-key": key} if key else {})
        return OpenAIChat(address, model=model, key=key, headers=own)
    if kind != "ollama":
        return OpenAIChat(address, model=model, key=key)
    place, _, query = address.partition("?")
    try:
        given = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    except ValueError:
        raise ConfigError("what follows ? in Ollama's address must be option=value&…") from None
    options = read_options(OllamaOptions, given, backend="ollama")
    return OllamaChat(place or OLLAMA, model=model, key=key, options=options)


def _kind(url: str) -> tuple[str, str]:
    """The kind of server, and its address."""
    if url == "ollama" or url.startswith("ollama?"):
        return "ollama", url.removeprefix("ollama")
    kind, plus, address = url.partition("+")
    if not plus or not kind.isalnum():
        return "openai", url
    if kind not in KINDS:
        raise BackendRejected(
            f"there is no kind of model server {kind!r}; there are: {', '.join(KINDS)}"
        )
    return kind, address
