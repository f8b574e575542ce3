"""One picture in the encoding and size that a client wants, made by Pillow in a thread."""

import asyncio
import io
from collections import OrderedDict

import PIL.Image

from limner.illustration import Image

WIDTHS = (160, 320, 640, 960, 1280)
"""The widths, in pixels, that a small version may have."""

KEPT = 64 << 20
"""Bytes of made versions that are kept."""

_SAVING: dict[str, dict[str, object]] = {
    "image/webp": {"format": "WEBP", "quality": 85, "method": 4},
    "image/avif": {"format": "AVIF", "quality": 65, "speed": 8},
    "image/png": {"format": "PNG"},
    "image/jpeg": {"format": "JPEG", "quality": 90},
}


def media_type_for(accept: str | None, own: str) -> str:
    """The encoding to send (RFC 9110 §12.5.1).

    A picture is sent as it is, unless the client names a smaller encoding, or not its own.

    Args:
        accept: The header ``Accept``.
        own: The picture's own encoding.

    Examples:
        >>> browser = "image/avif,image/webp,image/apng,image/*,*/*;q=0.8"
        >>> media_type_for(browser, "image/png"), media_type_for("*/*", "image/png")
        ('image/webp', 'image/png')
        >>> media_type_for("image/png", "image/webp"), media_type_for(None, "image/jpeg")
        ('image/png', 'image/jpeg')
    """
    wanted = _accepted(accept or "*/*")
    if own in ("image/webp", "image/avif") and wanted.get(own, 0.0) > 0:
        return own
    named = [kind for kind in ("image/webp", "image/avif") if wanted.get(kind, 0.0) > 0]
    if named:
        return max(named, key=lambda kind: wanted[kind])
    for kind in (own, "image/png", "image/jpeg"):
        anything = wanted.get("image/*", wanted.get("*/*", 0.0))
        if wanted.get(kind, anything) > 0:
            return kind
    return own


def width_for(asked: str | None, own: int) -> int | None:
    """The width of the small version to send: one of `WIDTHS`; ``None``: the picture itself.

    Examples:
        >>> width_for("300", 768), width_for("9999", 768), width_for("x", 768)
        (320, None, None)
    """
    if asked is None or not (asked.isascii() and asked.isdecimal()) or len(asked) > 6:
        return None
    width = next((width for width in WIDTHS if width >= int(asked)), None)
    return width if width is not None and width < own else None


class PictureVariants:
    """Makes versions of pictures and keeps the last ones.

    Args:
        kept: Bytes that are kept.
    """

    def __init__(self, *, kept: int = KEPT) -> None:
        self._limit = kept
        self._kept: OrderedDict[tuple[str, str, int | None], bytes] = OrderedDict()
        self._size = 0
        self._turn = asyncio.Semaphore(2)  # encoding is work for a processor; others need it too

    async def get(self, digest: str, image: Image, media_type: str, width: int | None) -> bytes:
        """A version of the picture whose bytes have this digest.

        What is kept is known by the content: a picture that is drawn again gets its own versions,
        and two places that show the same one share them.

        Raises:
            OSError: The picture cannot be decoded.
            limner.errors.PictureMissing: Its file is gone or damaged.
        """
        if media_type == image.media_type and width is None:
            return await asyncio.to_thread(_read, image)
        key = (digest, media_type, width)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        async with self._turn:
            if key not in self._kept:
                made = await asyncio.to_thread(_made, image, media_type, width)
                self._keep(key, made)
                return made
            return self._kept[key]

    def _keep(self, key: tuple[str, str, int | None], data: bytes) -> None:
        if key in self._kept:  # another request made it at the same time
            return
        self._kept[key] = data
        self._size += len(data)
        while self._size > self._limit:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old)


def encode(data: bytes, media_type: str, width: int | None = None) -> bytes:
    """A picture in another encoding, and smaller if a width is given. Metadata is left out.

    Raises:
        OSError: The picture cannot be read.
    """
    try:
        with PIL.Image.open(io.BytesIO(data)) as picture:
            made: PIL.Image.Image = picture
            if media_type == "image/jpeg" and made.mode != "RGB":
                made = made.convert("RGB")
            if width is not None:
                height = max(1, round(made.height * width / made.width))
                made = made.resize((width, height), PIL.Image.Resampling.LANCZOS)
            out = io.BytesIO()
            made.save(out, **_SAVING[media_type])  # type: ignore[arg-type]
    except (SyntaxError, ValueError, PIL.Image.DecompressionBombError) as error:
        raise OSError(f"the picture cannot be read: {error}") from error
    return out.getvalue()


def _read(image: Image) -> bytes:
    """The bytes, which may have to come from a file."""
    return image.data


def _made(image: Image, media_type: str, width: int | None) -> bytes:
    return encode(_read(image), media_type, width)


def _accepted(accept: str) -> dict[str, float]:
    wanted: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            wanted[kind] = float(quality)
        except ValueError:
            wanted[kind] = 0.0
    return wanted
