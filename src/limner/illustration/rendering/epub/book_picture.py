"""A picture as every reading system can show it."""

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from limner.errors.installation import needing
from limner.illustration.model.image import SIDE_MAXIMUM, Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

QUALITY = 90
MOST_PIXELS = 4 * SIDE_MAXIMUM * SIDE_MAXIMUM
"""Pixels of a picture that is unpacked at all: twice the largest side limner asks for, squared."""

_AS_IT_IS = {
    "image/png": (b"\x89PNG\r\n\x1a\n", "png"),
    "image/jpeg": (b"\xff\xd8\xff", "jpg"),
    "image/gif": (b"GIF8", "gif"),
}


@dataclass(frozen=True, slots=True)
class BookPicture:
    """A picture's file in a book.

    Attributes:
        data: Its bytes.
        media_type: ``image/png``, ``image/jpeg`` or ``image/gif``.
        ending: Of its name, without the dot.
    """

    data: bytes
    media_type: str
    ending: str


def book_picture(image: Image) -> BookPicture | None:
    """The picture as PNG, JPEG or GIF; ``None`` if it cannot be read as a picture.

    EPUB 3.3 allows WebP (section 3.2), but readers that are older than that, and those built on
    Adobe's engine, show an empty space for it; AVIF is not allowed at all. So both are converted:
    to JPEG, or to PNG if something shows through.
    """
    data = image.data
    if image.media_type in _AS_IT_IS:
        magic, ending = _AS_IT_IS[image.media_type]
        if data.startswith(magic):
            return BookPicture(data, image.media_type, ending)
    with needing("a picture in an EPUB"):
        from PIL import Image as Pillow
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with Pillow.open(io.BytesIO(data)) as picture:
                return _converted(picture)
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError, Warning):
        return None  # the book says so in the picture's place


def _converted(picture: "Picture") -> BookPicture:
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError(f"{picture.width}x{picture.height} pixels are too many")
    out = io.BytesIO()
    if picture.has_transparency_data:
        picture.convert("RGBA").save(out, "PNG", optimize=True)
        return BookPicture(out.getvalue(), "image/png", "png")
    picture.convert("RGB").save(out, "JPEG", quality=QUALITY, optimize=True)
    return BookPicture(out.getvalue(), "image/jpeg", "jpg")
