"""What can be seen in a stretch of text, as whoever draws it understands its words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Seen:
    """What a stretch of text shows.

    Attributes:
        beings: People and animals in it, each once, as their nouns: ``"fox"``.
        things: What else stands in it, likewise.
        place: Where it is, as words to put behind a sentence: ``"in a forest"``.
        time: When, likewise: ``"at night"``.
        weather: In what weather, likewise: ``"in the rain"``.
    """

    beings: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    place: str | None = None
    time: str | None = None
    weather: str | None = None

    @property
    def setting(self) -> tuple[str | None, str | None, str | None]:
        """Where, when and in what weather."""
        return self.place, self.time, self.weather


Eye: TypeAlias = Callable[[str], Seen]
"""Looks at a stretch of text. It must give the same for the same text."""
