"""A still lake before mountains."""

from limner.backends.images.sketch.painter.land.ground import paint_grass, paint_verge
from limner.backends.images.sketch.painter.land.hills import (
    paint_hill,
    paint_mountain,
    paint_range,
    rolling,
)
from limner.backends.images.sketch.painter.land.plants import ground_colour, reed
from limner.backends.images.sketch.painter.land.trees import TreeSpot, plant
from limner.backends.images.sketch.painter.land.water import (
    LAKE as LAKE_COLOUR,
)
from limner.backends.images.sketch.painter.land.water import (
    paint_glitter,
    paint_ripples,
    paint_water,
)
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Stance


def _lake_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    rng = stage.rng("lake")
    paint_range(canvas, stage, stage.horizon, rng.uniform(14, 20), 0.92)
    for _ in range(2):
        paint_mountain(
            canvas,
            stage,
            stage.across * rng.uniform(0.1, 0.9),
            stage.horizon,
            rng.uniform(15, 23),
            rng.uniform(20, 30),
            depth=0.72,
            rock=rgb("7d8799"),
        )
    paint_hill(
        canvas,
        stage,
        rolling(stage.horizon - 3, 2, 70, rng),
        varied(ground_colour(stage), 0.04, 0.9, 0.8),
        depth=0.6,
    )
    layer = Layer()
    for _ in range(26):
        x = rng.uniform(0, stage.across)
        plant(
            layer, stage, TreeSpot(x, stage.horizon + 0.2, rng.uniform(4, 9), 0.5), rng, needles=0.7
        )
    canvas.lay(layer, grain=0.06)
    paint_water(canvas, stage, stage.horizon, stage.down, LAKE_COLOUR, mirror=0.72)
    paint_ripples(canvas, stage, stage.ground(0.12), stage.down, count=70)
    paint_glitter(canvas, stage, stage.horizon, stage.down)


def paint_bank(canvas: Canvas, stage: Stage) -> None:
    """Land in front, high enough for whoever stands on it."""
    dry = [
        p
        for p in stage.placements
        if not p.back
        and not p.carried
        and p.subject.stance in (Stance.GROUND, Stance.TABLE, Stance.FACE)
    ]
    rng = stage.rng("bank")
    top = min([p.foot for p in dry], default=stage.ground(0.93)) - 2.5
    paint_hill(
        canvas, stage, rolling(top, 1.4, 75, rng), ground_colour(stage), depth=0.02, mist=0.0
    )
    if dry:
        paint_grass(canvas, stage, density=0.0)


def paint_reeds(canvas: Canvas, stage: Stage) -> None:
    """Reeds in the near corners, and grass."""
    rng = stage.rng("reeds")
    layer = Layer()
    for side in (-1, 1):
        for _ in range(16):
            x = stage.across * (0.5 + side * rng.uniform(0.36, 0.52))
            if stage.free(x, 2):
                reed(layer, stage, x, stage.down + 1, rng.uniform(10, 24), rng)
    canvas.lay(layer, grain=0.05)
    paint_verge(canvas, stage)


LAKE = Scenery(_lake_back, paint_bank, paint_reeds)
