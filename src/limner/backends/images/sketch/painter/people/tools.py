"""Tools in hands: each is drawn round the hand at a place, on bones that tell how tall it is."""

from limner.backends.images.sketch.painter.people.frame import Bones
from limner.backends.images.sketch.painter.people.pen import line, oval, shape

_WOOD, _STEEL = "#8a6238", "#b9c1c9"


def hammer(x: float, y: float, b: Bones) -> str:
    """Raised."""
    return line(f"M{x - 2:g} {y + 6:g}L{x + 4:g} {y - 26:g}", _WOOD, 4) + line(
        f"M{x - 8:g} {y - 30:g}L{x + 15:g} {y - 26:g}", "#70777f", 10
    )


def axe(x: float, y: float, b: Bones) -> str:
    """With a long handle."""
    return line(f"M{x:g} {y + 26:g}L{x + 4:g} {y - 40:g}", _WOOD, 4) + shape(
        f"M{x + 3:g} {y - 40:g}L{x + 22:g} {y - 47:g}Q{x + 28:g} {y - 33:g} {x + 21:g} {y - 20:g}L{x + 3:g} {y - 29:g}z",
        _STEEL,
    )


def pickaxe(x: float, y: float, b: Bones) -> str:
    """With both its points."""
    return line(f"M{x:g} {y + 26:g}L{x + 3:g} {y - 38:g}", _WOOD, 4) + shape(
        f"M{x - 24:g} {y - 28:g}Q{x + 3:g} {y - 52:g} {x + 30:g} {y - 28:g}Q{x + 3:g} {y - 41:g} {x - 24:g} {y - 28:g}z",
        "#70777f",
    )


def shovel(x: float, y: float, b: Bones) -> str:
    """Its blade on the ground."""
    return (
        line(f"M{x:g} {b.chin + 24:g}V-20", _WOOD, 4)
        + line(f"M{x - 7:g} {b.chin + 24:g}H{x + 7:g}", _WOOD, 4)
        + shape(
            f"M{x - 9:g} -26H{x + 9:g}V-10Q{x + 8:g} -2 {x:g} 0Q{x - 8:g} -2 {x - 9:g} -10z", _STEEL
        )
    )


def fork(x: float, y: float, b: Bones) -> str:
    """A pitchfork, or a rake: its prongs are up."""
    top = b.chin - 26
    return line(f"M{x:g} -1V{top:g}", _WOOD, 4) + line(
        f"M{x - 10:g} {top - 22:g}V{top - 4:g}Q{x:g} {top + 4:g} {x + 10:g} {top - 4:g}V{top - 22:g}"
        f"M{x:g} {top - 24:g}V{top:g}",
        "#70777f",
        3,
    )


def rod(x: float, y: float, b: Bones) -> str:
    """A fishing rod, whose line hangs down."""
    tip, high = min(x + 62, 104.0), y - 74
    return line(f"M{x - 12:g} {y + 14:g}Q{x + 34:g} {y - 40:g} {tip:g} {high:g}", _WOOD, 3) + line(
        f"M{tip:g} {high:g}V-2", "#e8eef0", 1
    )


def ladle(x: float, y: float, b: Bones) -> str:
    """A wooden spoon."""
    return line(f"M{x - 3:g} {y - 16:g}L{x + 6:g} {y + 28:g}", "#b98a55", 3.6) + oval(
        x + 7, y + 32, 5.5, 7, "#b98a55"
    )


def brush(x: float, y: float, b: Bones) -> str:
    """A painter's, with paint on it."""
    return (
        line(f"M{x - 6:g} {y + 10:g}L{x + 10:g} {y - 20:g}", _WOOD, 2.6)
        + line(f"M{x + 9:g} {y - 18:g}L{x + 12:g} {y - 24:g}", _STEEL, 4)
        + shape(f"M{x + 9:g} {y - 24:g}l7 3l2-11z", "#c8483f")
    )


def needles(x: float, y: float, b: Bones) -> str:
    """Knitting on two needles, and what hangs from them."""
    return (
        shape(f"M-14 {y - 2:g}H14L16 {y + 26:g}Q0 {y + 30:g}-15 {y + 26:g}z", "#c8483f")
        + line(f"M-13 {y + 7:g}H14M-14 {y + 15:g}H15M-15 {y + 22:g}H15", "#a33a33", 1.6)
        + line(f"M-24 {y - 18:g}L12 {y + 2:g}M24 {y - 18:g}L-12 {y + 2:g}", "#d8dde2", 2.4)
    )


def can(x: float, y: float, b: Bones) -> str:
    """A watering can, and its water."""
    drops = "".join(oval(x + 34 + k * 3, y + 14 + k * 9, 1.3, 3, "#9fd3ea") for k in range(4))
    return (
        line(f"M{x - 4:g} {y + 2:g}Q{x + 4:g} {y - 10:g} {x + 12:g} {y + 4:g}", "#5f8a8f", 3)
        + line(f"M{x + 10:g} {y + 18:g}L{x + 30:g} {y + 6:g}", "#5f8a8f", 5)
        + line(f"M{x + 27:g} {y + 1:g}L{x + 33:g} {y + 11:g}", "#5f8a8f", 4)
        + f'<rect x="{x - 9:g}" y="{y + 4:g}" width="22" height="22" rx="3" fill="#7fb0b3"/>'
        + drops
    )


def bouquet(x: float, y: float, b: Bones) -> str:
    """A bunch of flowers."""
    heads = "".join(
        oval(x + dx, y - 14 + dy, 6, 6, colour) + oval(x + dx, y - 14 + dy, 2.2, 2.2, "#f7d774")
        for dx, dy, colour in (
            (-10, 2, "#e5708f"), (0, -6, "#f4ead2"), (10, 1, "#8a6fc0"), (-4, 8, "#e08a3a"),
            (6, 9, "#d8484a"),
        )
    )  # fmt: skip
    return (
        shape(
            f"M{x - 12:g} {y - 6:g}L{x + 12:g} {y - 6:g}L{x + 2:g} {y + 16:g}H{x - 2:g}z", "#4f7f4a"
        )
        + heads
    )


def cup(x: float, y: float, b: Bones) -> str:
    """A mug."""
    return (
        f'<rect x="{x - 6:g}" y="{y - 12:g}" width="13" height="14" rx="2.4" fill="#f0e6d2"/>'
        + line(f"M{x + 7:g} {y - 9:g}Q{x + 13:g} {y - 5:g} {x + 7:g} {y - 1:g}", "#f0e6d2", 2.4)
    )


def spyglass(x: float, y: float, b: Bones) -> str:
    """At the eye."""
    eye = b.face + 2
    return line(f"M6 {eye:g}L{x + 8:g} {eye - 4:g}", "#7a4f2c", 6) + line(
        f"M{x + 6:g} {eye - 4:g}L{x + 22:g} {eye - 6:g}", "#c79b4d", 9
    )


def spell(x: float, y: float, b: Bones) -> str:
    """Light that comes out of a hand."""
    rays = "".join(
        line(f"M{x + 6 + a * 13:g} {y - 4 + c * 13:g}L{x + 6 + a * 23:g} {y - 4 + c * 23:g}", "#bfe6ff", 2.6)
        for a, c in ((1, 0), (0.7, -0.7), (0, -1), (0.7, 0.7), (-0.7, -0.7), (0, 1))
    )  # fmt: skip
    return (
        oval(x + 6, y - 4, 30, 30, "#8fd0ff", ' opacity=".3"')
        + oval(x + 6, y - 4, 17, 17, "#a8dcff", ' opacity=".6"')
        + oval(x + 6, y - 4, 8, 8, "#f4fbff")
        + rays
    )
