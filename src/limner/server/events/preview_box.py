"""The newest preview of each picture that is being drawn, for as long as it is."""

from collections import OrderedDict
from dataclasses import dataclass, field

MOST = 64
"""Pictures of which a preview is kept."""
LARGEST = 4 << 20
"""Bytes a preview may have."""

_SIGNS = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"RIFF", "image/webp"))


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture that is not finished.

    Attributes:
        number: How many came before it, so that its address changes with it.
        media_type: What its first bytes say it is.
        data: Its bytes.
    """

    number: int
    media_type: str
    data: bytes = field(repr=False)


class PreviewBox:
    r"""Keeps the newest preview of each slot; the events only say where it is.

    Args:
        most: How many slots.

    Examples:
        >>> box = PreviewBox()
        >>> box.put("m/0/1", b"\xff\xd8...").number, box.get("m/0/1").media_type
        (0, 'image/jpeg')
        >>> box.put("m/0/1", b"<svg>") is None
        True
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, Preview] = OrderedDict()

    def put(self, slot_id: str, data: bytes) -> Preview | None:
        """Keep a preview; ``None`` if it is too large or no picture a browser may be given."""
        media_type = next((known for sign, known in _SIGNS if data.startswith(sign)), None)
        if media_type is None or len(data) > LARGEST:
            return None
        last = self._kept.pop(slot_id, None)
        made = self._kept[slot_id] = Preview(last.number + 1 if last else 0, media_type, data)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made

    def get(self, slot_id: str) -> Preview | None:
        """The newest preview of a slot, if there is one."""
        return self._kept.get(slot_id)

    async def found(self, slot_id: str) -> Preview | None:
        """The same, where others may know it as well."""
        return self.get(slot_id)

    def drop(self, slot_id: str) -> None:
        """Its picture has ended, one way or the other."""
        self._kept.pop(slot_id, None)
