"""One piece of a text whose tags somebody else has found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from limner.prompts import PromptTag

NO_TAGS: Mapping[int, PromptTag] = MappingProxyType({})
"""Of a piece of text in which no tag was closed."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """The next piece of a text, and what is certain of it by now.

    Attributes:
        text: The characters as they came, those of tags included.
        tags: The tags that are complete since it came, in order, each with the ordinal of its
            slot. One may have begun in a piece before. What is no tag here is text.
        held: Characters at its end, and at the end of what came before, that may still become
            part of a tag.
    """

    text: str
    tags: Mapping[int, PromptTag] = field(default_factory=lambda: NO_TAGS)
    held: int = 0
