"""Open country: hills behind hills, a path, a lonely tree."""

from limner.backends.images.sketch.painter.buildings.houses import cottage
from limner.backends.images.sketch.painter.land.ground import (
    paint_grass,
    paint_path,
    paint_plain,
    paint_tree_shade,
    paint_verge,
)
from limner.backends.images.sketch.painter.land.hills import paint_hill, paint_range, rolling
from limner.backends.images.sketch.painter.land.plants import bush, ground_colour
from limner.backends.images.sketch.painter.land.trees import TreeSpot, plant
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.sky.clouds import paint_clouds
from limner.backends.images.sketch.painter.sky.sky import paint_sky
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Season


def paint_heavens(canvas: Canvas, stage: Stage) -> None:
    """The sky with its clouds."""
    paint_sky(canvas, stage)
    paint_clouds(canvas, stage)


def _back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    rng = stage.rng("meadow")
    grass = ground_colour(stage)
    paint_range(canvas, stage, stage.horizon - 3, rng.uniform(9, 16), 0.95)
    paint_hill(
        canvas,
        stage,
        rolling(stage.horizon - 8, 3.5, 90, rng),
        varied(grass, 0.05, 0.9, 0.9),
        depth=0.85,
    )
    _copse(canvas, stage, stage.horizon - 5)
    paint_hill(
        canvas,
        stage,
        rolling(stage.horizon - 3, 2.2, 70, rng),
        varied(grass, 0.03, 1.0, 0.96),
        depth=0.62,
    )
    if not stage.placements:
        _farm(canvas, stage)
    paint_plain(canvas, stage, rolling(stage.horizon + 1.5, 1.2, 110, rng), grass)
    if rng.random() < 0.75:
        end = stage.across * (0.3 if stage.focus > stage.across / 2 else 0.7)
        earth = mix(rgb("d9bd8f"), grass, 0.15 if not stage.snowy else 0.75)
        paint_path(canvas, stage, end, earth)


def _copse(canvas: Canvas, stage: Stage, base: float) -> None:
    """Groups of far trees and hedges."""
    rng = stage.rng("copse")
    layer = Layer()
    for _ in range(4):
        x = rng.uniform(0, stage.across)
        for _ in range(rng.randint(3, 6)):
            spot = TreeSpot(x + rng.gauss(0, 5), base + rng.uniform(0, 2), rng.uniform(4, 7), 0.72)
            plant(layer, stage, spot, rng, needles=0.25)
    canvas.lay(layer, grain=0.05)


def _farm(canvas: Canvas, stage: Stage) -> None:
    """A small house in the distance, when nobody else is there."""
    rng = stage.rng("farm")
    layer = Layer()
    x = stage.across * (0.3 if stage.focus > stage.across / 2 else 0.7) + rng.uniform(3, 7)
    cottage(layer, stage, x, stage.horizon + 2.5, 7.5, 0.42, rng)
    canvas.lay(layer)


def _middle(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("meadow middle")
    layer = Layer()
    side = 1 if stage.focus < stage.across / 2 else -1
    x = stage.across * (0.5 + side * rng.uniform(0.34, 0.42))
    height = rng.uniform(30, 40)
    needles = 0.5 if stage.scene.season is Season.WINTER else 0.12
    if stage.free(x, 8) or not stage.placements:
        paint_tree_shade(canvas, stage, x, stage.ground(0.22), height * 0.6)
        plant(layer, stage, TreeSpot(x, stage.ground(0.22), height, 0.2), rng, needles=needles)
        for k in (-1, 1):
            bush(
                layer,
                stage,
                x + k * rng.uniform(4, 7),
                stage.ground(0.24),
                rng.uniform(3, 4.5),
                0.2,
                rng,
            )
    canvas.lay(layer, grain=0.08)
    paint_grass(canvas, stage, density=0.5 if stage.snowy else 1.0)


def _front(canvas: Canvas, stage: Stage) -> None:
    paint_verge(canvas, stage)


MEADOW = Scenery(_back, _middle, _front)
