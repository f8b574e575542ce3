"""Whether what a server sent is a picture that can be trusted, and the picture alone.

Content decides, never a header or a name. A picture is accepted if it is a PNG, JPEG, WebP or
AVIF within its limits that decodes to its last pixel. Text in it (A1111's ``parameters``,
ComfyUI's ``workflow``) is handed out apart; the bytes that are kept hold nothing but the picture:
for PNG, JPEG and WebP losslessly, by leaving parts of the file out; where that is not enough
(an AVIF with metadata, an animation), the first frame is encoded anew as PNG. Bytes behind the
picture's end are cut off, so that no second file rides along.
"""

import asyncio
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from PIL import Image as Pillow

from limner.backends.images.formats import avif, jpeg, png, webp
from limner.backends.images.formats.parts import Malformed, Parts
from limner.errors import BadPicture
from limner.illustration.model.image import Image

LONGEST_TEXT = 1 << 20
"""Characters of one text out of a picture."""

_SEPARATE: dict[str, Callable[[bytes], Parts]] = {
    "PNG": png.separate,
    "JPEG": jpeg.separate,
    "WEBP": webp.separate,
    "AVIF": avif.separate,
}
_EXIF_IFD, _USER_COMMENT = 0x8769, 0x9286


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLimits:
    """How large a picture may be.

    Attributes:
        bytes: Of the encoded picture.
        pixels: Width times height, checked before anything is decoded.
        side: The longer side.
    """

    bytes: int = 48 << 20
    pixels: int = 40_000_000
    side: int = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPicture:
    """A picture that was decoded to its last pixel.

    Attributes:
        data: The picture alone, without metadata.
        media_type: ``image/png``, ``image/jpeg``, ``image/webp`` or ``image/avif``.
        width: In pixels.
        height: In pixels.
        text: The text that stood in it: ``parameters``, ``workflow``, ``prompt``, … It is
            hostile.
        animated: Whether it had more frames than the one kept.
    """

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    text: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    animated: bool = False

    def image(self, *, seed: int | None = None, info: Mapping[str, object]) -> Image:
        """The finished picture, with what its backend tells about it.

        Args:
            seed: The seed that draws it again.
            info: What is told; the picture's own text is added as ``metadata``.
        """
        told = {**info, "metadata": dict(self.text)} if self.text else dict(info)
        return Image(
            data=self.data,
            media_type=self.media_type,
            width=self.width,
            height=self.height,
            seed=seed,
            info=MappingProxyType(told),
        )


async def checked(
    data: bytes, *, limits: PictureLimits | None = None, server: str | None = None
) -> CheckedPicture:
    """`check_picture` in a thread, so that decoding holds nobody up.

    Raises:
        limner.errors.BadPicture: As `check_picture`.
    """
    return await asyncio.to_thread(check_picture, data, limits=limits, server=server)


def check_picture(
    data: bytes, *, limits: PictureLimits | None = None, server: str | None = None
) -> CheckedPicture:
    """Accept a picture, or say why not.

    Args:
        data: What came.
        limits: How large it may be.
        server: Who sent it, fit to be shown; for the error.

    Raises:
        limner.errors.BadPicture: It is no picture of a known kind, too large, broken or cut off.

    Examples:
        >>> from limner.testing import PIXEL
        >>> check_picture(PIXEL + b"<script>")
        CheckedPicture(media_type='image/png', width=1, height=1, animated=False)
        >>> check_picture(b"<html>Sorry</html>", server="http://here")
        Traceback (most recent call last):
        limner.errors.BadPicture: http://here sent no picture: it is a web page or SVG
    """
    limits = limits or PictureLimits()
    sender = server or "the backend"
    try:
        if len(data) > limits.bytes:
            raise Malformed(f"it has more than {limits.bytes:,} bytes")
        kind = kind_of(data)
        if kind is None:
            raise Malformed(_guess(data))
        parts = _SEPARATE[kind](data)
        if parts.size is not None:
            _check_size(parts.size, limits)
        return _decoded(data, kind, parts, limits)
    except Malformed as why:
        raise BadPicture(f"{sender} sent no picture: {why}", server=server) from None


def kind_of(data: bytes) -> str | None:
    """What the first bytes say: ``PNG``, ``JPEG``, ``WEBP``, ``AVIF``, or ``None``.

    Examples:
        >>> kind_of(b"GIF89a") is None
        True
    """
    if data.startswith(png.SIGNATURE):
        return "PNG"
    if data.startswith(jpeg.SIGNATURE):
        return "JPEG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return "AVIF" if avif.is_avif(data) else None


def _guess(data: bytes) -> str:
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "it is empty"
    if start.startswith(b"<"):
        return "it is a web page or SVG"
    if start.startswith((b"{", b"[")):
        return "it is JSON"
    if start.startswith((b"gif8", b"bm", b"ii*", b"mm\0*")):
        return "it is a picture of a kind that is not accepted (PNG, JPEG, WebP and AVIF are)"
    return "it is neither PNG, JPEG, WebP nor AVIF"


def _check_size(size: tuple[int, int], limits: PictureLimits) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise Malformed("it has no size")
    if width * height > limits.pixels or max(size) > limits.side:
        raise Malformed(f"{width}×{height} pixels are too many")


def _loaded(picture: Pillow.Image, kind: str, parts: Parts) -> CheckedPicture:
    """All of a picture, decoded; what Pillow may raise on hostile bytes is raised."""
    text = {**parts.text, **_exif_text(parts.exif or picture.info.get("exif", b""))}
    picture.load()
    kept, kind = (parts.data, kind) if parts.data else (_as_png(picture), "PNG")
    return CheckedPicture(
        data=kept,
        media_type=f"image/{kind.lower()}",
        width=picture.width,
        height=picture.height,
        text=MappingProxyType({k: v[:LONGEST_TEXT] for k, v in text.items()}),
        animated=parts.animated,
    )


def _decoded(data: bytes, kind: str, parts: Parts, limits: PictureLimits) -> CheckedPicture:
    """Decode what is kept, all of it; encode it anew where leaving parts out is not enough."""
    try:
        with Pillow.open(io.BytesIO(parts.data or data), formats=[kind]) as picture:
            _check_size(picture.size, limits)
            checked = _loaded(picture, kind, parts)
    except Malformed:
        raise
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        raise Malformed("it has too many pixels") from None
    except Exception as error:  # decoders of hostile bytes fail in every way there is
        raise Malformed(f"it cannot be decoded ({type(error).__name__})") from error
    if len(checked.data) > limits.bytes:
        raise Malformed(f"it has more than {limits.bytes:,} bytes")
    return checked


def _as_png(picture: Pillow.Image) -> bytes:
    plain = Pillow.new("RGBA" if picture.has_transparency_data else "RGB", picture.size)
    plain.paste(picture.convert(plain.mode))
    whole = io.BytesIO()
    plain.save(whole, "PNG", compress_level=1)
    return whole.getvalue()


def _exif_text(exif: bytes) -> dict[str, str]:
    """What A1111 keeps in a JPEG or WebP: the user comment, as ``parameters``."""
    if not exif:
        return {}
    tags = Pillow.Exif()
    try:
        tags.load(exif)
        comment = tags.get_ifd(_EXIF_IFD).get(_USER_COMMENT)
    except Exception:  # text nobody can read is as good as none: the picture is what counts
        return {}
    if isinstance(comment, str):
        comment = comment.encode("utf-8", "replace")
    if not isinstance(comment, bytes) or not comment:
        return {}
    code, body = comment[:8], comment[8:]
    wide = "utf-16-be" if body[:1] == b"\0" else "utf-16-le"
    told = body.decode(wide, "replace") if code == b"UNICODE\0" else body.decode("utf-8", "replace")
    return {"parameters": told.strip("\0")} if told.strip("\0") else {}
