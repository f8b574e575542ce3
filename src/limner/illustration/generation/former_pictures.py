"""The pictures that a text had before it was edited, for those of its tags that are the same."""

from collections import defaultdict, deque
from collections.abc import Collection

from limner.errors import LimnerError
from limner.illustration.model.image import Image
from limner.illustration.model.message import Message
from limner.illustration.model.slot import Slot


class FormerPictures:
    """Gives pictures back to tags that ask for what they asked for before, wherever they stand now.

    Equal tags get their pictures in the order in which they stood.

    Args:
        message: The text as it was.
        redraw: The ordinals, in the text as it is now, of tags that get another picture.

    Attributes:
        taken: How many were given back.
    """

    def __init__(self, message: Message, redraw: Collection[int] = ()) -> None:
        self._redraw = frozenset(redraw)
        self._kept: defaultdict[object, deque[Image]] = defaultdict(deque)
        self.taken = 0
        for slot in message.in_reading_order():
            if slot.image is not None:
                self._kept[_wish(slot)].append(slot.image)

    def take(self, slot: Slot) -> Image | None:
        """The picture for a tag, which nobody gets again; ``None``: it is to be drawn."""
        kept = self._kept.get(_wish(slot))
        if not kept:
            return None
        image = kept.popleft()
        if slot.id.ordinal in self._redraw or not _is_there(image):
            return None
        self.taken += 1
        return image


def _wish(slot: Slot) -> object:
    """What a tag asks for."""
    return slot.tag.prompt, frozenset(slot.tag.attributes.items())


def _is_there(image: Image) -> bool:
    """Whether its file can be read: one that is lost is drawn anew."""
    try:
        return bool(image.data)
    except LimnerError:
        return False
