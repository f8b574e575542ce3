"""The drawings of subjects, cut free of their empty margins."""

from dataclasses import dataclass, replace
from io import BytesIO
from typing import Literal

import resvg_py
from PIL import Image

from limner.backends.images.sketch import art
from limner.backends.images.sketch.look import Look
from limner.backends.images.sketch.painter.people.garnish import garnish
from limner.backends.images.sketch.painter.people.person import person
from limner.backends.images.sketch.scene import Bond, Subject

TRIAL_HEIGHT = 160
"""Height in pixels of the trial that finds the drawing's outline."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Where parts of a person are, as shares of the drawn part from its top and left.

    Attributes:
        crown: The top of the head, without a hat.
        chin: The lower end of the head.
        hip: The hips.
        hand: The hand on the right: across and down.
        middle: The middle of the body, across; arms and what is held may reach far to one side.
    """

    crown: float
    chin: float
    hip: float
    hand: tuple[float, float]
    middle: float = 0.5


@dataclass(frozen=True, slots=True)
class Artwork:
    """One drawing.

    Attributes:
        id: Its name in the collection.
        facing: Where it looks.
        outline: Its drawn part as fractions of the sheet: left, top, right, bottom.
        ratio: Width over height of the drawn part.
        colour: The mean colour of its lower half, for what must be added to it.
        svg: Its source.
        marks: Of a person: top and bottom of the head, the height of the hips, and the place of
            the hand, as shares of the drawn part.
    """

    id: str
    facing: Literal["left", "right", "front"]
    outline: tuple[float, float, float, float]
    ratio: float
    colour: tuple[float, float, float]
    svg: str = ""
    marks: Marks | None = None

    def image(self, height: int) -> Image.Image:
        """The drawn part alone, `height` pixels tall (mode ``RGBA``)."""
        left, top, right, bottom = self.outline
        sheet = _sheet(self.svg, max(8, round(height / (bottom - top))))
        width, tall = sheet.size
        box = (round(left * width), round(top * tall), round(right * width), round(bottom * tall))
        cut = sheet.crop((box[0], box[1], max(box[2], box[0] + 1), max(box[3], box[1] + 1)))
        return cut.resize((max(1, round(height * self.ratio)), height), Image.Resampling.LANCZOS)


def load(subject: Subject) -> Artwork:
    """Find a subject's drawing and its outline.

    Raises:
        LookupError: The collection has no such drawing.
    """
    if subject.look is not None:
        return _of_person(subject.art, subject.look)
    if subject.relation is not None and subject.relation.bond is Bond.WEARS:
        return _measured(subject.art, garnish(subject.name, subject.tint), "front")
    return _measured(subject.art, art.svg(subject.art), art.facing(subject.art))


def _of_person(name: str, look: Look) -> Artwork:
    drawn = person(look)
    found = _measured(name, drawn.svg, "front")
    left, top, right, bottom = found.outline
    tall = bottom - top

    def down(y: float) -> float:
        return (y - top) / tall

    marks = Marks(
        crown=down(drawn.face[0]),
        chin=down(drawn.face[1]),
        hip=down(drawn.hip),
        hand=((drawn.hand[0] - left) / (right - left), down(drawn.hand[1])),
        middle=(0.5 - left) / (right - left),
    )
    return replace(found, marks=marks)


def _measured(name: str, svg: str, facing: art.Facing) -> Artwork:
    sheet = _sheet(svg, TRIAL_HEIGHT)
    box = sheet.getchannel("A").point([0] * 24 + [255] * 232).getbbox()
    left, top, right, bottom = box or (0, 0, *sheet.size)
    body = sheet.crop((left, (top + bottom) // 2, right, bottom)).convert("RGBa")
    r, g, b, a = body.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    share = max(1, a)
    return Artwork(
        id=name,
        facing=facing,
        outline=(
            left / sheet.width,
            top / sheet.height,
            right / sheet.width,
            bottom / sheet.height,
        ),
        ratio=(right - left) / max(1, bottom - top),
        colour=(r / share, g / share, b / share),
        svg=svg,
    )


def _sheet(svg: str, height: int) -> Image.Image:
    drawing = resvg_py.svg_to_bytes(svg_string=svg, height=height, skip_system_fonts=True)
    return Image.open(BytesIO(bytes(drawing))).convert("RGBA")
