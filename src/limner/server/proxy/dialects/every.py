"""All protocols that are spoken."""

from limner.server.proxy.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from limner.server.proxy.dialects.koboldai import KOBOLD_GENERATE, KOBOLD_LATEST, KOBOLD_STREAM
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
    LLAMACPP_COMPLETION,
    LLAMACPP_BELOW,
)
"""Each is asked at its own path."""
