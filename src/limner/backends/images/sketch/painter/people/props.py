"""What hands hold."""

from collections.abc import Callable
from types import MappingProxyType

from limner.backends.images.sketch.look import Look
from limner.backends.images.sketch.painter.people import instruments, tools
from limner.backends.images.sketch.painter.people.frame import Bones
from limner.backends.images.sketch.painter.people.pen import line, oval, shade, shape


def held(look: Look, b: Bones) -> str:
    """What the hand on the right holds."""
    x, y = b.right[1]
    draw = PROPS.get(look.held)
    return draw(x, y, b) if draw is not None else ""


def _staff(x: float, y: float, b: Bones) -> str:
    top = b.chin - 34
    return (
        line(f"M{x:g} {top:g}V-1", "#7a5433", 4.5)
        + oval(x, top - 6, 8, 8, "#7fd0e8")
        + oval(x - 2.5, top - 8.5, 2.4, 2.4, "#ffffff", ' opacity=".8"')
        + line(f"M{x - 7:g} {top:g}Q{x:g} {top + 6:g} {x + 7:g} {top:g}", "#7a5433", 3.4)
    )


def _spear(x: float, y: float, b: Bones) -> str:
    top = b.chin - 46
    return line(f"M{x:g} {top:g}V-1", "#7a5433", 3.6) + shape(
        f"M{x:g} {top - 20:g}L{x + 6:g} {top - 2:g}H{x - 6:g}z", "#c8d0d8"
    )


def _crook(x: float, y: float, b: Bones) -> str:
    top = b.chin - 14
    return line(
        f"M{x:g} -1V{top:g}C{x:g} {top - 22:g} {x + 20:g} {top - 20:g} {x + 17:g} {top - 4:g}",
        "#8a6238",
        4,
    )


def _cane(x: float, y: float, b: Bones) -> str:
    return line(f"M{x:g} -1V{y - 2:g}Q{x:g} {y - 9:g} {x - 7:g} {y - 6:g}", "#6b4528", 3.6)


def _wand(x: float, y: float, b: Bones) -> str:
    return line(f"M{x:g} {y:g}L{x + 14:g} {y - 22:g}", "#5a3b28", 3) + shape(
        f"M{x + 16:g} {y - 34:g}l3 7l7 1l-5 5l1 7l-6-4l-6 4l1-7l-5-5l7-1z", "#f4d35e"
    )


def _sword(x: float, y: float, b: Bones) -> str:
    tip = y - 0.44 * b.tall
    return (
        shape(
            f"M{x - 3.4:g} {y - 8:g}L{x - 2.6:g} {tip:g}L{x:g} {tip - 8:g}L{x + 2.6:g} {tip:g}L{x + 3.4:g} {y - 8:g}z",
            "#d5dce3",
        )
        + shade(f"M{x:g} {tip - 8:g}L{x + 2.6:g} {tip:g}L{x + 3.4:g} {y - 8:g}H{x:g}z", 0.2)
        + line(f"M{x - 9:g} {y - 7:g}H{x + 9:g}", "#c79b4d", 4)
        + line(f"M{x:g} {y - 5:g}V{y + 8:g}", "#5a3b28", 4)
    )


def _broom(x: float, y: float, b: Bones) -> str:
    return (
        line(f"M{x:g} {b.chin + 10:g}V-24", "#8a6238", 4)
        + shape(f"M{x - 4:g} -30H{x + 4:g}L{x + 10:g} 0H{x - 10:g}z", "#d3a653")
        + line(f"M{x - 5:g} -25H{x + 5:g}", "#9c3b32", 2.4)
    )


def _lantern(x: float, y: float, b: Bones) -> str:
    return (
        oval(x, y + 19, 22, 22, "#ffd27a", ' opacity=".28"')
        + line(f"M{x - 5:g} {y + 8:g}Q{x:g} {y - 3:g} {x + 5:g} {y + 8:g}", "#3b3535", 1.8)
        + f'<rect x="{x - 7:g}" y="{y + 9:g}" width="14" height="20" rx="2.5" fill="#ffdf8a" stroke="#3b3535" stroke-width="2.4"/>'
        + oval(x, y + 20, 3, 5, "#ff9d3b")
    )


def _bag(x: float, y: float, b: Bones) -> str:
    return (
        line(f"M{x - 6:g} {y + 10:g}Q{x:g} {y - 4:g} {x + 6:g} {y + 10:g}", "#5a3b28", 2)
        + f'<rect x="{x - 11:g}" y="{y + 9:g}" width="22" height="17" rx="3" fill="#8a5a34"/>'
    )


def _bow(x: float, y: float, b: Bones) -> str:
    return line(
        f"M{x - 4:g} {y - 46:g}C{x + 20:g} {y - 30:g} {x + 20:g} {y + 30:g} {x - 4:g} {y + 46:g}",
        "#7a4f2c",
        4,
    ) + line(f"M{x - 4:g} {y - 46:g}V{y + 46:g}", "#efe7d4", 1)


def _umbrella(x: float, y: float, b: Bones) -> str:
    top, m = b.chin - 62, x * 0.35  # it is held over the head
    dome = f"M{m - 56:g} {top + 26:g}C{m - 50:g} {top - 14:g} {m + 50:g} {top - 14:g} {m + 56:g} {top + 26:g}Q{m + 46:g} {top + 18:g} {m + 37:g} {top + 26:g}Q{m + 28:g} {top + 17:g} {m + 18:g} {top + 26:g}Q{m:g} {top + 16:g} {m - 18:g} {top + 26:g}Q{m - 28:g} {top + 17:g} {m - 37:g} {top + 26:g}Q{m - 46:g} {top + 18:g} {m - 56:g} {top + 26:g}z"
    return (
        line(f"M{x:g} {y + 6:g}L{m:g} {top - 10:g}", "#4a3a36", 2.6)
        + shape(dome, "#c8483f")
        + shade(
            f"M{m + 18:g} {top + 26:g}Q{m + 28:g} {top + 17:g} {m + 37:g} {top + 26:g}Q{m + 46:g} {top + 18:g} {m + 56:g} {top + 26:g}C{m + 50:g} {top - 2:g} {m + 26:g} {top - 4:g} {m:g} {top - 4:g}z"
        )
    )


def _book(x: float, y: float, b: Bones) -> str:
    return shape(
        f"M-17 {y - 13:g}Q-8 {y - 17:g} 0 {y - 12:g}Q8 {y - 17:g} 17 {y - 13:g}V{y + 7:g}Q8 {y + 3:g} 0 {y + 8:g}Q-8 {y + 3:g}-17 {y + 7:g}z",
        "#8c3b32",
    ) + shape(
        f"M-15 {y - 12:g}Q-8 {y - 15:g} 0 {y - 10:g}Q8 {y - 15:g} 15 {y - 12:g}V{y - 8:g}Q8 {y - 11:g} 0 {y - 6:g}Q-8 {y - 11:g}-15 {y - 8:g}z",
        "#f6efdc",
    )


PROPS: MappingProxyType[str, Callable[[float, float, Bones], str]] = MappingProxyType(
    {
        "staff": _staff,
        "wand": _wand,
        "sword": _sword,
        "spear": _spear,
        "crook": _crook,
        "broom": _broom,
        "lantern": _lantern,
        "bag": _bag,
        "bow": _bow,
        "umbrella": _umbrella,
        "book": _book,
        "cane": _cane,
        "violin": instruments.violin,
        "guitar": instruments.guitar,
        "flute": instruments.flute,
        "drum": instruments.drum,
        "hammer": tools.hammer,
        "axe": tools.axe,
        "pickaxe": tools.pickaxe,
        "shovel": tools.shovel,
        "fork": tools.fork,
        "rod": tools.rod,
        "ladle": tools.ladle,
        "brush": tools.brush,
        "needles": tools.needles,
        "can": tools.can,
        "bouquet": tools.bouquet,
        "cup": tools.cup,
        "spyglass": tools.spyglass,
        "spell": tools.spell,
    }
)
