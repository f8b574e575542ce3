"""The id of a picture: which slot it leads to, and that nobody can guess."""

import base64
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from limner.prompts import PICTURE_ID

STEM = 20
"""Hexadecimal digits of a message's id that stand in the id of its picture: 80 bits."""
MOST = 0xFFFF
"""The largest number in an id of the longest form: it has four digits."""
_SHORT, _MIDDLE, _LONG = 20, 32, 40
_BITS = 10
"""Of each number in an id of the short form."""
REMEMBERED = 4096
"""Messages whose pictures were given an address, or asked for, lately."""
_DIGITS = re.compile(PICTURE_ID)

Whole = Callable[[Sequence[str]], Awaitable[dict[str, str]]]
"""From the beginnings of messages' ids to the ids, as far as there are such messages."""


@dataclass(frozen=True, slots=True)
class PictureId:
    """A slot, as the address of its picture names it.

    An id is short, since models and people have to read it: 20 digits in base 32, of which the
    first 16 are the beginning of the message's id and the last 4 the numbers. Two older and longer
    forms go on leading to their slots: a message's own 28 hexadecimal digits and the slot's
    ordinal; and a message's 32 digits, the number of the answer, and the ordinal.

    Attributes:
        message_id: The message, or how its id begins; hexadecimal and not to be guessed.
        variant: Which of its answers.
        ordinal: Which slot of the answer.
    """

    message_id: str
    variant: int
    ordinal: int

    @classmethod
    def read(cls, picture_id: str) -> Self | None:
        """The name in an id; ``None`` if it is none of ours.

        Examples:
            >>> PictureId.read("04hkaps9lf6uu093000a")
            PictureId(message_id='0123456789abcdef0123', variant=0, ordinal=10)
            >>> PictureId.read("0123456789abcdef0123456789ab000a").ordinal
            10
            >>> PictureId.read("0123456789abcdef0123456789abcdef0002000a").variant
            2
            >>> PictureId.read("ab") is None
            True
        """
        if not _DIGITS.fullmatch(picture_id):
            return None
        size = len(picture_id)
        if size == _SHORT:
            number = int(picture_id, 32)
            message, low = f"{number >> 2 * _BITS:0{STEM}x}", (1 << _BITS) - 1
            return cls(message, number >> _BITS & low, number & low)
        if size == _MIDDLE:
            return cls(picture_id[:-4], 0, int(picture_id[-4:], 16))
        if size == _LONG:
            return cls(picture_id[:-8], int(picture_id[-8:-4], 16), int(picture_id[-4:], 16))
        return None

    def written(self) -> str:
        """The id.

        Raises:
            ValueError: A number has no room in it.

        Examples:
            >>> PictureId("0123456789abcdef0123456789abcdef", 0, 10).written()
            '04hkaps9lf6uu093000a'
            >>> PictureId("0123456789abcdef0123456789abcdef", 0, 2000).written()
            '0123456789abcdef0123456789abcdef000007d0'
        """
        size = len(self.message_id)
        if 0 <= self.variant | self.ordinal < 1 << _BITS and size >= STEM:
            return self._short()
        if size != _MIDDLE or not (0 <= self.variant <= MOST and 0 <= self.ordinal <= MOST):
            raise ValueError(f"no picture can have the numbers {self.variant}, {self.ordinal}")
        return f"{self.message_id}{self.variant:04x}{self.ordinal:04x}"

    def _short(self) -> str:
        number = int(self.message_id[:STEM], 16) << 2 * _BITS | self.variant << _BITS | self.ordinal
        encoded = base64.b32hexencode((number << 4).to_bytes(13)).decode().lower()
        return encoded[:_SHORT]

    def is_of(self, message_id: str) -> bool:
        """Whether it names a picture of this message."""
        return message_id.startswith(self.message_id)

    async def whole(self, whole: Whole) -> Self:
        """The name with all of the message's id, if there is such a message.

        Args:
            whole: Finds it.
        """
        if len(self.message_id) != STEM:
            return self
        found = await whole([self.message_id])
        return replace(self, message_id=found.get(self.message_id, self.message_id))


class MessageFinder:
    """Knows the messages that got an address lately, and asks for all others.

    Args:
        whole: Finds those that are kept; without it, ids are no longer than their beginning.
    """

    def __init__(self, whole: Whole | None) -> None:
        self._kept = whole
        self._known: OrderedDict[str, str] = OrderedDict()

    def note(self, message_id: str) -> None:
        """A picture of this message gets an address."""
        self._known[message_id[:STEM]] = message_id
        self._known.move_to_end(message_id[:STEM])
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def name(self, picture_id: str) -> PictureId | None:
        """The slot that an id leads to; ``None`` if it is none of ours.

        Raises:
            limner.errors.StorageError: The library cannot be read.
        """
        read = PictureId.read(picture_id)
        return None if read is None else await read.whole(self._whole)

    async def _whole(self, beginnings: Sequence[str]) -> dict[str, str]:
        known = {one: self._known[one] for one in beginnings if one in self._known}
        others = [one for one in beginnings if one not in known]
        if others and self._kept is not None:
            found = await self._kept(others)
            for message_id in found.values():
                self.note(message_id)
            known |= found
        return known
