"""Characters of which a server sends one half at the end of a chunk and the other in the next."""

from dataclasses import dataclass

from limner.backends.text.openai.surrogates import joined, open_half
from limner.server.proxy.protocol.choice_text import ChoiceText
from limner.server.proxy.protocol.dialect import Said


@dataclass(frozen=True, slots=True)
class WholeSaid:
    """What an event says of a choice, in whole characters; see `Said`.

    Attributes:
        joined: Whether its text begins with one whose first half came before.
        half: Whether a first half stood at its end, which is left out.
    """

    index: int
    text: str
    finish_reason: str | None
    role: str | None
    joined: bool
    half: bool


@dataclass(slots=True)
class _Half:
    """The first half of a character, which stands behind so many characters of a choice's text."""

    behind: int
    half: str


class HalfCharacters:
    r"""Gives each character of a choice's text to the chunk in which it becomes whole.

    A client puts the halves together itself, as long as it gets the chunks as they came. Of a
    chunk whose text is changed it gets whole characters only: so `left_raw` remembers how the
    first half went, and `second` is what the client still needs then.
    """

    __slots__ = ("_open", "_raw")

    def __init__(self) -> None:
        self._open: dict[int, _Half] = {}
        self._raw: dict[int, bool] = {}

    def take(self, choice: Said, known: ChoiceText | None) -> WholeSaid:
        """What is said of a choice, with a text that begins and ends with whole characters."""
        index, text = choice.index or 0, choice.text
        before = self._open.pop(index, None)
        begins = before is not None and known is not None and known.fed == before.behind
        if before is not None and begins:
            whole = joined(before.half + text)
            begins = len(whole) == len(text)
            text = whole if begins else text
        text = joined(text)
        half = open_half(text)
        text = text.removesuffix(half) if half else text
        if half:
            self._open[index] = _Half((known.fed if known else 0) + len(text), half)
        return WholeSaid(index, text, choice.finish_reason, choice.role, begins, bool(half))

    def left(self, index: int, *, raw: bool) -> None:
        """The chunk with a first half went to the client, as it came or changed."""
        self._raw[index] = raw

    def came_raw(self, index: int) -> bool:
        """Whether the client has the first half."""
        return self._raw.get(index, False)


def second_half(text: str) -> str:
    r"""A text without the first half of its first character.

    Examples:
        >>> second_half("🦊 ran")
        '\udd8a ran'
    """
    pair = text[0].encode("utf-16-le")
    return pair[2:].decode("utf-16-le", "surrogatepass") + text[1:]
