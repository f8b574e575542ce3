"""The drawings of subjects, cut free of their empty margins."""

from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import resvg_py
from PIL import Image

from limner.backends.images.sketch import art

TRIAL_HEIGHT = 160
"""Height in pixels of the trial that finds the drawing's outline."""


@dataclass(frozen=True, slots=True)
class Artwork:
    """One drawing.

    Attributes:
        id: Its name in the collection.
        facing: Where it looks.
        outline: Its drawn part as fractions of the sheet: left, top, right, bottom.
        ratio: Width over height of the drawn part.
        colour: The mean colour of its lower half, for what must be added to it.
    """

    id: str
    facing: Literal["left", "right", "front"]
    outline: tuple[float, float, float, float]
    ratio: float
    colour: tuple[float, float, float]

    def image(self, height: int) -> Image.Image:
        """The drawn part alone, `height` pixels tall (mode ``RGBA``)."""
        left, top, right, bottom = self.outline
        sheet = _sheet(self.id, max(8, round(height / (bottom - top))))
        width, tall = sheet.size
        box = (round(left * width), round(top * tall), round(right * width), round(bottom * tall))
        cut = sheet.crop((box[0], box[1], max(box[2], box[0] + 1), max(box[3], box[1] + 1)))
        return cut.resize((max(1, round(height * self.ratio)), height), Image.Resampling.LANCZOS)


def load(art_id: str) -> Artwork:
    """Find a drawing and its outline.

    Raises:
        KeyError: The collection has no such drawing.
    """
    sheet = _sheet(art_id, TRIAL_HEIGHT)
    box = sheet.getchannel("A").point([0] * 24 + [255] * 232).getbbox()
    left, top, right, bottom = box or (0, 0, *sheet.size)
    body = sheet.crop((left, (top + bottom) // 2, right, bottom)).convert("RGBa")
    r, g, b, a = body.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    share = max(1, a)
    return Artwork(
        id=art_id,
        facing=art.facing(art_id),
        outline=(
            left / sheet.width,
            top / sheet.height,
            right / sheet.width,
            bottom / sheet.height,
        ),
        ratio=(right - left) / max(1, bottom - top),
        colour=(r / share, g / share, b / share),
    )


def _sheet(art_id: str, height: int) -> Image.Image:
    drawing = resvg_py.svg_to_bytes(
        svg_string=art.svg(art_id), height=height, skip_system_fonts=True
    )
    return Image.open(BytesIO(bytes(drawing))).convert("RGBA")
