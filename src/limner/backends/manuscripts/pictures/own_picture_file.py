"""A writer's own picture, as it may stand in a page: checked, and of a kind that readers show."""

import io
import warnings

from PIL import Image as Pillow

from limner.backends.images.support.checking import PictureLimits, check_picture
from limner.errors import BadPicture
from limner.illustration.model.image import Image

LIMITS = PictureLimits()

_KINDS = ("GIF", "BMP", "TIFF")
"""What is shown as well, as a PNG of the first frame."""


def own_picture(data: bytes) -> Image | None:
    """The picture without its metadata; ``None`` if it is none, broken, or too large.

    Args:
        data: The bytes of its file.
    """
    try:
        return check_picture(data, limits=LIMITS).image(info={})
    except BadPicture:
        return _converted(data)


def _converted(data: bytes) -> Image | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with Pillow.open(io.BytesIO(data), formats=_KINDS) as picture:
                if picture.width * picture.height > LIMITS.pixels:
                    return None
                mode = "RGBA" if picture.has_transparency_data else "RGB"
                made = picture.convert(mode)
                out = io.BytesIO()
                made.save(out, "PNG")
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError, Warning):
        return None
    return Image(data=out.getvalue(), media_type="image/png", width=made.width, height=made.height)
