"""The small picture that stands where a picture is missing."""

import io

import PIL.Image
import PIL.ImageDraw

_SIZE = (192, 128)
_PAPER, _LINE = (236, 232, 224), (168, 160, 148)


def placeholder_png() -> bytes:
    r"""An empty frame with a torn landscape, as a PNG of a few hundred bytes.

    Example:
        >>> placeholder_png()[:4], len(placeholder_png()) < 2000
        (b'\x89PNG', True)
    """
    picture = PIL.Image.new("RGB", _SIZE, _PAPER)
    draw = PIL.ImageDraw.Draw(picture)
    width, height = _SIZE
    draw.rectangle((6, 6, width - 7, height - 7), outline=_LINE, width=2)
    draw.ellipse((44, 30, 66, 52), outline=_LINE, width=3)
    draw.line([(24, 100), (70, 62), (94, 84), (126, 46), (168, 100)], fill=_LINE, width=3)
    draw.line([(30, 112), (162, 18)], fill=_PAPER, width=12)
    draw.line([(24, 106), (156, 14)], fill=_LINE, width=2)
    out = io.BytesIO()
    picture.quantize(16).save(out, "PNG", optimize=True)
    return out.getvalue()
