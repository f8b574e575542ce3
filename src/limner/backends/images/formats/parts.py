"""What a picture file falls into."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class Malformed(ValueError):
    """A picture file's structure is broken; the text says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A picture file without what is not picture.

    Attributes:
        data: The file again, with nothing in it but the picture; ``None`` if that takes decoding
            and encoding it anew.
        size: Width and height in pixels, where the structure tells; for limits, before decoding.
        text: Text that stood in it, by name.
        exif: The Exif block that stood in it.
        animated: Whether there were more pictures than the first.
    """

    data: bytes | None
    size: tuple[int, int] | None
    text: Mapping[str, str] = field(default_factory=dict)
    exif: bytes = b""
    animated: bool = False
