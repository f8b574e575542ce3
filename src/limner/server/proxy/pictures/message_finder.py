"""Which message a picture is of: its id holds only the beginning of the message's."""

from collections import OrderedDict
from collections.abc import Sequence

from limner.server.proxy.picture_id import STEM, PictureId
from limner.storage import Library

REMEMBERED = 4096
"""Messages whose pictures were given an address, or asked for, lately."""


class MessageFinder:
    """Knows the messages that got an address lately, and asks a library for all others.

    Args:
        library: Where messages are kept; without one, ids are no longer than their beginning.
    """

    def __init__(self, library: Library | None) -> None:
        self._library = library
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
        if others and self._library is not None:
            found = await self._library.whole_ids(others)
            for message_id in found.values():
                self.note(message_id)
            known |= found
        return known
