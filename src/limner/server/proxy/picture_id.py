"""The id of a picture: which slot it leads to, and that nobody can guess."""

from dataclasses import dataclass
from typing import Self

_SHORT, _LONG = 32, 40
MOST = 0xFFFF
"""The largest number in an id: it has four digits."""


@dataclass(frozen=True, slots=True)
class PictureId:
    """A slot, as the address of its picture names it.

    There are two forms: a message's own 28 hexadecimal digits and the slot's ordinal, for
    messages that have one answer; and a message's 32 digits, the number of the answer, and the
    ordinal.

    Attributes:
        message_id: The message; hexadecimal and not to be guessed.
        variant: Which of its answers.
        ordinal: Which slot of the answer.
    """

    message_id: str
    variant: int
    ordinal: int

    @classmethod
    def read(cls, picture_id: str) -> Self | None:
        """The name in an id; ``None`` if it is none of ours.

        Example:
            >>> PictureId.read("0123456789abcdef0123456789ab000a").ordinal
            10
            >>> PictureId.read("0123456789abcdef0123456789abcdef0002000a").variant
            2
            >>> PictureId.read("ab") is None
            True
        """
        if len(picture_id) == _SHORT:
            return cls(picture_id[:-4], 0, int(picture_id[-4:], 16))
        if len(picture_id) == _LONG:
            numbers = int(picture_id[-8:-4], 16), int(picture_id[-4:], 16)
            return cls(picture_id[:-8], *numbers)
        return None

    def written(self) -> str:
        """The id.

        Raises:
            ValueError: A number has no room in it.

        Example:
            >>> PictureId("0123456789abcdef0123456789ab", 0, 10).written()
            '0123456789abcdef0123456789ab000a'
        """
        if not (0 <= self.variant <= MOST and 0 <= self.ordinal <= MOST):
            raise ValueError(f"no picture can have the numbers {self.variant}, {self.ordinal}")
        if len(self.message_id) == _SHORT - 4:
            return f"{self.message_id}{self.ordinal:04x}"
        return f"{self.message_id}{self.variant:04x}{self.ordinal:04x}"
