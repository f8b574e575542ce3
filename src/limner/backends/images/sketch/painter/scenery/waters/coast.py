"""What sea and shore share: far land, rough water, a headland that carries a tower."""

from math import sin

from limner.backends.images.sketch.painter.land.plants import ground_colour
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer, Point
from limner.backends.images.sketch.scene import Weather

SAND = rgb("ecd9ae")


def rough(stage: Stage) -> bool:
    """The weather moves the water."""
    return stage.scene.weather in (Weather.STORM, Weather.WIND)


def paint_far_coast(canvas: Canvas, stage: Stage) -> None:
    """A strip of land on the horizon, from one side."""
    rng = stage.rng("coast")
    left = rng.random() < 0.5
    points: list[Point] = []
    reach = stage.across * rng.uniform(0.28, 0.45)
    for k in range(14):
        t = k / 13
        x = t * reach if left else stage.across - t * reach
        points.append((x, stage.horizon - (1 - t) * rng.uniform(5, 8) * (0.8 + 0.2 * sin(9 * t))))
    edge = 0.0 if left else stage.across
    layer = Layer()
    layer.polygon(
        [(edge, stage.horizon + 0.4), *points, (points[-1][0], stage.horizon + 0.4)],
        stage.seen(rgb("6f8794"), depth=0.9),
    )
    canvas.lay(layer)


def paint_headland(canvas: Canvas, stage: Stage, x: float, foot: float, width: float) -> None:
    """A headland that rises from the sea and carries something tall."""
    rng = stage.rng(f"headland {x:.1f}")
    edge = -1 if x < stage.across / 2 else 1
    out = stage.across * (0.5 + 0.5 * edge) + edge * 6
    inner = x - edge * (width * 0.62 + 6)
    low = max(foot + 13, stage.ground(0.3))
    rise = (low - foot) / 13
    top: list[Point] = [
        (out, foot - 2.5),
        (x + edge * width * 0.5, foot - 0.6),
        (x, foot),
        (x - edge * width * 0.48, foot + 0.4),
    ]
    cliff: list[Point] = [
        (inner + edge * 3, foot + 3.0 * rise),
        (inner + edge * 1.2, foot + 6 * rise),
        (inner - edge * 1.0, foot + 9 * rise),
        (inner - edge * 3.5, low),
    ]
    rock, grass = varied(rgb("8d8078"), 0, 1, 0.95), ground_colour(stage)
    layer = Layer()
    layer.polygon([*top, *cliff, (out, low)], stage.seen(rock, depth=0.22, lit=0.3))
    for _ in range(26):
        px, py = (
            inner + (out - inner) * rng.uniform(0.02, 0.95),
            foot + rng.uniform(3.5, 11.5) * rise,
        )
        size = rng.uniform(1.5, 4)
        lit = rng.choice((0.1, 0.55, 0.8))
        layer.polygon(
            [
                (px, py),
                (px + size, py - size * 0.3),
                (px + size * 0.8, py + size * 1.3),
                (px - size * 0.3, py + size),
            ],
            stage.seen(rock, depth=0.22, lit=lit),
        )
    layer.polygon(
        [*top, (inner + edge * 3, foot + 3), (x, foot + 3.6), (out, foot + 3)],
        stage.seen(varied(grass, 0, 0.9, 0.85), depth=0.2, lit=0.7),
    )
    canvas.lay(layer, fade=Fade(stage.seen(rgb("4a5560"), lit=0.2), foot + 2, low, 0.6), grain=0.14)
    foam = Layer()
    white = stage.seen(rgb("f4f8f8"), lit=0.85)
    for _ in range(34 if rough(stage) else 20):
        px = inner - edge * 4 + (out - inner) * rng.random()
        py, half = low + rng.uniform(-1.0, 0.8), rng.uniform(1.5, 5)
        foam.polygon(
            [(px - half, py), (px, py - 0.35), (px + half, py), (px, py + 0.3)], white, 0.8
        )
    if rough(stage):  # spray at the foot of the rock
        for _ in range(30):
            px, py = inner - edge * rng.gauss(2, 2.4), low - abs(rng.gauss(0, 3.2))
            size = rng.uniform(0.15, 0.6)
            foam.ellipse(px, py, size, size, white, rng.uniform(0.3, 0.9))
    canvas.lay(foam, opacity=0.8, soft=0.15)
