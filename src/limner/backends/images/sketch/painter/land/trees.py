"""Trees: spruces, round crowns, poplars, birches, bare branches, palms."""

from dataclasses import dataclass
from math import cos, pi, sin
from random import Random

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.colour import Colour, mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer, Point, curve
from limner.backends.images.sketch.scene import Season

_SPRUCE = rgb("3f6b52")
_LEAVES = {
    Season.SPRING: ("8fb65a", "a3c266", "e8b6c4"),
    Season.SUMMER: ("5f9448", "719f4c", "4d8550"),
    Season.AUTUMN: ("d9822f", "c9542e", "e5b03c", "a8743a"),
    Season.WINTER: ("8b9480",),
}
_BARK = rgb("6b4a38")


@dataclass(frozen=True, slots=True)
class TreeSpot:
    """Where a tree stands.

    Attributes:
        x: Its middle.
        foot: Where it meets the ground.
        height: From there to its top.
        depth: How far away, 0 to 1.
    """

    x: float
    foot: float
    height: float
    depth: float


def plant(layer: Layer, stage: Stage, spot: TreeSpot, rng: Random, *, needles: float = 0.5) -> None:
    """Draw a tree that belongs to the place and the season; `needles` is the share of spruces."""
    own = {"palm": palm, "bamboo": bamboo}.get(stage.scene.trees or "")
    if own is not None:
        own(layer, stage, spot, rng)
    elif rng.random() < needles:
        spruce(layer, stage, spot, rng)
    elif stage.scene.season is Season.WINTER or stage.scene.mood == "spooky":
        bare(layer, stage, spot, rng)
    elif rng.random() < 0.18:
        poplar(layer, stage, spot, rng)
    else:
        crown(layer, stage, spot, rng)


def spruce(layer: Layer, stage: Stage, spot: TreeSpot, rng: Random) -> None:
    """Tiers of drooping boughs, lit from the side, with snow on them in winter."""
    x, foot, height, depth = spot.x, spot.foot, spot.height, spot.depth
    local = varied(_SPRUCE, rng.uniform(-0.03, 0.02), rng.uniform(0.8, 1.1), rng.uniform(0.9, 1.1))
    dark = stage.seen(local, depth=depth, lit=0.18)
    lit = stage.seen(varied(local, -0.03, 1.0, 1.2), depth=depth, lit=0.85)
    snow = stage.seen(rgb("f7f9fb"), depth=depth, lit=0.8)
    trunk = stage.seen(_BARK, depth=depth, lit=0.3)
    wide = height * rng.uniform(0.19, 0.25)
    layer.polygon(
        [
            (x - height * 0.018, foot - height * 0.2),
            (x + height * 0.018, foot - height * 0.2),
            (x + height * 0.026, foot),
            (x - height * 0.026, foot),
        ],
        trunk,
    )
    tiers = 5 if height < 16 else 7
    side = stage.light_side
    for k in range(tiers):
        t = (tiers - 1 - k) / (tiers - 1)  # the lowest tier first
        base = foot - height * (0.10 + 0.72 * (1 - t))
        half = wide * (0.22 + 0.78 * t) * rng.uniform(0.9, 1.08)
        top = base - height * (0.20 + 0.10 * t) if k < tiers - 1 else foot - height
        hem = _hem(x, base, half, height * 0.03, rng)
        layer.polygon([(x, top), *hem], dark)
        shift = [(px, py) for px, py in hem if (px - x) * side > -half * 0.15]
        if depth < 0.85 and shift:
            shift = [(px - side * half * 0.06, py - height * 0.014) for px, py in shift]
            layer.polygon([(x, top), *shift, (x + side * half * 0.1, base - height * 0.04)], lit)
        if stage.snowy:
            cap = [
                (x + (px - x) * 0.82, top + (py - top) * rng.uniform(0.52, 0.72)) for px, py in hem
            ]
            layer.polygon([(x, top - height * 0.004), *cap], snow)


def _hem(x: float, base: float, half: float, droop: float, rng: Random) -> list[Point]:
    points: list[Point] = []
    for k in range(9):
        t = k / 4 - 1
        sag = droop * (1.2 if k % 2 == 0 else -0.6) * rng.uniform(0.6, 1.3)
        points.append((x - t * half, base + sag - droop * 1.8 * abs(t) * (k % 8 != 0) * 0.4))
    return points


def crown(layer: Layer, stage: Stage, spot: TreeSpot, rng: Random) -> None:
    """A round crown: shadow first, then the lit masses, then single dabs of leaves."""
    x, foot, height, depth = spot.x, spot.foot, spot.height, spot.depth
    code = rng.choice(_LEAVES[stage.scene.season])
    local = varied(rgb(code), rng.uniform(-0.015, 0.015), 1.0, rng.uniform(0.92, 1.06))
    dark, lit = (
        stage.seen(local, depth=depth, lit=0.12),
        stage.seen(varied(local, -0.012, 0.95, 1.12), depth=depth, lit=1.0),
    )
    _trunk(layer, stage, spot, rng, height * 0.5)
    radius = height * rng.uniform(0.27, 0.33)
    cy = foot - height + radius * 1.05
    side = stage.light_side
    masses = _masses(x, cy, radius, rng)
    layer.blob(x, cy, radius * 0.95, radius * 0.86, dark, rng)
    masses.sort(key=lambda m: (m[0] - x) * side - (m[1] - cy))
    for mx, my, r in masses:
        facing = ((mx - x) * side * 0.6 - (my - cy) * 0.9) / radius
        tone = min(1.0, max(0.0, 0.42 + 0.5 * facing))
        layer.blob(mx, my, r, r * 0.86, mix(dark, lit, tone * 0.75), rng, rough=0.15)
        layer.blob(
            mx + side * r * 0.22,
            my - r * 0.26,
            r * 0.66,
            r * 0.5,
            mix(dark, lit, min(1.0, tone + 0.14)),
            rng,
            rough=0.2,
        )
    if depth < 0.6:
        bright = stage.seen(varied(local, -0.02, 0.9, 1.22), depth=depth, lit=1.0)
        for _ in range(22):
            mx, my, r = rng.choice(masses[len(masses) // 2 :])
            dab = r * rng.uniform(0.06, 0.12)
            layer.ellipse(
                mx + side * r * 0.3 + rng.gauss(0, r * 0.35),
                my - r * 0.3 + rng.gauss(0, r * 0.28),
                dab * 1.3,
                dab,
                bright,
            )
    if stage.snowy:
        white = stage.seen(rgb("f7f9fb"), depth=depth, lit=0.85)
        for mx, my, r in masses:
            if my < cy:
                layer.blob(mx, my - r * 0.35, r * 0.66, r * 0.34, white, rng)


def _masses(x: float, y: float, radius: float, rng: Random) -> list[tuple[float, float, float]]:
    """The clumps of leaves that make up a crown: middle across, middle down and radius."""
    masses = []
    for k in range(13):
        angle, reach = 2.4 * k + rng.uniform(-0.3, 0.3), 0.78 * ((k + 0.5) / 13) ** 0.5
        masses.append(
            (
                x + radius * reach * cos(angle) * 1.12,
                y + radius * reach * sin(angle) * 0.9,
                radius * rng.uniform(0.30, 0.44),
            )
        )
    return masses


def _trunk(layer: Layer, stage: Stage, spot: TreeSpot, rng: Random, length: float) -> None:
    x, foot, height = spot.x, spot.foot, spot.height
    lean = rng.uniform(-0.02, 0.02) * height
    line = curve([(x, foot + 0.3), (x + lean, foot - length * 0.5), (x, foot - length)], 4)
    layer.stroke(line, height * 0.07, height * 0.035, stage.seen(_BARK, depth=spot.depth, lit=0.25))
    side = stage.light_side * height * 0.014
    layer.stroke(
        [(px + side, py) for px, py in line],
        height * 0.022,
        height * 0.01,
        stage.seen(varied(_BARK, 0, 0.8, 1.5), depth=spot.depth, lit=0.9),
    )


def poplar(layer: Layer, stage: Stage, spot: TreeSpot, rng: Random) -> None:
    """A tall narrow crown."""
    x, foot, height, depth = spot.x, spot.foot, spot.height, spot.depth
    local = varied(rgb(rng.choice(_LEAVES[stage.scene.season])), rng.uniform(-0.02, 0.02))
    _trunk(layer, stage, spot, rng, height * 0.3)
    side = stage.light_side
    for share, lit in ((1.0, 0.12), (0.72, 0.55), (0.42, 1.0)):
        for k in range(5):
            y = foot - height * (0.22 + 0.16 * k)
            r = height * 0.115 * (1 - 0.35 * abs(k - 1.5) / 2.5) * share
            colour = stage.seen(local, depth=depth, lit=lit)
            layer.blob(x + side * height * 0.035 * (1 - share), y, r, height * 0.13, colour, rng)


def bare(layer: Layer, stage: Stage, spot: TreeSpot, rng: Random) -> None:
    """Branches without leaves."""
    colour = stage.seen(mix(_BARK, rgb("4a4550"), 0.4), depth=spot.depth, lit=0.25)
    snow = stage.seen(rgb("f7f9fb"), depth=spot.depth, lit=0.9) if stage.snowy else None
    _branch(
        layer,
        (spot.x, spot.foot + 0.3),
        pi / 2,
        spot.height * 0.34,
        spot.height * 0.05,
        5,
        rng,
        colour,
        snow,
    )


def _branch(
    layer: Layer,
    start: Point,
    angle: float,
    length: float,
    width: float,
    levels: int,
    rng: Random,
    colour: Colour,
    snow: Colour | None,
) -> None:
    bend = rng.uniform(-0.16, 0.16)
    middle = (start[0] + cos(angle) * length / 2, start[1] - sin(angle) * length / 2)
    end = (
        middle[0] + cos(angle + bend) * length / 2,
        middle[1] - sin(angle + bend) * length / 2,
    )
    layer.stroke([start, middle, end], width, width * 0.66, colour)
    if snow is not None and levels < 5 and abs(cos(angle)) > 0.3:
        lift = width * 0.35
        layer.stroke([(x, y - lift) for x, y in (start, middle, end)], width * 0.5, 0.1, snow)
    if levels <= 1:
        return
    for turn in (-1, 1) if levels < 5 or rng.random() < 0.5 else (-1, 0.1, 1):
        _branch(
            layer,
            end,
            angle + bend + turn * rng.uniform(0.3, 0.62),
            length * rng.uniform(0.66, 0.8),
            width * 0.64,
            levels - 1,
            rng,
            colour,
            snow,
        )


def birch(layer: Layer, stage: Stage, spot: TreeSpot, rng: Random) -> None:
    """A white trunk that leaves the picture at the top."""
    x, foot, height, depth = spot.x, spot.foot, spot.height, spot.depth
    lean = rng.uniform(-0.05, 0.05) * height
    line = curve([(x, foot), (x + lean * 0.4, foot - height / 2), (x + lean, foot - height)], 5)
    width = height * 0.045
    layer.stroke(line, width, width * 0.7, stage.seen(rgb("e9e4da"), depth=depth, lit=0.35))
    side = stage.light_side * width * 0.2
    layer.stroke(
        [(px + side, py) for px, py in line],
        width * 0.5,
        width * 0.35,
        stage.seen(rgb("fbf7ee"), depth=depth, lit=1.0),
    )
    mark = stage.seen(rgb("4a423f"), depth=depth, lit=0.2)
    for _ in range(9):
        px, py = rng.choice(line)
        y = py + rng.uniform(-3, 3)
        layer.ellipse(px + rng.uniform(-0.4, 0.4) * width, y, width * 0.28, width * 0.09, mark)


def palm(layer: Layer, stage: Stage, spot: TreeSpot, rng: Random) -> None:
    """A leaning trunk with a tuft of fronds."""
    x, foot, height, depth = spot.x, spot.foot, spot.height, spot.depth
    lean = rng.choice((-1, 1)) * height * rng.uniform(0.15, 0.3)
    top = (x + lean, foot - height * 0.82)
    line = curve([(x, foot), (x + lean * 0.35, foot - height * 0.4), top], 5)
    layer.stroke(
        line, height * 0.05, height * 0.03, stage.seen(rgb("8a6a4a"), depth=depth, lit=0.4)
    )
    for k in range(9):
        angle = pi * (0.02 + 0.96 * k / 8) + rng.uniform(-0.1, 0.1)
        reach = height * rng.uniform(0.26, 0.34)
        tip = (top[0] + reach * cos(angle), top[1] - reach * (0.75 * sin(angle) - 0.32))
        over = (
            top[0] + reach * 0.55 * cos(angle),
            top[1] - reach * 0.62 * sin(angle) - reach * 0.05,
        )
        frond = curve([top, over, tip], 5)
        lit = 0.9 if (cos(angle) > 0) == (stage.light_side > 0) else 0.25
        colour = stage.seen(rgb("5f9a4c"), depth=depth, lit=lit)
        layer.stroke(frond, height * 0.02, 0.1, colour)
        layer.polygon([*frond, (over[0], over[1] + reach * 0.16)], colour)


def bamboo(layer: Layer, stage: Stage, spot: TreeSpot, rng: Random) -> None:
    """Three canes with their joints, leaves at the top."""
    for _ in range(3):
        height = spot.height * rng.uniform(1.0, 1.7)
        x = spot.x + rng.uniform(-0.09, 0.09) * spot.height
        lean = rng.uniform(-0.06, 0.06) * height
        width = 0.028 * spot.height * rng.uniform(0.8, 1.2)
        lit = rng.uniform(0.35, 0.95)
        cane = stage.seen(rgb("7fa650"), depth=spot.depth, lit=lit)
        joint = stage.seen(rgb("54773a"), depth=spot.depth, lit=lit)
        layer.stroke([(x, spot.foot), (x + lean, spot.foot - height)], width, width * 0.7, cane)
        for k in range(1, 8):
            px, py = x + lean * k / 8, spot.foot - height * k / 8
            layer.ellipse(px, py, width * 0.62, width * 0.22, joint)
        for k in range(7):
            px, py = x + lean * (0.5 + k / 14), spot.foot - height * (0.5 + k / 14)
            reach = rng.choice((-1, 1)) * rng.uniform(0.07, 0.13) * spot.height
            leaf = [(px, py), (px + reach * 0.5, py - 0.6), (px + reach, py + abs(reach) * 0.4)]
            layer.stroke(leaf, width * 0.6, 0.1, cane)
