"""Hats and scarves for beasts: the same that people wear, alone on a sheet."""

from limner.backends.images.sketch.look import Look
from limner.backends.images.sketch.painter.people.dyes import cloth, darker
from limner.backends.images.sketch.painter.people.hats import hat
from limner.backends.images.sketch.painter.people.pen import line, shape

TOP, TALL, BROAD = -80.0, 120.0, 140.0
"""The sheet round a head 36 units broad, whose crown is at -20."""

_HATS = {
    "crown": "crown",
    "hat": "top",
    "top hat": "top",
    "straw hat": "straw",
    "witch hat": "pointed",
    "cap": "cap",
    "helmet": "soldier",
    "ribbon": "bow",
}


def is_neckwear(name: str) -> bool:
    """Whether it goes round the neck."""
    return name == "scarf"


def is_eyewear(name: str) -> bool:
    """Whether it goes before the eyes."""
    return name in ("glasses", "sunglasses")


def garnish(name: str, tint: str | None) -> str:
    """The drawing of a thing worn by a beast; for a scarf the neck's middle is at 0."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-BROAD / 2:g} {TOP:g} {BROAD:g} {TALL:g}"'
        f' width="{BROAD:g}" height="{TALL:g}">{_drawn(name, tint)}</svg>'
    )


def _drawn(name: str, tint: str | None) -> str:
    if is_neckwear(name):
        colour = cloth(tint or "red")
        return (
            shape("M5 2L19 4L24 38L10 40z", darker(colour, 0.85))
            + line("M-18-3Q0 9 18-3", colour, 13)
            + line("M-16 2Q0 12 16 2", darker(colour, 0.86), 2)
        )
    if name == "glasses":
        return (
            '<g fill="#ffffff" fill-opacity=".3" stroke="#2f2830" stroke-width="2.2">'
            '<circle cx="-9" cy="0" r="7.5"/><circle cx="9" cy="0" r="7.5"/></g>'
            + line("M-1.5 0H1.5", "#2f2830", 2.2)
        )
    if name == "sunglasses":
        return shape(
            "M-18-5H-1V1Q-3 8-9.5 7.5Q-16 7-18-5zM18-5H1V1Q3 8 9.5 7.5Q16 7 18-5z", "#26242b"
        ) + line("M-18-5H18", "#26242b", 2)
    return hat(Look(hat=_HATS.get(name, "top"), hat_colour=tint or ""))
