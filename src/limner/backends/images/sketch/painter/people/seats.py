"""What somebody sits on who has nothing else to sit on, and the tail of a mermaid."""

from limner.backends.images.sketch.look import Look
from limner.backends.images.sketch.painter.people.dyes import cloth, darker, lighter
from limner.backends.images.sketch.painter.people.frame import Bones
from limner.backends.images.sketch.painter.people.pen import line, oval, shade, shape


def seat(look: Look, b: Bones) -> str:
    """The seat behind the legs."""
    top, half = b.crotch + 2, b.hip + 9
    if look.seat == "stool":
        legs = line(
            f"M{-half + 5:g} {top + 6:g}L{-half + 1:g} -1M{half - 5:g} {top + 6:g}L{half - 1:g} -1",
            "#6d4225",
            5,
        )
        return legs + f'<rect x="{-half:g}" y="{top:g}" width="{2 * half:g}" height="8" rx="3" fill="#a8713f"/>'  # fmt: skip
    if look.seat == "log":
        long = half + 14
        return (
            f'<rect x="{-long:g}" y="{top:g}" width="{2 * long:g}" height="{-top:g}" rx="{-top / 2:g}" fill="#7a5433"/>'
            + oval(long + top / 2, top / 2, -top * 0.42, -top * 0.46, "#d9b88a")
            + oval(long + top / 2, top / 2, -top * 0.2, -top * 0.22, "#b98a55")
        )
    if look.seat == "rock":
        rock = (
            f"M{-half - 12:g} 0L{-half - 8:g} {top * 0.6:g}L{-half + 6:g} {top - 1:g}"
            f"L{half - 4:g} {top - 2:g}L{half + 10:g} {top * 0.55:g}L{half + 13:g} 0z"
        )
        return shape(rock, "#8f8a84") + shade(
            f"M4 0L10 {top - 2:g}L{half - 4:g} {top - 2:g}L{half + 10:g} {top * 0.55:g}L{half + 13:g} 0z"
        )
    return ""


def tail(look: Look, b: Bones) -> str:
    """From the hips down, and curled up at its end."""
    colour = cloth(look.below, "turquoise")
    top, h = b.crotch - 16, b.hip + 1
    fin = shape("M34-8C30-26 42-38 60-40C56-28 58-22 66-14C56-8 44-4 34-8z", lighter(colour, 0.25))
    body = shape(
        f"M{-h:g} {top:g}C{-h - 4:g} {top * 0.5:g} -16-8 4-2C18 2 34 0 40-10L32-17"
        f"C24-12 16-14 {h * 0.7:g} {top * 0.4:g}L{h:g} {top:g}z",
        colour,
    )
    scales = "".join(
        line(f"M{-h * s:g} {y:g}q{h * s / 2:g} 6 {h * s:g} 0q{h * s / 2:g} 6 {h * s:g} 0", darker(colour, 0.82), 1.6)
        for y, s in ((top * 0.86, 0.8), (top * 0.66, 0.72), (top * 0.46, 0.56))
    )  # fmt: skip
    return fin + body + scales
