"""A person, put together from the parts."""

import functools
from dataclasses import dataclass

from limner.backends.images.sketch.look import Look, Pose
from limner.backends.images.sketch.painter.people.dyes import cloth, darker
from limner.backends.images.sketch.painter.people.frame import Bones, bones
from limner.backends.images.sketch.painter.people.garments import body
from limner.backends.images.sketch.painter.people.hats import hat, neckwear, worn
from limner.backends.images.sketch.painter.people.head import behind, head
from limner.backends.images.sketch.painter.people.limbs import arm, legs
from limner.backends.images.sketch.painter.people.pen import shade, shape
from limner.backends.images.sketch.painter.people.props import held
from limner.backends.images.sketch.painter.people.seats import seat

HALF = 124.0
"""Half the sheet's width, in a person's own units."""

_TALL_HATS = 80.0


@dataclass(frozen=True, slots=True)
class Person:
    """A drawn person.

    Attributes:
        svg: The drawing.
        face: Top and bottom of the head without a hat, as shares of the sheet's height.
        hand: Where the hand on the right is, as shares of the sheet.
        hip: How high the hips are, as a share of the sheet's height from its top.
    """

    svg: str
    face: tuple[float, float]
    hand: tuple[float, float]
    hip: float


@functools.lru_cache(maxsize=32)
def person(look: Look) -> Person:
    """Draw a person; the feet are at the lower edge of the sheet."""
    b = bones(look)
    top = b.face - 20 - _TALL_HATS
    at_head = f'<g transform="translate(0 {b.face:g})">'
    parts = [
        _cape(look, b),
        _wings(look, b),
        f"{at_head}{behind(look)}</g>" if not look.away else "",
        seat(look, b) if look.pose is Pose.SIT else "",
        legs(look, b) if look.pose is not Pose.RIDE else "",
        _neck(look, b),
        arm(look, b, -1) if look.away else "",
        body(look, b),
        legs(look, b) if look.pose is Pose.RIDE else "",
        neckwear(look, b.neck, b.shoulder),
        held(look, b),
        arm(look, b, -1) if not look.away else "",
        arm(look, b, 1),
        f"{at_head}{head(look)}{worn(look)}{hat(look)}</g>",
        f"{at_head}{behind(look)}</g>" if look.away else "",
    ]
    height = 7 - top
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-HALF:g} {top:g} {2 * HALF:g} {height:g}"'
        f' width="{2 * HALF:g}" height="{height:g}">{"".join(parts)}</svg>'
    )
    hand = b.right[1]
    return Person(
        svg=svg,
        face=((b.face - 22 - top) / height, (b.chin - top) / height),
        hand=((hand[0] + HALF) / (2 * HALF), (hand[1] - top) / height),
        hip=(b.crotch - 4 - top) / height,
    )


def _neck(look: Look, b: Bones) -> str:
    skin = darker(f"#{look.skin}", 0.88)
    return shape(f"M-6.5 {b.chin - 8:g}H6.5V{b.neck + 8:g}H-6.5z", skin)


def _cape(look: Look, b: Bones) -> str:
    if "cape" not in look.extras:
        return ""
    colour = cloth(look.extra_colour, "crimson")
    s = b.shoulder
    hem = min(-3.0, -0.06 * b.tall)
    return shape(
        f"M{-s * 0.7:g} {b.neck - 1:g}C{-s * 1.6:g} {b.middle:g} {-s * 1.5:g} {b.crotch:g} {-s * 1.75:g} {hem:g}"
        f"Q0 {hem + 9:g} {s * 1.75:g} {hem:g}C{s * 1.5:g} {b.crotch:g} {s * 1.6:g} {b.middle:g} {s * 0.7:g} {b.neck - 1:g}z",
        colour,
    ) + shade(
        f"M0 {b.neck:g}L{s * 0.7:g} {b.neck - 1:g}C{s * 1.6:g} {b.middle:g} {s * 1.5:g} {b.crotch:g} {s * 1.75:g} {hem:g}Q{s:g} {hem + 6:g} 0 {hem + 5:g}z",
        0.18,
    )


def _wings(look: Look, b: Bones) -> str:
    if "wings" not in look.extras:
        return ""
    y = b.neck + 18
    angel = look.extra_colour == "white"
    fill = "#f7f4ec" if angel else "#cdeaf6"
    more = "" if angel else ' fill-opacity=".82" stroke="#9ecbe0" stroke-width="1.4"'
    return "".join(
        shape(
            f"M0 {y:g}C{side * 40:g} {y - 70:g} {side * 98:g} {y - 60:g} {side * 88:g} {y - 22:g}C{side * 84:g} {y - 4:g} {side * 50:g} {y + 6:g} 0 {y:g}z",
            fill,
            more,
        )
        + shape(
            f"M0 {y + 4:g}C{side * 40:g} {y + 4:g} {side * 70:g} {y + 26:g} {side * 58:g} {y + 46:g}C{side * 44:g} {y + 60:g} {side * 16:g} {y + 30:g} 0 {y + 4:g}z",
            fill,
            more,
        )
        for side in (-1, 1)
    )
