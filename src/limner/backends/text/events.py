"""What a chat completion consists of while it streams."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer's text; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of what the model thinks before it answers; never empty, no part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the answer cost, in tokens; a count the server did not give is 0."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """The answer is complete.

    Attributes:
        reason: Why it ended, in the server's word: ``"stop"``, ``"length"`` (the token limit cut
            it), ``"content_filter"``, ``"tool_calls"``, …
    """

    reason: str


ChatEvent: TypeAlias = TextDelta | ReasoningDelta | Usage | Finish
"""What a model's answer consists of while it comes."""
