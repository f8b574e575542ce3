"""High and bare country: mountains, desert, snowfield, and the open sky above the clouds."""

from math import sin

from limner.backends.images.sketch.painter.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.clouds import heap, paint_cloud
from limner.backends.images.sketch.painter.colour import rgb, varied
from limner.backends.images.sketch.painter.hills import (
    paint_hill,
    paint_mountain,
    paint_range,
    rolling,
)
from limner.backends.images.sketch.painter.lawn import paint_grass, paint_plain, paint_verge
from limner.backends.images.sketch.painter.layer import Layer, Point, curve
from limner.backends.images.sketch.painter.plants import SNOW, ground_colour, stone
from limner.backends.images.sketch.painter.scenery.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.stage import Stage
from limner.backends.images.sketch.painter.trees import Place as Spot
from limner.backends.images.sketch.painter.trees import plant, spruce

_SAND = rgb("e8c48a")


def _mountains_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    dice = stage.dice("peaks")
    rock = rgb(dice.choice(("7f8496", "8d8288", "84898c")))
    snow = 0.62 if stage.snowy else dice.uniform(0.36, 0.46)
    paint_range(canvas, stage, stage.horizon, 27, 0.95)
    middle = stage.across * (0.36 if stage.focus > stage.across / 2 else 0.64)
    peaks = [(middle, 44.0, 0.55), (middle + 40, 33.0, 0.64), (middle - 38, 30.0, 0.68), (middle + 72, 36.0, 0.7), (middle - 70, 36.0, 0.72)]
    for x, height, depth in sorted(peaks, key=lambda p: -p[2]):
        tall = min(height * dice.uniform(0.9, 1.08), stage.horizon * 0.72)
        paint_mountain(canvas, stage, x + dice.uniform(-5, 5), stage.horizon + 2, tall, tall * dice.uniform(0.75, 0.95), depth=depth, rock=rock, snow=snow)
    grass = ground_colour(stage)
    paint_hill(canvas, stage, rolling(stage.horizon - 4, 3, 70, dice), varied(grass, 0.05, 0.95, 0.72), depth=0.5)
    layer = Layer()
    for _ in range(34):
        x = dice.uniform(0, stage.across)
        spruce(layer, stage, Spot(x, stage.horizon + dice.uniform(-2.5, 1.5), dice.uniform(4, 8), 0.45), dice)
    canvas.lay(layer, grain=0.06)
    paint_plain(canvas, stage, rolling(stage.horizon + 1.5, 2.0, 80, dice), varied(grass, 0.01, 0.95, 0.95))


def _mountains_middle(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("alp")
    layer = Layer()
    for side in (-1, 1):
        for _ in range(2):
            x = stage.across * (0.5 + side * dice.uniform(0.36, 0.52))
            if stage.free(x, 6):
                spruce(layer, stage, Spot(x, stage.ground(dice.uniform(0.2, 0.45)), dice.uniform(22, 36), 0.15), dice)
    for _ in range(7):
        x, near = dice.uniform(0, stage.across), dice.uniform(0.3, 0.9)
        if stage.free(x, 3):
            stone(layer, stage, x, stage.ground(near), (1 + 3 * near) * dice.uniform(0.6, 1.2), 0.2, dice)
    canvas.lay(layer, grain=0.1)
    paint_grass(canvas, stage, density=0.6, flowers=0.25)


def _front(canvas: Canvas, stage: Stage) -> None:
    paint_verge(canvas, stage)


MOUNTAINS = Scenery(_mountains_back, _mountains_middle, _front)


def _desert_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    dice = stage.dice("dunes")
    layer = Layer()
    for _ in range(3):  # table mountains
        x, half, tall = dice.uniform(0, stage.across), dice.uniform(6, 13), dice.uniform(6, 12)
        y = stage.horizon + 1
        layer.polygon([(x - half * 1.5, y), (x - half, y - tall), (x + half * 0.9, y - tall * 0.96), (x + half * 1.4, y)], stage.seen(rgb("b9795a"), depth=0.8, lit=0.5))
    canvas.lay(layer, fade=Fade(stage.tones.haze, stage.horizon - 12, stage.horizon + 1, 0.7))
    for k in range(5):
        near = k / 4
        _dune(canvas, stage, stage.horizon + 1 + (stage.down - stage.horizon) * 0.82 * near**1.3, near)


def _dune(canvas: Canvas, stage: Stage, base: float, near: float) -> None:
    """A dune with a sharp crest: one side lit, the other in shadow."""
    dice = stage.dice(f"dune {near:.2f}")
    line = rolling(base, 2.0 + 4.0 * near * (1 - 0.4 * near), 55 + 50 * near, dice)
    depth = 0.75 * (1 - near)
    local = varied(_SAND, -0.01 * near, 1 + 0.1 * near, 1.0)
    paint_hill(canvas, stage, line, local, depth=depth, mist=0.0, reach=30)
    side = -stage.light_side
    layer = Layer()
    step = 1.5
    xs = [k * step - 3 for k in range(int(stage.across / step) + 6)]
    shade = stage.seen(varied(local, -0.012, 1.2, 0.86), depth=depth, lit=0.12)
    run: list[Point] = []
    for x in [*xs, xs[-1] + step]:
        falling = (line(x + 0.5) - line(x - 0.5)) * side > 0.015
        if falling:
            run.append((x, line(x)))
        elif len(run) > 3:
            _shaded(layer, run, side, 7 + 9 * near, shade)
            run = []
        else:
            run = []
    canvas.lay(layer, opacity=0.5, soft=0.3, grain=0.08)
    marks = Layer()
    for _ in range(int(18 * near)):
        x = dice.uniform(0, stage.across)
        y = line(x) + dice.uniform(2, 12)
        marks.stroke([(x + k * 2.0, y + 0.35 * sin(k * 1.3 + x)) for k in range(5)], 0.05, 0.28, shade, 0.5)
    canvas.lay(marks, opacity=0.5, grain=0.0, soft=0.1)


def _shaded(
    layer: Layer, run: list[Point], side: float, drop: float, colour: tuple[float, float, float]
) -> None:
    """The slope under a stretch of crest that looks away from the light."""
    line = run if side > 0 else run[::-1]  # from the peak down to the trough
    (px, py), (tx, ty) = line[0], line[-1]
    fall = drop * min(1.0, abs(tx - px) / 16)
    hem = curve(
        [(px, py), (px + (tx - px) * 0.16, py + fall * 0.75), (px + (tx - px) * 0.5, ty + fall * 0.85), (tx, ty)], 6
    )
    layer.polygon([*line, *hem[::-1]], colour)


def _desert_middle(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("desert middle")
    layer = Layer()
    for _ in range(3):
        x, near = dice.uniform(0, stage.across), dice.uniform(0.3, 0.7)
        if stage.free(x, 5):
            _cactus(layer, stage, x, stage.ground(near), 5 + 9 * near, 0.4 * (1 - near))
    for _ in range(5):
        x = dice.uniform(0, stage.across)
        if stage.free(x, 4):
            stone(layer, stage, x, stage.ground(dice.uniform(0.4, 0.95)), dice.uniform(0.8, 2.4), 0.1, dice)
    canvas.lay(layer, grain=0.08)


def _cactus(layer: Layer, stage: Stage, x: float, foot: float, height: float, depth: float) -> None:
    dark = stage.seen(rgb("5f8a5a"), depth=depth, lit=0.2)
    lit = stage.seen(rgb("86ad6c"), depth=depth, lit=0.95)
    side = stage.light_side
    thick = height * 0.16
    arms = [
        [(x, foot), (x, foot - height)],
        curve([(x, foot - height * 0.38), (x - height * 0.26, foot - height * 0.42), (x - height * 0.28, foot - height * 0.72)], 5),
        curve([(x, foot - height * 0.5), (x + height * 0.24, foot - height * 0.55), (x + height * 0.26, foot - height * 0.86)], 5),
    ]
    for arm in arms:
        wide = thick if arm is arms[0] else thick * 0.72
        layer.stroke(arm, wide, wide * 0.9, dark)
        layer.ellipse(arm[-1][0], arm[-1][1], wide * 0.46, wide * 0.5, dark)
        layer.stroke([(px + side * wide * 0.22, py) for px, py in arm], wide * 0.34, wide * 0.3, lit)


DESERT = Scenery(_desert_back, _desert_middle)


def _snow_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    dice = stage.dice("snowfield")
    paint_range(canvas, stage, stage.horizon - 2, dice.uniform(10, 20), 0.93)
    if dice.random() < 0.6:
        x = stage.across * (0.3 if stage.focus > stage.across / 2 else 0.7)
        paint_mountain(canvas, stage, x, stage.horizon, 26, 30, depth=0.72, rock=rgb("8a93a8"), snow=0.8)
    paint_hill(canvas, stage, rolling(stage.horizon - 5, 3, 80, dice), SNOW, depth=0.6, mist=0.3)
    layer = Layer()
    for _ in range(16):
        x = dice.uniform(0, stage.across)
        plant(layer, stage, Spot(x, stage.horizon - dice.uniform(0, 2), dice.uniform(4, 9), 0.55), dice, needles=0.85)
    canvas.lay(layer, grain=0.06)
    paint_hill(canvas, stage, rolling(stage.horizon + 0.5, 2, 95, dice), SNOW, depth=0.35, mist=0.2)
    paint_plain(canvas, stage, rolling(stage.ground(0.2), 2.2, 120, dice), SNOW, far=0.25)
    paint_footprints(canvas, stage)


def paint_footprints(canvas: Canvas, stage: Stage) -> None:
    """A trail through the snow from the lower edge to the focus."""
    dice = stage.dice("footprints")
    layer = Layer()
    blue = stage.seen(rgb("a9bddb"), lit=0.25)
    start = stage.across * (0.5 - 0.3 * (1 if stage.focus > stage.across / 2 else -1))
    for k in range(26):
        t = k / 25
        y = stage.down - (stage.down - stage.ground(0.3)) * t**0.8
        x = start + (stage.focus - start) * t + 5 * sin(4 * t)
        size = 0.9 * (1 - 0.75 * t)
        layer.blob(x + (1.1 if k % 2 else -1.1) * (1 - 0.7 * t), y, size, size * 0.42, blue, dice, alpha=0.8)
    canvas.lay(layer, opacity=0.65, soft=0.12, grain=0.0)


def _snow_middle(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("snow middle")
    layer = Layer()
    side = 1 if stage.focus < stage.across / 2 else -1
    for k in range(3):
        x = stage.across * (0.5 + side * (0.34 + 0.07 * k)) + dice.uniform(-3, 3)
        if stage.free(x, 5):
            spruce(layer, stage, Spot(x, stage.ground(0.25 + 0.06 * k), dice.uniform(20, 36), 0.2), dice)
    canvas.lay(layer, grain=0.08)
    paint_grass(canvas, stage, density=0.12, flowers=0)


SNOWFIELD = Scenery(_snow_back, _snow_middle)


def _sky_back(canvas: Canvas, stage: Stage) -> None:
    """Above the clouds: their tops are the ground."""
    paint_heavens(canvas, stage)
    dice = stage.dice("cloud sea")
    for row in range(3):
        y = stage.horizon - 6 + row * 7
        for k in range(4):
            x = stage.across * (k + dice.uniform(0.1, 0.9)) / 4
            width = dice.uniform(50, 70)
            cloud = heap(x, y + 12, width, width * 0.3, dice)
            paint_cloud(canvas, stage, cloud, 0.8 + 0.07 * row, stage.number(f"sea of clouds {row} {k}"))


SKY = Scenery(_sky_back)
