"""Open country under snow."""

from math import sin

from limner.backends.images.sketch.painter.land.ground import paint_grass, paint_plain
from limner.backends.images.sketch.painter.land.hills import (
    paint_hill,
    paint_mountain,
    paint_range,
    rolling,
)
from limner.backends.images.sketch.painter.land.plants import SNOW
from limner.backends.images.sketch.painter.land.trees import TreeSpot, plant, spruce
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb
from limner.backends.images.sketch.painter.surface.layer import Layer


def _snow_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    rng = stage.rng("snowfield")
    paint_range(canvas, stage, stage.horizon - 2, rng.uniform(10, 20), 0.93)
    if rng.random() < 0.6:
        x = stage.across * (0.3 if stage.focus > stage.across / 2 else 0.7)
        paint_mountain(
            canvas, stage, x, stage.horizon, 26, 30, depth=0.72, rock=rgb("8a93a8"), snow=0.8
        )
    paint_hill(canvas, stage, rolling(stage.horizon - 5, 3, 80, rng), SNOW, depth=0.6, mist=0.3)
    layer = Layer()
    for _ in range(16):
        x = rng.uniform(0, stage.across)
        plant(
            layer,
            stage,
            TreeSpot(x, stage.horizon - rng.uniform(0, 2), rng.uniform(4, 9), 0.55),
            rng,
            needles=0.85,
        )
    canvas.lay(layer, grain=0.06)
    paint_hill(canvas, stage, rolling(stage.horizon + 0.5, 2, 95, rng), SNOW, depth=0.35, mist=0.2)
    paint_plain(canvas, stage, rolling(stage.ground(0.2), 2.2, 120, rng), SNOW, far=0.25)
    paint_footprints(canvas, stage)


def paint_footprints(canvas: Canvas, stage: Stage) -> None:
    """A trail through the snow from the lower edge to the focus."""
    rng = stage.rng("footprints")
    layer = Layer()
    blue = stage.seen(rgb("a9bddb"), lit=0.25)
    start = stage.across * (0.5 - 0.3 * (1 if stage.focus > stage.across / 2 else -1))
    for k in range(26):
        t = k / 25
        y = stage.down - (stage.down - stage.ground(0.3)) * t**0.8
        x = start + (stage.focus - start) * t + 5 * sin(4 * t)
        size = 0.9 * (1 - 0.75 * t)
        layer.blob(
            x + (1.1 if k % 2 else -1.1) * (1 - 0.7 * t),
            y,
            size,
            size * 0.42,
            blue,
            rng,
            alpha=0.8,
        )
    canvas.lay(layer, opacity=0.65, soft=0.12, grain=0.0)


def _snow_middle(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("snow middle")
    layer = Layer()
    side = 1 if stage.focus < stage.across / 2 else -1
    for k in range(3):
        x = stage.across * (0.5 + side * (0.34 + 0.07 * k)) + rng.uniform(-3, 3)
        if stage.free(x, 5):
            spruce(
                layer,
                stage,
                TreeSpot(x, stage.ground(0.25 + 0.06 * k), rng.uniform(20, 36), 0.2),
                rng,
            )
    canvas.lay(layer, grain=0.08)
    paint_grass(canvas, stage, density=0.12, flowers=0)


SNOWFIELD = Scenery(_snow_back, _snow_middle)
