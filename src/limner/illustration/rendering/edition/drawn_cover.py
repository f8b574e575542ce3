"""A book's cover: its title and its author, over the first picture of the text."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from limner.errors.installation import needing
from limner.illustration.model.image import Image
from limner.illustration.rendering.lettering import Font, font_with, in_lines

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 1000, 1500
"""Pixels; shops ask for two to three or near to it."""

PAPER, INK, RED = (247, 242, 232), (43, 36, 32), (166, 66, 48)
PICTURE = 860
"""The height of the picture's place, in pixels."""

MOST_PIXELS = 64_000_000
MARGIN = 80

FONTS = (
    "Georgia.ttf",
    "EBGaramond-Regular.ttf",
    "LiberationSerif-Regular.ttf",
    "DejaVuSerif.ttf",
    "NotoSerif-Regular.ttf",
    "FreeSerif.ttf",
    "times.ttf",
    "DejaVuSans.ttf",
    "NotoSerifCJK-Regular.ttc",
    "NotoSansCJK-Regular.ttc",
    "wqy-zenhei.ttc",
    "Songti.ttc",
    "simsun.ttc",
)
"""Files of fonts that machines have; the first that has all the letters is taken."""


def drawn_cover(title: str, author: str, picture: Image | None) -> Image | None:
    """The cover as a JPEG; ``None`` where it cannot be written with the letters there are.

    Args:
        title: The book's.
        author: Who wrote it.
        picture: The first picture; ``None`` leaves its place to the title.

    Raises:
        limner.errors.MissingExtra: The package that draws is not installed.
    """
    with needing("a drawn cover"):
        from PIL import Image as Pillow
        from PIL import ImageDraw
    fonts = font_with(f"{title}{author}", FONTS)
    if fonts is None:
        return None
    page = Pillow.new("RGB", (WIDTH, HEIGHT), PAPER)
    art = _opened(picture) if picture is not None else None
    top = 0
    if art is not None:
        page.paste(_fitted(art), (0, 0))
        top = PICTURE
    draw = ImageDraw.Draw(page)
    draw.line([(MARGIN, top + 60), (WIDTH - MARGIN, top + 60)], fill=RED, width=4)
    _write(draw, fonts, title, top + 100, HEIGHT - 240, largest=110)
    draw.line([(WIDTH // 2 - 60, HEIGHT - 190), (WIDTH // 2 + 60, HEIGHT - 190)], fill=RED, width=4)
    _write(draw, fonts, author, HEIGHT - 160, HEIGHT - 60, largest=54)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=88, optimize=True)
    return Image(data=out.getvalue(), media_type="image/jpeg", width=WIDTH, height=HEIGHT)


def _opened(picture: Image) -> "Picture | None":
    from PIL import Image as Pillow

    try:
        opened = Pillow.open(io.BytesIO(picture.data))
        if opened.width * opened.height > MOST_PIXELS:
            return None
        return opened.convert("RGB")
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError):
        return None


def _fitted(art: "Picture") -> "Picture":
    """The picture cut to its place, from its middle."""
    from PIL import ImageOps

    return ImageOps.fit(art, (WIDTH, PICTURE))


def _write(
    draw: "ImageDraw",
    fonts: Callable[[int], Font],
    words: str,
    top: int,
    bottom: int,
    *,
    largest: int,
) -> None:
    """Write words in the middle, as large as they fit between two lines."""
    size = largest
    lines = in_lines(words, font := fonts(size), WIDTH - 2 * MARGIN)
    while size > 24 and len(lines) * size * 1.15 > bottom - top:
        size -= 4
        lines = in_lines(words, font := fonts(size), WIDTH - 2 * MARGIN)
    at = top + max(0.0, (bottom - top - len(lines) * size * 1.15) / 2)
    for line in lines:
        draw.text((WIDTH / 2, at), line, fill=INK, font=font, anchor="ma")
        at += size * 1.15
        if at > bottom:
            return
