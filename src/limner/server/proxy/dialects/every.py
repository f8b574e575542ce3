"""All protocols that are spoken."""

from collections.abc import Sequence

from limner.server.proxy.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from limner.server.proxy.dialects.koboldai import (
    KOBOLD_GENERATE,
    KOBOLD_LATEST,
    KOBOLD_ROOT,
    KOBOLD_STREAM,
)
from limner.server.proxy.dialects.llamacpp_completion import LLAMACPP_BELOW, LLAMACPP_COMPLETION
from limner.server.proxy.dialects.ollama import OLLAMA_CHAT, OLLAMA_GENERATE
from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.dialects.openai_completions import OPENAI_COMPLETIONS
from limner.server.proxy.dialects.openai_responses import OPENAI_RESPONSES
from limner.server.proxy.protocol.dialect import Dialect

DIALECTS: tuple[Dialect, ...] = (
    OPENAI_CHAT,
    OPENAI_COMPLETIONS,
    OPENAI_RESPONSES,
    ANTHROPIC_MESSAGES,
    OLLAMA_CHAT,
    OLLAMA_GENERATE,
    KOBOLD_STREAM,
    KOBOLD_GENERATE,
    KOBOLD_LATEST,
    *KOBOLD_ROOT,
    LLAMACPP_COMPLETION,
    LLAMACPP_BELOW,
)
"""Each is asked at its own path."""


def spoken_at(path: str, dialects: Sequence[Dialect] = DIALECTS) -> Dialect | None:
    """The protocol in which whoever asks at a path wants to hear of errors.

    That is the one which is asked there, or one of those that have a place above it.

    Args:
        path: The path, with or without ``/v1``.
        dialects: The protocols.

    Examples:
        >>> spoken_at("/v1/messages/count_tokens").name, spoken_at("/ollama/api/show").name
        ('anthropic messages', 'ollama chat')
        >>> spoken_at("/kobold/v1/completions").name
        'openai completions'
        >>> spoken_at("/v1/models") is spoken_at("/") is spoken_at("/api/chats") is None
        True
    """
    _, v1, rest = path.partition("/v1/")
    here = [one for one in dialects if path == one.path or (v1 and one.path == f"/{rest}")]
    bare = path.removeprefix("/v1") if path.startswith("/v1/") else path
    below = [one for one in dialects if bare.startswith(_place(one))]
    return next(iter((*here, *below)), None)


def _place(dialect: Dialect) -> str:
    """Below which paths its programs ask for other things."""
    if not dialect.rooted:
        return f"{dialect.path}/"
    first, second, *_ = (*dialect.path.split("/")[1:], "")
    # What is below /api is our own, but for a few names in it.
    return f"/{first}/{second}/" if first == "api" else f"/{first}/"


PLACES = tuple(dict.fromkeys(place for one in DIALECTS for place in (one.path, _place(one))))
"""How paths begin at which something is answered in one of them."""
