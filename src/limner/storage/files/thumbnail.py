"""Small copies of pictures."""

import io
import warnings

from PIL import Image as Pillow
from PIL import ImageOps

from limner.errors import StorageCorrupt
from limner.storage.database.error_translation import corrupt

SIDE = 256
"""The longer side of a thumbnail in pixels, unless asked otherwise."""
QUALITY = 80
MOST_PIXELS = 64_000_000
"""Pixels of a picture that is unpacked at all."""


def thumbnail(data: bytes, side: int, *, place: str = "") -> bytes:
    """A small copy of a picture, as WebP; it is never enlarged.

    Args:
        data: The encoded picture.
        side: The longer side of the copy, in pixels.
        place: The library, as an error names it.

    Raises:
        StorageCorrupt: It is no picture, or too large to be unpacked.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with Pillow.open(io.BytesIO(data)) as picture:
                return _small(picture, side)
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError, Warning) as error:
        raise _unreadable(place, error) from error


def _small(picture: Pillow.Image, side: int) -> bytes:
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError(f"{picture.width}x{picture.height} pixels are too many")
    picture.draft("RGB", (side, side))
    upright = ImageOps.exif_transpose(picture)
    small = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    small.thumbnail((side, side))
    out = io.BytesIO()
    small.save(out, "WEBP", quality=QUALITY)
    return out.getvalue()


def _unreadable(place: str, error: Exception) -> StorageCorrupt:
    return corrupt(place, f"a picture in it cannot be read: {error}")
