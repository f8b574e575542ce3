"""The two things a scanned text is made of: plain text and picture requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Text:
    """A stretch of text that is not a picture request.

    Attributes:
        text: The characters, exactly as they came.
        start: Where it begins, in characters from the start of the whole text.
    """

    text: str
    start: int

    @property
    def source(self) -> str:
        """The characters of the input this stands for: the text itself."""
        return self.text

    @property
    def end(self) -> int:
        """Where it ends: the position after its last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class PromptTag:
    """A complete picture request found in the text.

    Attributes:
        prompt: What to draw: trimmed, with escapes undone, never blank.
        source: The whole tag exactly as it stands in the text.
        start: Where the tag begins, in characters from the start of the whole text.
        end: The position after its last character.
        attributes: What else the tag says (``size``, ``seed``, ``style``, ...), as strings.
    """

    prompt: str
    source: str
    start: int
    end: int
    attributes: Mapping[str, str] = field(default_factory=lambda: NO_ATTRIBUTES)

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only view of a mapping cannot be pickled or copied; the mapping can.
        return _again, (self.prompt, self.source, self.start, self.end, dict(self.attributes))


def _again(prompt: str, source: str, start: int, end: int, attributes: dict[str, str]) -> PromptTag:
    return PromptTag(prompt, source, start, end, MappingProxyType(attributes))
