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
from limner.backends.images.sketch.painter.land.trees import Place, plant
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
    dice = stage.dice("meadow")
    grass = ground_colour(stage)
    paint_range(canvas, stage, stage.horizon - 3, dice.uniform(9, 16), 0.95)
    paint_hill(
        canvas,
        stage,
        rolling(stage.horizon - 8, 3.5, 90, dice),
        varied(grass, 0.05, 0.9, 0.9),
        depth=0.85,
    )
    _copse(canvas, stage, stage.horizon - 5)
    paint_hill(
        canvas,
        stage,
        rolling(stage.horizon - 3, 2.2, 70, dice),
        varied(grass, 0.03, 1.0, 0.96),
        depth=0.62,
    )
    if not stage.placements:
        _farm(canvas, stage)
    paint_plain(canvas, stage, rolling(stage.horizon + 1.5, 1.2, 110, dice), grass)
    if dice.random() < 0.75:
        end = stage.across * (0.3 if stage.focus > stage.across / 2 else 0.7)
        earth = mix(rgb("d9bd8f"), grass, 0.15 if not stage.snowy else 0.75)
        paint_path(canvas, stage, end, earth)


def _copse(canvas: Canvas, stage: Stage, base: float) -> None:
    """Groups of far trees and hedges."""
    dice = stage.dice("copse")
    layer = Layer()
    for _ in range(4):
        x = dice.uniform(0, stage.across)
        for _ in range(dice.randint(3, 6)):
            spot = Place(x + dice.gauss(0, 5), base + dice.uniform(0, 2), dice.uniform(4, 7), 0.72)
            plant(layer, stage, spot, dice, needles=0.25)
    canvas.lay(layer, grain=0.05)


def _farm(canvas: Canvas, stage: Stage) -> None:
    """A small house in the distance, when nobody else is there."""
    dice = stage.dice("farm")
    layer = Layer()
    x = stage.across * (0.3 if stage.focus > stage.across / 2 else 0.7) + dice.uniform(3, 7)
    cottage(layer, stage, x, stage.horizon + 2.5, 7.5, 0.42, dice)
    canvas.lay(layer)


def _middle(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("meadow middle")
    layer = Layer()
    side = 1 if stage.focus < stage.across / 2 else -1
    x = stage.across * (0.5 + side * dice.uniform(0.34, 0.42))
    height = dice.uniform(30, 40)
    needles = 0.5 if stage.brief.season is Season.WINTER else 0.12
    if stage.free(x, 8) or not stage.placements:
        paint_tree_shade(canvas, stage, x, stage.ground(0.22), height * 0.6)
        plant(layer, stage, Place(x, stage.ground(0.22), height, 0.2), dice, needles=needles)
        for k in (-1, 1):
            bush(
                layer,
                stage,
                x + k * dice.uniform(4, 7),
                stage.ground(0.24),
                dice.uniform(3, 4.5),
                0.2,
                dice,
            )
    canvas.lay(layer, grain=0.08)
    paint_grass(canvas, stage, density=0.5 if stage.snowy else 1.0)


def _front(canvas: Canvas, stage: Stage) -> None:
    paint_verge(canvas, stage)


MEADOW = Scenery(_back, _middle, _front)
