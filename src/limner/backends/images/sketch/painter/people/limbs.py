"""Arms and legs, and what hands hold."""

from limner.backends.images.sketch.look import Look, Pose
from limner.backends.images.sketch.painter.people.cuts import cut_of
from limner.backends.images.sketch.painter.people.dyes import cloth, darker
from limner.backends.images.sketch.painter.people.frame import Bones, Point
from limner.backends.images.sketch.painter.people.pen import line, oval, shade, shape

_BOOTS = ("armour", "tunic", "uniform", "coat", "vest")
_SHOE = "#4a3226"


def legs(look: Look, b: Bones) -> str:
    """Legs and shoes."""
    kind = cut_of(look).legs
    bare = f"#{look.skin}"
    cover = cloth(look.below, "brown") if kind == "trousers" else bare
    if look.garment == "spacesuit":
        cover = cloth(look.colour, "white")
    elif look.garment == "armour":
        cover = darker(cloth(look.colour, "steel"), 0.85)
    thick = (13.0 if look.woman or kind != "trousers" else 16.0) * (b.tall / 156) ** 0.6
    paths = _paths(look, b)
    parts = []
    for k, (hip, knee, foot, toe) in enumerate(paths):
        path = f"M{hip[0]:g} {hip[1]:g}Q{knee[0]:g} {knee[1]:g} {foot[0]:g} {foot[1]:g}"
        parts.append(line(path, cover if k == 0 else darker(cover, 0.9), thick))
        parts.append(_shoe(look, foot, toe, thick))
    return "".join(parts)


def _paths(look: Look, b: Bones) -> list[tuple[Point, Point, Point, float]]:
    """Of each leg: hip, knee, ankle, and where the toe points."""
    t, x, c = b.tall, b.hip * 0.5, b.crotch - 4
    left, right = (-x, c), (x, c)
    standing = [(left, (-x, c / 2), (-x, -6.0), -0.5), (right, (x, c / 2), (x, -6.0), 0.5)]
    walk = [(-x - 2, c / 2), (-x - 0.05 * t, -7.0), (x + 8, c / 2), (x + 0.07 * t, -5.0)]
    run = [(-x - 4, c / 2), (-x - 0.2 * t, -0.16 * t), (x + 0.14 * t, c * 0.6), (x + 0.1 * t, -4)]
    dance = [(-x, c / 2), (-x * 0.5, -5.0), (x + 0.1 * t, c * 0.6), (x + 0.14 * t, -0.07 * t)]
    sit = [(-x - 5, c + 2), (-x - 2, -5.0), (x + 5, c + 2), (x + 2, -5.0)]
    kneel = [(-x - 8, c + 6), (-x - 3, -8.0), (x + 16, c - 4), (x + 13, -5.0)]
    if look.pose is Pose.RIDE:
        return [((x * 0.2, c + 2), (x + 0.1 * t, c * 0.72), (x * 0.4, -0.19 * t), 0.9)]
    moved = {
        Pose.WALK: walk,
        Pose.RUN: run,
        Pose.DANCE: dance,
        Pose.SIT: sit,
        Pose.KNEEL: kneel,
    }.get(look.pose)
    if moved is None:
        return standing
    return [(left, moved[0], moved[1], -0.6), (right, moved[2], moved[3], 0.9)]


def _shoe(look: Look, foot: Point, toe: float, thick: float) -> str:
    x, y = foot
    colour = (
        "#dfe3e8"
        if look.garment == "spacesuit"
        else "#8a94a0"
        if look.garment == "armour"
        else _SHOE
    )
    if look.garment == "swimsuit" or "barefoot" in look.extras:
        return oval(x + toe * 3, y + 3, thick * 0.6, 3.6, f"#{look.skin}")
    boot = ""
    if look.garment in _BOOTS or "boots" in look.extras:
        boot = line(f"M{x:g} {y - 15:g}L{x:g} {y:g}", colour, thick + 1.5)
    return boot + shape(
        f"M{x - thick * 0.55:g} {y - 4:g}H{x + thick * 0.55:g}C{x + thick * 0.55 + toe * 7:g} {y:g} {x + thick * 0.5 + max(0, toe) * 9:g} {y + 6:g} {x:g} {y + 6:g}C{x - thick * 0.5 + min(0, toe) * 9:g} {y + 6:g} {x - thick * 0.55 + toe * 5:g} {y:g} {x - thick * 0.55:g} {y - 4:g}z",
        colour,
    )


def arm(look: Look, b: Bones, side: int) -> str:
    """One arm: -1 is the one on the left of the picture."""
    elbow, hand = b.left if side < 0 else b.right
    start = (side * (b.shoulder - b.limb * 0.42), b.neck + 9)
    sleeve = _sleeve_colour(look)
    if side > 0:
        sleeve = darker(sleeve, 0.9)
    skin = f"#{look.skin}"
    kind = cut_of(look).sleeves
    path = f"M{start[0]:g} {start[1]:g}Q{elbow[0]:g} {elbow[1]:g} {hand[0]:g} {hand[1]:g}"
    if kind in ("none", "short"):
        bare = line(path, skin if side < 0 else darker(skin, 0.95), b.limb * 0.74)
        bare += oval(*hand, b.limb * 0.43, b.limb * 0.43, skin)
        return bare + (_short_sleeve(start, elbow, sleeve, b) if kind == "short" else "")
    cuff = _wide_sleeve(elbow, hand, sleeve, side) if kind == "wide" else ""
    gloved = look.garment in ("armour", "spacesuit")
    palm = cloth(look.colour, "steel") if gloved else skin
    return line(path, sleeve, b.limb) + cuff + oval(*hand, b.limb * 0.48, b.limb * 0.48, palm)


def _short_sleeve(start: Point, elbow: Point, sleeve: str, b: Bones) -> str:
    x, y = (start[0] + elbow[0]) / 2, (start[1] + elbow[1]) / 2
    return line(f"M{start[0]:g} {start[1]:g}L{x:g} {y:g}", sleeve, b.limb * 1.06)


def _wide_sleeve(elbow: Point, hand: Point, sleeve: str, side: int) -> str:
    edge = hand[0] - side * 3
    return shape(
        f"M{elbow[0]:g} {elbow[1] - 6:g}L{edge:g} {hand[1] - 7:g}L{edge:g} {hand[1] + 15:g}"
        f"L{elbow[0] - side * 3:g} {elbow[1] + 14:g}z",
        sleeve,
    )


def _sleeve_colour(look: Look) -> str:
    if look.garment in ("skirt", "vest"):
        return cloth(look.below if look.garment == "skirt" else "white", "cream")
    return cloth(look.colour, "steel" if look.garment == "armour" else "green")


def held(look: Look, b: Bones) -> str:
    """What the hand on the right holds."""
    x, y = b.right[1]
    return {
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
    }.get(look.held, _nothing)(x, y, b)


def _nothing(x: float, y: float, b: Bones) -> str:
    return ""


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
    top = b.chin - 62
    dome = f"M{x - 56:g} {top + 26:g}C{x - 50:g} {top - 14:g} {x + 50:g} {top - 14:g} {x + 56:g} {top + 26:g}Q{x + 46:g} {top + 18:g} {x + 37:g} {top + 26:g}Q{x + 28:g} {top + 17:g} {x + 18:g} {top + 26:g}Q{x:g} {top + 16:g} {x - 18:g} {top + 26:g}Q{x - 28:g} {top + 17:g} {x - 37:g} {top + 26:g}Q{x - 46:g} {top + 18:g} {x - 56:g} {top + 26:g}z"
    return (
        line(f"M{x:g} {y + 6:g}V{top - 10:g}", "#4a3a36", 2.6)
        + shape(dome, "#c8483f")
        + shade(
            f"M{x + 18:g} {top + 26:g}Q{x + 28:g} {top + 17:g} {x + 37:g} {top + 26:g}Q{x + 46:g} {top + 18:g} {x + 56:g} {top + 26:g}C{x + 50:g} {top - 2:g} {x + 26:g} {top - 4:g} {x:g} {top - 4:g}z"
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
