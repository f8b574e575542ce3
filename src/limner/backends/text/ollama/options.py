"""The options of Ollama's own API."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from limner.backends.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class OllamaOptions:
    """What can be chosen for every answer; see ``help`` of each. What is empty is not sent."""

    num_ctx: Annotated[int, Meta(ge=1)] | None = option(
        None, help="tokens of context; Ollama's own choice is often small"
    )
    num_predict: Annotated[int, Meta(ge=-2)] | None = option(
        None, help="tokens of an answer; -1: no bound"
    )
    temperature: Annotated[float, Meta(ge=0, le=10)] | None = option(None, help="how freely")
    keep_alive: str = option(
        "", help="how long the model stays loaded: 10m, 3600 (seconds), -1 (for ever), 0"
    )
    think: Literal["", "true", "false", "low", "medium", "high"] = option(
        "", help="whether, or how hard, a model that can think does so before it answers"
    )
