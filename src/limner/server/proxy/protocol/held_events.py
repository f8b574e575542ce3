"""Events that wait, until it is known whether their text is a tag."""

from collections.abc import Sequence
from dataclasses import dataclass

from limner.server.proxy.protocol.choice_text import ChoiceText
from limner.server.proxy.protocol.dialect import TextPart


@dataclass(slots=True)
class Share:
    """What a chunk adds to the text of one choice: ``text`` stands there from ``start`` on.

    It may be the choice's first, or come with a finish reason (`last`). Its first character may
    have begun in the chunk before (`joined`), and half a character stand behind its text (`half`).
    """

    choice: ChoiceText
    position: int
    text: str
    start: int
    first: bool = False
    last: bool = False
    joined: bool = False
    half: bool = False

    @property
    def end(self) -> int:
        """Where its text ends."""
        return self.start + len(self.text)


@dataclass(slots=True)
class HeldEvent:
    """An event that waits, the texts it holds, and those it says again."""

    raw: bytes
    data: bytes = b""
    shares: Sequence[Share] = ()
    repeated: Sequence[TextPart] = ()

    def certain(self) -> bool:
        """Whether it is known what is text and what is tag."""
        return all(share.end <= share.choice.settled for share in self.shares)

    def untouched(self) -> bool:
        """Whether it can leave as it came, once it is certain."""
        return all(
            share.choice.untouched(share.end)
            and not (share.last and share.choice.waiting)
            and not (self.repeated and share.choice.given)
            for share in self.shares
        )

    def ends(self) -> bool:
        """Whether a choice ends with it, so that all of its text has to come before."""
        return any(share.last for share in self.shares)

    def touched(self) -> bool:
        """Whether it cannot, already now."""
        return any(
            not share.choice.untouched(min(share.end, share.choice.settled))
            for share in self.shares
        )
