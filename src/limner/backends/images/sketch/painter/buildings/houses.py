"""Small houses with lit windows and smoke."""

from random import Random

from limner.backends.images.sketch.painter.land.plants import SNOW
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import mix, rgb
from limner.backends.images.sketch.painter.surface.layer import Layer, box
from limner.backends.images.sketch.scene import Time

_WALLS = ("f0e2c6", "e3d2b4", "dcc3a2", "f3ead8", "c9d3cf")
_ROOFS = ("b5523c", "a0473a", "8a5a44", "5f6f7c", "c07a45")
LAMP = rgb("ffd27a")


def cottage(
    layer: Layer, stage: Stage, x: float, foot: float, size: float, depth: float, rng: Random
) -> tuple[float, float]:
    """A house seen from the gable's corner; returns the top of its chimney."""
    side = stage.light_side
    wall, roof = rgb(rng.choice(_WALLS)), rgb(rng.choice(_ROOFS))
    wide, high, pitch = size * rng.uniform(0.95, 1.15), size * 0.5, size * rng.uniform(0.46, 0.6)
    gable = wide * 0.42
    turn = rng.choice((-1, 1))
    a, b = x - turn * wide / 2, x - turn * (wide / 2 - gable)  # the gable's edges
    c = x + turn * wide / 2
    ridge_a, ridge_c = (a + b) / 2, c - turn * gable * 0.12
    gable_lit = 0.95 if -turn == side else 0.4
    front_lit = 0.95 if turn == side else 0.45
    chimney = (c - turn * gable * 0.6, foot - high - pitch * 1.25)
    brick = stage.seen(rgb("9a5c48"), depth=depth, lit=0.5)
    layer.polygon(box(chimney[0], chimney[1], size * 0.12, pitch * 0.9), brick)
    layer.polygon(
        [(b, foot), (b, foot - high), (c, foot - high), (c, foot)],
        stage.seen(wall, depth=depth, lit=front_lit),
    )
    layer.polygon(
        [(a, foot), (a, foot - high), (ridge_a, foot - high - pitch), (b, foot - high), (b, foot)],
        stage.seen(wall, depth=depth, lit=gable_lit),
    )
    tiles = SNOW if stage.snowy else roof
    eave = size * 0.06
    layer.polygon(
        [
            (b - turn * eave * 0.4, foot - high + eave),
            (ridge_a, foot - high - pitch - eave * 0.4),
            (ridge_c, foot - high - pitch - eave * 0.4),
            (c + turn * eave, foot - high + eave),
        ],
        stage.seen(tiles, depth=depth, lit=front_lit),
    )
    edge = stage.seen(tiles, depth=depth, lit=gable_lit * 0.7)
    layer.stroke(
        [
            (a - turn * eave, foot - high + eave),
            (ridge_a, foot - high - pitch),
        ],
        eave,
        eave,
        edge,
    )
    _openings(layer, stage, x, foot, size, depth, (a, b, c))
    return chimney


def _openings(
    layer: Layer,
    stage: Stage,
    x: float,
    foot: float,
    size: float,
    depth: float,
    walls: tuple[float, float, float],
) -> None:
    a, b, c = walls
    night = stage.scene.time is Time.NIGHT
    glass = (
        mix(LAMP, stage.tones.haze, depth * 0.25)
        if night or stage.scene.time is Time.SUNSET
        else stage.seen(rgb("6f8ba0"), depth=depth, lit=0.3)
    )
    frame = stage.seen(rgb("6b4a38"), depth=depth, lit=0.4)
    for place in (0.32, 0.72):
        wx = b + (c - b) * place
        layer.polygon(box(wx, foot - size * 0.37, size * 0.17, size * 0.19), frame)
        layer.polygon(box(wx, foot - size * 0.35, size * 0.13, size * 0.15), glass)
    door = (a + b) / 2
    layer.polygon(box(door, foot - size * 0.34, size * 0.17, size * 0.34), frame)
    layer.polygon(box(door, foot - size * 0.68, size * 0.11, size * 0.12), glass)


def smoke(canvas: Canvas, stage: Stage, x: float, y: float, size: float) -> None:
    """A plume that leans with the wind and thins out."""
    rng = stage.rng(f"smoke {x:.1f}")
    layer = Layer()
    colour = mix(stage.tones.cloud_lit, stage.tones.cloud_shade, 0.25)
    for k in range(9):
        t = k / 8
        layer.blob(
            x + size * (0.9 * t + 0.25 * rng.uniform(-1, 1) * t) * -stage.light_side,
            y - size * 1.5 * t,
            size * (0.07 + 0.18 * t),
            size * (0.06 + 0.13 * t),
            colour,
            rng,
            alpha=0.5 * (1 - t) + 0.06,
        )
    canvas.lay(layer, opacity=0.75, soft=size * 0.06, grain=0.05)
