"""A river that winds to the horizon."""

from math import sin

import numpy as np

from limner.backends.images.sketch.painter.land.ground import paint_tree_shade
from limner.backends.images.sketch.painter.land.hills import (
    paint_hill,
    paint_range,
    rolling,
)
from limner.backends.images.sketch.painter.land.plants import ground_colour
from limner.backends.images.sketch.painter.land.trees import TreeSpot, plant
from limner.backends.images.sketch.painter.land.water import (
    LAKE as LAKE_COLOUR,
)
from limner.backends.images.sketch.painter.land.water import (
    paint_ripples,
    paint_water,
)
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.scenery.waters.lake import paint_bank, paint_reeds
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer, Point, curve
from limner.backends.images.sketch.scene import Stance


def _river_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    rng = stage.rng("river")
    grass = ground_colour(stage)
    paint_range(canvas, stage, stage.horizon - 2, rng.uniform(12, 18), 0.92)
    paint_hill(
        canvas,
        stage,
        rolling(stage.horizon - 6, 3, 80, rng),
        varied(grass, 0.05, 0.9, 0.88),
        depth=0.75,
    )
    paint_hill(
        canvas, stage, rolling(stage.horizon, 1.2, 90, rng), grass, depth=0.45, mist=0.05, reach=60
    )
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
    shore.polygon(
        [(x - 1.0, y - 0.3) for x, y in left] + [(x + 1.0, y - 0.3) for x, y in right[::-1]],
        stage.seen(rgb("a98f68"), depth=0.1, lit=0.35),
    )
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
    x0, y0, x1, y1 = box
    share = np.asarray(mask.render(canvas.frame, box), dtype=np.float32)[..., 3:] / 255
    target = canvas.pixels[y0:y1, x0:x1]
    target *= 1 - share
    target += wet[y0:y1, x0:x1] * share


def _river_middle(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("river middle")
    layer = Layer()
    for side in (-1, 1):
        x = stage.across * (0.5 + side * rng.uniform(0.36, 0.46))
        paint_tree_shade(canvas, stage, x, stage.ground(0.2), 18)
        plant(
            layer, stage, TreeSpot(x, stage.ground(0.2), rng.uniform(26, 36), 0.2), rng, needles=0.4
        )
    canvas.lay(layer, grain=0.08)
    dry = [
        p
        for p in stage.placements
        if not p.back
        and not p.carried
        and p.subject.stance in (Stance.GROUND, Stance.TABLE, Stance.FACE)
    ]
    if dry:
        paint_bank(canvas, stage)


RIVER = Scenery(_river_back, _river_middle, paint_reeds)
