"""Sea, shore, lake and river."""

from math import sin

from limner.backends.images.sketch.brief import Place, Stance, Weather
from limner.backends.images.sketch.painter.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.colour import rgb, varied
from limner.backends.images.sketch.painter.hills import paint_hill, paint_mountain, paint_range, rolling
from limner.backends.images.sketch.painter.lawn import paint_grass, paint_verge
from limner.backends.images.sketch.painter.layer import Layer, Point, curve
from limner.backends.images.sketch.painter.lightning import paint_lightning
from limner.backends.images.sketch.painter.plants import ground_colour, reed, stone
from limner.backends.images.sketch.painter.scenery.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.stage import Stage
from limner.backends.images.sketch.painter.trees import Place as Spot
from limner.backends.images.sketch.painter.trees import palm, plant
from limner.backends.images.sketch.painter.water import (
    LAKE as LAKE_COLOUR,
)
from limner.backends.images.sketch.painter.water import (
    SEA as SEA_COLOUR,
)
from limner.backends.images.sketch.painter.water import (
    paint_foam_line,
    paint_glitter,
    paint_ripples,
    paint_water,
    paint_waves,
)

SAND = rgb("ecd9ae")


def _rough(stage: Stage) -> bool:
    return stage.brief.weather in (Weather.STORM, Weather.WIND)


def _sea_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    if stage.brief.weather is Weather.STORM:
        paint_lightning(canvas, stage)
    dice = stage.dice("sea")
    if dice.random() < 0.5 and not _rough(stage):
        _far_coast(canvas, stage)
    paint_water(canvas, stage, stage.horizon, stage.down, SEA_COLOUR, mirror=0.3 if _rough(stage) else 0.5)
    if _rough(stage):
        paint_waves(canvas, stage, stage.horizon, stage.down)
    else:
        paint_ripples(canvas, stage, stage.horizon, stage.down)
        paint_glitter(canvas, stage, stage.horizon, stage.down)
    for p in stage.placements:
        if p.back and p.subject.stance is Stance.GROUND:
            _rock_under(canvas, stage, p.x, p.foot, p.width)


def _far_coast(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("coast")
    left = dice.random() < 0.5
    points: list[Point] = []
    reach = stage.across * dice.uniform(0.28, 0.45)
    for k in range(14):
        t = k / 13
        x = t * reach if left else stage.across - t * reach
        points.append((x, stage.horizon - (1 - t) * dice.uniform(5, 8) * (0.8 + 0.2 * sin(9 * t))))
    edge = 0.0 if left else stage.across
    layer = Layer()
    layer.polygon([(edge, stage.horizon + 0.4), *points, (points[-1][0], stage.horizon + 0.4)], stage.seen(rgb("6f8794"), depth=0.9))
    canvas.lay(layer)


def _rock_under(canvas: Canvas, stage: Stage, x: float, foot: float, width: float) -> None:
    """A headland that rises from the sea and carries something tall."""
    dice = stage.dice(f"headland {x:.1f}")
    edge = -1 if x < stage.across / 2 else 1
    out = stage.across * (0.5 + 0.5 * edge) + edge * 6
    inner = x - edge * (width * 0.62 + 6)
    low = foot + 13
    top: list[Point] = [(out, foot - 2.5), (x + edge * width * 0.5, foot - 0.6), (x, foot), (x - edge * width * 0.48, foot + 0.4)]
    cliff: list[Point] = [(inner + edge * 3, foot + 3.0), (inner + edge * 1.2, foot + 6), (inner - edge * 1.0, foot + 9), (inner - edge * 3.5, low)]
    rock, grass = varied(rgb("8d8078"), 0, 1, 0.95), ground_colour(stage)
    layer = Layer()
    layer.polygon([*top, *cliff, (out, low)], stage.seen(rock, depth=0.22, lit=0.3))
    for _ in range(16):
        px, py = inner + (out - inner) * dice.uniform(0.02, 0.95), foot + dice.uniform(3.5, 11)
        size = dice.uniform(1.5, 4)
        lit = dice.choice((0.1, 0.55, 0.8))
        layer.polygon([(px, py), (px + size, py - size * 0.3), (px + size * 0.8, py + size * 1.3), (px - size * 0.3, py + size)], stage.seen(rock, depth=0.22, lit=lit))
    layer.polygon([*top, (inner + edge * 3, foot + 3), (x, foot + 3.6), (out, foot + 3)], stage.seen(varied(grass, 0, 0.9, 0.85), depth=0.2, lit=0.7))
    canvas.lay(layer, fade=Fade(stage.seen(rgb("4a5560"), lit=0.2), foot + 2, low, 0.6), grain=0.14)
    foam = Layer()
    white = stage.seen(rgb("f4f8f8"), lit=0.85)
    for _ in range(34 if _rough(stage) else 20):
        px = inner - edge * 4 + (out - inner) * dice.random()
        py, half = low + dice.uniform(-1.0, 0.8), dice.uniform(1.5, 5)
        foam.polygon([(px - half, py), (px, py - 0.35), (px + half, py), (px, py + 0.3)], white, 0.8)
    if _rough(stage):  # spray at the foot of the rock
        for _ in range(30):
            px, py = inner - edge * dice.gauss(2, 2.4), low - abs(dice.gauss(0, 3.2))
            size = dice.uniform(0.15, 0.6)
            foam.ellipse(px, py, size, size, white, dice.uniform(0.3, 0.9))
    canvas.lay(foam, opacity=0.8, soft=0.15)


def _sea_front(canvas: Canvas, stage: Stage) -> None:
    if any(not p.back and p.subject.stance not in (Stance.WATER, Stance.SWIMS, Stance.AIR, Stance.SKY) for p in stage.placements):
        return
    if _rough(stage):
        from limner.backends.images.sketch.painter.water import _swell

        _swell(canvas, stage, stage.down - 1.5, 0.98, 1.0)


def _sea_middle(canvas: Canvas, stage: Stage) -> None:
    """A rocky shore in front, if somebody has to stand on it."""
    standing = [p for p in stage.placements if not p.back and p.subject.stance not in (Stance.WATER, Stance.SWIMS, Stance.AIR, Stance.SKY)]
    if not standing:
        return
    dice = stage.dice("rocky shore")
    top = min(p.foot for p in standing) - 3.5
    line = rolling(top, 1.6, 60, dice)
    paint_hill(canvas, stage, line, varied(ground_colour(stage), 0, 0.8, 0.85), depth=0.05, mist=0.0)
    paint_grass(canvas, stage, density=0.2)


SEA = Scenery(_sea_back, _sea_middle, _sea_front)


def _shore_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    if stage.brief.weather is Weather.STORM:
        paint_lightning(canvas, stage)
    if stage.dice("shore").random() < 0.6:
        _far_coast(canvas, stage)
    edge = stage.ground(0.36)
    paint_water(canvas, stage, stage.horizon, edge + 4, SEA_COLOUR, mirror=0.4)
    if _rough(stage):
        paint_waves(canvas, stage, stage.horizon, edge)
    else:
        paint_ripples(canvas, stage, stage.horizon, edge, count=70)
        paint_glitter(canvas, stage, stage.horizon, edge)
    dice = stage.dice("beach")
    wet, dry = stage.seen(varied(SAND, 0, 1.2, 0.76), lit=0.7), stage.seen(SAND, lit=0.8)
    for level, colour in ((0.0, wet), (3.2, dry)):
        line = rolling(edge + level, 1.4, 80, dice)
        layer = Layer()
        layer.polygon([(x * 2.0 - 2, line(x * 2.0)) for x in range(int(stage.across / 2) + 4)] + [(stage.across + 2, stage.down + 2), (-2, stage.down + 2)], colour)
        canvas.lay(layer, fade=Fade(stage.seen(varied(SAND, 0, 1.15, 0.86), lit=0.5), edge, stage.down, 0.8), grain=0.1)
        if level == 0.0:
            paint_foam_line(canvas, stage, edge - 0.2)
            paint_foam_line(canvas, stage, edge - 4.2, swing=0.7)


def _shore_middle(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("shore middle")
    layer = Layer()
    side = 1 if stage.focus < stage.across / 2 else -1
    x = stage.across * (0.5 + side * 0.42)
    if not stage.snowy and stage.brief.weather is not Weather.STORM and dice.random() < 0.6:
        palm(layer, stage, Spot(x, stage.ground(0.52), dice.uniform(36, 46), 0.1), dice)
    for _ in range(5):
        sx = dice.uniform(0, stage.across)
        if stage.free(sx, 3):
            stone(layer, stage, sx, stage.ground(dice.uniform(0.5, 0.95)), dice.uniform(0.8, 2.2), 0.1, dice)
    for _ in range(9):
        near = dice.uniform(0.55, 0.98)
        sx = dice.uniform(0, stage.across)
        shell = rgb(dice.choice(("f6e3d0", "f0b9a0", "fff6ea")))
        layer.ellipse(sx, stage.ground(near), 0.7 * near, 0.45 * near, stage.seen(shell, lit=0.9))
    canvas.lay(layer, grain=0.08)


SHORE = Scenery(_shore_back, _shore_middle)


def _lake_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    dice = stage.dice("lake")
    paint_range(canvas, stage, stage.horizon, dice.uniform(14, 20), 0.92)
    for _ in range(2):
        paint_mountain(canvas, stage, stage.across * dice.uniform(0.1, 0.9), stage.horizon, dice.uniform(15, 23), dice.uniform(20, 30), depth=0.72, rock=rgb("7d8799"))
    paint_hill(canvas, stage, rolling(stage.horizon - 3, 2, 70, dice), varied(ground_colour(stage), 0.04, 0.9, 0.8), depth=0.6)
    layer = Layer()
    for _ in range(26):
        x = dice.uniform(0, stage.across)
        plant(layer, stage, Spot(x, stage.horizon + 0.2, dice.uniform(4, 9), 0.5), dice, needles=0.7)
    canvas.lay(layer, grain=0.06)
    paint_water(canvas, stage, stage.horizon, stage.down, LAKE_COLOUR, mirror=0.72)
    paint_ripples(canvas, stage, stage.ground(0.12), stage.down, count=70)
    paint_glitter(canvas, stage, stage.horizon, stage.down)


def _bank(canvas: Canvas, stage: Stage) -> None:
    """Land in front, high enough for whoever stands on it."""
    dry = [p for p in stage.placements if not p.back and p.subject.stance in (Stance.GROUND, Stance.TABLE, Stance.FACE)]
    dice = stage.dice("bank")
    top = min([p.foot for p in dry], default=stage.ground(0.93)) - 2.5
    paint_hill(canvas, stage, rolling(top, 1.4, 75, dice), ground_colour(stage), depth=0.02, mist=0.0)
    if dry:
        paint_grass(canvas, stage, density=0.0)


def _lake_front(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("reeds")
    layer = Layer()
    for side in (-1, 1):
        for _ in range(16):
            x = stage.across * (0.5 + side * dice.uniform(0.36, 0.52))
            if stage.free(x, 2):
                reed(layer, stage, x, stage.down + 1, dice.uniform(10, 24), dice)
    canvas.lay(layer, grain=0.05)
    paint_verge(canvas, stage)


LAKE = Scenery(_lake_back, _bank, _lake_front)


def _river_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    dice = stage.dice("river")
    grass = ground_colour(stage)
    paint_range(canvas, stage, stage.horizon - 2, dice.uniform(12, 18), 0.92)
    paint_hill(canvas, stage, rolling(stage.horizon - 6, 3, 80, dice), varied(grass, 0.05, 0.9, 0.88), depth=0.75)
    paint_hill(canvas, stage, rolling(stage.horizon, 1.2, 90, dice), grass, depth=0.45, mist=0.05, reach=60)
    end = stage.across * (0.5 - (0.16 if stage.focus > stage.across / 2 else -0.16))
    start = stage.across * (0.5 + (0.05 if stage.focus > stage.across / 2 else -0.05))
    knots_left: list[Point] = []
    knots_right: list[Point] = []
    for k in range(11):
        t = k / 10
        y = stage.horizon + 0.8 + (stage.down + 3 - stage.horizon) * t**1.8
        x = end + (start - end) * t + stage.across * 0.12 * sin(4.4 * t) * (1 - t) ** 0.5
        half = 1.0 + stage.across * 0.30 * t**1.5
        knots_left.append((x - half, y))
        knots_right.append((x + half * 0.9, y))
    _river_bed(canvas, stage, curve(knots_left, 4), curve(knots_right, 4))


def _river_bed(canvas: Canvas, stage: Stage, left: list[Point], right: list[Point]) -> None:
    shape = [*left, *right[::-1]]
    shore = Layer()
    shore.polygon([(x - 1.0, y - 0.3) for x, y in left] + [(x + 1.0, y - 0.3) for x, y in right[::-1]], stage.seen(rgb("a98f68"), depth=0.1, lit=0.35))
    canvas.lay(shore, grain=0.12)
    before = canvas.pixels.copy()
    paint_water(canvas, stage, stage.horizon + 0.8, stage.down, LAKE_COLOUR, mirror=0.55)
    paint_ripples(canvas, stage, stage.horizon + 1, stage.down, count=110)
    wet = canvas.pixels
    canvas.pixels = before
    mask = Layer()
    mask.polygon(shape, (1.0, 1.0, 1.0))
    box = mask.bounds(canvas.frame)
    if box is None:
        return
    import numpy as np

    x0, y0, x1, y1 = box
    share = np.asarray(mask.render(canvas.frame, box), dtype=np.float32)[..., 3:] / 255
    target = canvas.pixels[y0:y1, x0:x1]
    target *= 1 - share
    target += wet[y0:y1, x0:x1] * share


def _river_middle(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("river middle")
    layer = Layer()
    for side in (-1, 1):
        x = stage.across * (0.5 + side * dice.uniform(0.36, 0.46))
        plant(layer, stage, Spot(x, stage.ground(0.2), dice.uniform(26, 36), 0.2), dice, needles=0.4)
    canvas.lay(layer, grain=0.08)
    dry = [p for p in stage.placements if not p.back and p.subject.stance in (Stance.GROUND, Stance.TABLE, Stance.FACE)]
    if dry:
        _bank(canvas, stage)


RIVER = Scenery(_river_back, _river_middle, _lake_front)
PLACES = {Place.SEA: SEA, Place.SHORE: SHORE, Place.LAKE: LAKE, Place.RIVER: RIVER}
