"""What grows and lies on the ground: grass, flowers, bushes, reeds, stones, ferns."""

from math import cos, pi, sin
from random import Random

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.colour import Colour, mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Season

GRASS = {
    Season.SPRING: rgb("9cc468"),
    Season.SUMMER: rgb("86b25a"),
    Season.AUTUMN: rgb("b9a556"),
    Season.WINTER: rgb("a9ad8c"),
}
SNOW = rgb("f3f6fa")
_FLOWERS = {
    Season.SPRING: ("f6d54a", "ffffff", "f2a0bd", "b69ae0"),
    Season.SUMMER: ("e8524a", "ffffff", "f7c948", "6f86d6"),
    Season.AUTUMN: ("d98f3a", "b8603a", "e9cf8a"),
    Season.WINTER: (),
}


def ground_colour(stage: Stage) -> Colour:
    """Grass, or the snow on it."""
    return SNOW if stage.snowy else GRASS[stage.scene.season]


def tuft(
    layer: Layer, x: float, y: float, height: float, colours: tuple[Colour, ...], rng: Random
) -> None:
    """A few blades of grass from one root."""
    for _ in range(rng.randint(4, 7)):
        lean = rng.uniform(-0.55, 0.55) * height
        tall = height * rng.uniform(0.55, 1.0)
        root = x + rng.uniform(-0.28, 0.28) * height
        half = height * 0.045 + 0.06
        tip = (root + lean, y - tall)
        bend = (root + lean * 0.35, y - tall * 0.6)
        layer.polygon(
            [
                (root - half, y + 0.2),
                (bend[0] - half * 0.7, bend[1]),
                tip,
                (bend[0] + half * 0.7, bend[1]),
                (root + half, y + 0.2),
            ],
            rng.choice(colours),
        )


def blades(stage: Stage, depth: float = 0.0) -> tuple[Colour, ...]:
    """Three tones of grass (or of dry stalks in snow)."""
    local = rgb("b9b59a") if stage.snowy else GRASS[stage.scene.season]
    return (
        stage.seen(varied(local, 0.02, 1.15, 0.78), depth=depth, lit=0.35),
        stage.seen(varied(local, 0.0, 1.1, 0.92), depth=depth, lit=0.6),
        stage.seen(varied(local, -0.02, 1.0, 1.08), depth=depth, lit=0.95),
    )


def flower(layer: Layer, stage: Stage, x: float, y: float, size: float, rng: Random) -> None:
    """A stalk with a round blossom."""
    codes = _FLOWERS[stage.scene.season]
    if not codes or stage.snowy:
        return
    stalk = stage.seen(varied(GRASS[stage.scene.season], 0.02, 1.1, 0.7), lit=0.5)
    lean = rng.uniform(-0.4, 0.4) * size
    head = (x + lean, y - size * 2.2)
    layer.stroke([(x, y), (x + lean * 0.4, y - size), head], size * 0.18, size * 0.12, stalk)
    colour = stage.seen(rgb(rng.choice(codes)), lit=0.85)
    for k in range(5):
        angle = 2 * pi * k / 5 + lean
        layer.ellipse(
            head[0] + cos(angle) * size * 0.38,
            head[1] + sin(angle) * size * 0.32,
            size * 0.34,
            size * 0.3,
            colour,
        )
    layer.ellipse(head[0], head[1], size * 0.24, size * 0.22, stage.seen(rgb("f3b93c"), lit=0.8))


def bush(
    layer: Layer, stage: Stage, x: float, foot: float, size: float, depth: float, rng: Random
) -> None:
    """A low round shrub."""
    local = rgb("c3cbd0") if stage.snowy else varied(GRASS[stage.scene.season], 0.035, 1.2, 0.66)
    side = stage.light_side
    heads = [
        (
            x + (k / 4 - 0.5) * size * 1.5,
            foot - size * (0.5 - 0.9 * (k / 4 - 0.5) ** 2),
            size * rng.uniform(0.36, 0.48),
        )
        for k in range(5)
    ]
    for share, lit, shift in ((1.0, 0.1, 0.0), (0.75, 0.5, 0.2), (0.45, 0.95, 0.36)):
        colour = stage.seen(local, depth=depth, lit=lit)
        for hx, hy, r in heads:
            layer.blob(
                hx + side * r * shift, hy - r * shift, r * share, r * share * 0.88, colour, rng
            )


def stone(
    layer: Layer, stage: Stage, x: float, foot: float, size: float, depth: float, rng: Random
) -> None:
    """A boulder with a lit top."""
    local = varied(rgb("9a948c"), rng.uniform(-0.03, 0.05), 1.0, rng.uniform(0.85, 1.1))
    outline = [
        (
            x + size * cos(pi * k / 7) * rng.uniform(0.9, 1.08),
            foot - size * 0.72 * sin(pi * k / 7) * rng.uniform(0.85, 1.1),
        )
        for k in range(8)
    ]
    layer.polygon(outline, stage.seen(local, depth=depth, lit=0.15))
    side = stage.light_side
    top = [
        (x + (px - x) * 0.78 + side * size * 0.14, foot - (foot - py) * 0.86 - size * 0.09)
        for px, py in outline
    ]
    layer.polygon(top, stage.seen(local, depth=depth, lit=0.85))
    if stage.snowy:
        cap = [(px, min(py, foot - size * 0.42)) for px, py in outline]
        layer.polygon(cap, stage.seen(SNOW, depth=depth, lit=0.85))


def reed(layer: Layer, stage: Stage, x: float, foot: float, height: float, rng: Random) -> None:
    """A bulrush or a blade beside it."""
    lean = rng.uniform(-0.14, 0.14) * height
    colour = rng.choice(blades(stage))
    layer.stroke(
        [(x, foot), (x + lean * 0.4, foot - height * 0.6), (x + lean, foot - height)],
        0.55,
        0.16,
        colour,
    )
    if rng.random() < 0.4:
        head = stage.seen(rgb("7a4e32"), lit=0.5)
        layer.ellipse(x + lean * 0.9, foot - height * 0.93, 0.55, height * 0.1, head)


def fern(layer: Layer, stage: Stage, x: float, foot: float, size: float, rng: Random) -> None:
    """Arching fronds from one root, dark, for the near edge."""
    local = mix(varied(GRASS[stage.scene.season], 0.04, 1.2, 0.5), rgb("2d4a3a"), 0.3)
    for k in range(7):
        angle = pi * (0.1 + 0.8 * k / 6) + rng.uniform(-0.1, 0.1)
        reach = size * rng.uniform(0.75, 1.1)
        colour = stage.seen(
            varied(local, rng.uniform(-0.02, 0.02), 1, rng.uniform(0.8, 1.2)), lit=0.4
        )
        for j in range(1, 9):
            t = j / 9
            px = x + reach * t * cos(angle)
            py = foot - reach * (t * sin(angle) * 1.15 - 0.42 * t * t)
            leaf = size * 0.17 * (1 - t * 0.8)
            layer.polygon(
                [
                    (px - leaf, py + leaf * 0.7),
                    (px, py - leaf * 0.3),
                    (px + leaf, py + leaf * 0.7),
                    (px, py + leaf * 0.25),
                ],
                colour,
            )
