"""The ground the subjects stand on: its colour, its brush marks, a path that leads in."""

from math import sin

from limner.backends.images.sketch.painter.land.hills import Line, ridge, rolling
from limner.backends.images.sketch.painter.land.plants import blades, flower, tuft
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import Colour, brighter, mix, varied
from limner.backends.images.sketch.painter.surface.layer import Layer, Point


def paint_plain(
    canvas: Canvas, stage: Stage, line: Line, local: Colour, *, far: float = 0.55
) -> None:
    """Flat ground from a far edge to the viewer, paler in the distance, deeper in front."""
    layer = Layer()
    layer.polygon(ridge(stage, line), stage.seen(local, depth=far, lit=0.85))
    near = stage.seen(varied(local, 0.015, 1.12, 0.86), lit=0.55)
    canvas.lay(layer, fade=Fade(near, stage.horizon, stage.down, 0.95), grain=0.05)
    _folds(canvas, stage, local)
    _marks(canvas, stage, local)


def _folds(canvas: Canvas, stage: Stage, local: Colour) -> None:
    """Low swells of the ground, each a little lighter along its crest."""
    rng = stage.rng("folds")
    for near in (0.16, 0.36, 0.62):
        y = stage.ground(near)
        line = rolling(y, 0.8 + 2.2 * near, 50 + 70 * near, rng)
        crest = [(k * 2.0 - 2, line(k * 2.0 - 2)) for k in range(int(stage.across / 2) + 4)]
        depth, reach = 0.5 * (1 - near), 4 + 12 * near
        layer = Layer()
        layer.polygon(
            [*crest, *[(x, py + reach) for x, py in crest[::-1]]],
            stage.seen(varied(local, -0.012, 1.0, 1.07), depth=depth, lit=0.9),
        )
        body = stage.seen(varied(local, 0.012, 1.08, 0.9), depth=depth, lit=0.55)
        canvas.lay(
            layer, fade=Fade(body, y, y + reach, 1.0), opacity=0.36, soft=0.25 + near, grain=0.03
        )


def _marks(canvas: Canvas, stage: Stage, local: Colour) -> None:
    """Broad brush marks across the ground, larger near the viewer."""
    rng = stage.rng("marks")
    layer = Layer()
    for _ in range(90):
        near = rng.random() ** 0.7
        y = stage.ground(0.06 + 0.94 * near)
        x, length = rng.uniform(-5, stage.across + 5), (2 + 13 * near) * rng.uniform(0.6, 1.4)
        depth = 0.5 * (1 - near)
        light = rng.choice((0.84, 0.92, 1.1, 1.16))
        colour = stage.seen(
            varied(local, rng.uniform(-0.02, 0.02), 1.05, light), depth=depth, lit=0.65
        )
        thick = 0.25 + 0.9 * near
        line: list[Point] = [
            (x + length * k / 4, y + 0.3 * thick * sin(k * 1.7 + x)) for k in range(5)
        ]
        layer.stroke(line[:3], 0.05, thick, colour, 0.5)
        layer.stroke(line[2:], thick, 0.05, colour, 0.5)
    canvas.lay(layer, opacity=0.55, soft=0.18, grain=0.1)


def paint_path(
    canvas: Canvas, stage: Stage, end: float, local: Colour, *, width: float = 15.0
) -> None:
    """A path that winds from the lower edge to a point on the horizon."""
    rng = stage.rng("path")
    start = stage.across * (0.5 + rng.choice((-1, 1)) * rng.uniform(0.08, 0.2))
    swing = rng.choice((-1, 1)) * stage.across * 0.11
    left: list[Point] = []
    right: list[Point] = []
    for k in range(29):
        t = k / 28  # 0 near, 1 far
        reach = (1 - t) ** 1.9
        y = stage.ground(0.035) + (stage.down + 3 - stage.ground(0.035)) * reach
        x = (
            end
            + (start - end) * (1 - t) ** 1.2
            + swing * sin(5.4 * t) * (1 - t) ** 0.8 * (t + 0.25)
        )
        half = width * reach * 0.9 + 0.35
        left.append((x - half * rng.uniform(0.93, 1.07), y))
        right.append((x + half * rng.uniform(0.93, 1.07), y))
    layer = Layer()
    edge = stage.seen(varied(local, 0, 1.1, 0.72), depth=0.2, lit=0.4)
    layer.polygon([(x - 0.5, y) for x, y in left] + [(x + 0.5, y) for x, y in right[::-1]], edge)
    layer.polygon(left + right[::-1], stage.seen(local, depth=0.2, lit=0.85))
    far = stage.seen(local, depth=0.6, lit=0.8)
    canvas.lay(
        layer,
        fade=Fade(mix(far, stage.seen(local, lit=0.5), 0.4), stage.down, stage.horizon, 0.5),
        opacity=0.9,
        grain=0.12,
        soft=0.12,
    )


def paint_grass(
    canvas: Canvas, stage: Stage, *, density: float = 1.0, flowers: float = 0.3
) -> None:
    """Tufts over the whole ground, small far away; they keep away from nothing."""
    rng = stage.rng("grass")
    layer = Layer()
    spots = sorted(rng.random() ** 0.6 for _ in range(int(1.7 * stage.across * density)))
    for near in spots:
        y = stage.ground(0.1 + 0.88 * near)
        x = rng.uniform(0, stage.across)
        tuft(layer, x, y, 0.7 + 2.9 * near, blades(stage, 0.5 * (1 - near)), rng)
        if rng.random() < flowers * 0.5:
            flower(layer, stage, x + rng.uniform(-2, 2), y, 0.35 + 0.75 * near, rng)
    canvas.lay(layer, grain=0.05)


def paint_verge(canvas: Canvas, stage: Stage, *, flowers: float = 0.4) -> None:
    """Tall grass along the lower edge, higher in the corners: the nearest thing of all."""
    rng = stage.rng("verge")
    if stage.scene.hidden:
        _curtain(canvas, stage)
    layer = Layer()
    colours = tuple(varied(c, 0.01, 1.1, 0.72) for c in blades(stage))
    step = 1.7
    for k in range(int(stage.across / step) + 2):
        x = k * step + rng.uniform(-0.6, 0.6)
        corner = abs(x / stage.across - 0.5) * 2
        tall = 2.6 + 8.5 * corner**2.4
        tuft(layer, x, stage.down + 0.6, tall * rng.uniform(0.7, 1.2), colours, rng)
        if corner > 0.45 and rng.random() < flowers * 0.5:
            flower(layer, stage, x, stage.down - tall * 0.25, 1.2 + 0.6 * corner, rng)
    canvas.lay(layer, grain=0.06)


def _curtain(canvas: Canvas, stage: Stage) -> None:
    """Grass as tall as a child, through which one sees who is behind it."""
    rng = stage.rng("curtain")
    layer = Layer()
    foot = max([p.foot for p in stage.placements if not p.back], default=stage.ground(0.8)) + 3
    for _ in range(int(stage.across * 0.9)):
        x, y = rng.uniform(0, stage.across), min(stage.down + 1, foot + rng.uniform(-2, 4))
        tall = 0.24 * stage.down * rng.uniform(0.45, 1.15)
        tuft(layer, x, y, tall, blades(stage), rng)
    canvas.lay(layer, grain=0.06)


def paint_tree_shade(canvas: Canvas, stage: Stage, x: float, foot: float, width: float) -> None:
    """The soft shadow of a crown, on the side that looks away from the light."""
    ground = canvas.sample(x, foot + 2, width * 0.4)
    layer = Layer()
    for share in (1.0, 0.6):
        middle = x - stage.light_side * width * 0.34 * share
        layer.ellipse(
            middle, foot + 0.5, width * 0.62 * share, width * 0.1 * share, brighter(ground, 0.62)
        )
    canvas.lay(layer, opacity=0.6, soft=0.5, grain=0.0)
