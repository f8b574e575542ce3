"""Finding a model's snippets of a text in that text, though they are not copied quite exactly."""

from bisect import bisect_left
from collections.abc import Iterator

from limner.prompts.grammar.prose import Prose

LONGEST_SNIPPET = 200
"""Characters next to the place that are compared; what lies further off says nothing more."""

_QUOTES = str.maketrans("‘’‚‛“”„‟«»–—", '\'\'\'\'""""""--')


class ComparableText:
    r"""A text as it is compared: without case, or also with any white space and any quotes.

    Args:
        text: The text.
        loose: Whether white space and typographic quotation marks and dashes count as equal.

    Attributes:
        text: What is searched.

    Examples:
        >>> view = ComparableText("The  fox\nran", loose=True)
        >>> view.text, view.place(4)
        ('the fox ran', 5)
    """

    __slots__ = ("_loose", "_places", "text")

    def __init__(self, text: str, *, loose: bool) -> None:
        self._loose = loose
        self.text = self.fold(text)
        self._places: list[int] | None = None
        if loose:
            self._places = [
                i for i, char in enumerate(text) if not (char.isspace() and _after_space(text, i))
            ]

    def fold(self, text: str) -> str:
        """A text in the form that is searched."""
        lower = text.casefold()
        if len(lower) != len(text):  # some letter became two: fold only those that stay one
            lower = "".join(low if len(low := char.casefold()) == 1 else char for char in text)
        if not self._loose:
            return lower
        kept = (
            " " if char.isspace() else char
            for i, char in enumerate(lower)
            if not (char.isspace() and _after_space(lower, i))
        )
        return "".join(kept).translate(_QUOTES)

    def place(self, at: int) -> int:
        """Where in the text the character stands that is at `at` of what is searched."""
        return at if self._places is None else self._places[at]

    def at(self, place: int) -> int:
        """The first position of what is searched that stands at a place of the text or later."""
        return place if self._places is None else bisect_left(self._places, place)

    def gaps(self, needle: str, offset: int, prose: Prose) -> Iterator[int]:
        """Places in the text that lie `offset` characters into a hit, as far as they are prose.

        Args:
            needle: What to search, folded, not empty.
            offset: How many characters of it come before the place.
            prose: Where in the text one may put something.
        """
        at = self.text.find(needle)
        while at >= 0:
            # The place is behind the character before it, not before the one behind it.
            place = self.place(at + offset - 1) + 1 if offset else self.place(at)
            allowed = prose.next_gap(place)
            if allowed is None:
                return
            if allowed == place:
                yield place
            at = self.text.find(needle, max(at + 1, self.at(allowed - 1) - offset))


def _after_space(text: str, at: int) -> bool:
    return at > 0 and text[at - 1].isspace()
