"""Arms and legs."""

from limner.backends.images.sketch.look import Look, Pose
from limner.backends.images.sketch.painter.people.cuts import cut_of
from limner.backends.images.sketch.painter.people.dyes import cloth, darker
from limner.backends.images.sketch.painter.people.frame import Bones, Point
from limner.backends.images.sketch.painter.people.pen import line, oval, shape
from limner.backends.images.sketch.painter.people.seats import tail

_BOOTS = ("armour", "tunic", "uniform", "coat", "vest")
_SHOE = "#4a3226"


def legs(look: Look, b: Bones) -> str:
    """Legs and shoes, or what is in their place."""
    if look.garment == "tail":
        return tail(look, b)
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
        else cloth(look.shoes, "brown")
        if look.shoes
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
