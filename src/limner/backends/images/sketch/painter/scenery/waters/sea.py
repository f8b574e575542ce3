"""The open sea."""

from limner.backends.images.sketch.painter.land.ground import paint_grass
from limner.backends.images.sketch.painter.land.hills import (
    paint_hill,
    rolling,
)
from limner.backends.images.sketch.painter.land.plants import ground_colour
from limner.backends.images.sketch.painter.land.water import (
    SEA as SEA_COLOUR,
)
from limner.backends.images.sketch.painter.land.water import (
    paint_glitter,
    paint_ripples,
    paint_swell,
    paint_water,
    paint_waves,
)
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.scenery.waters.coast import (
    paint_far_coast,
    paint_headland,
    rough,
)
from limner.backends.images.sketch.painter.sky.lightning import paint_lightning
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import varied
from limner.backends.images.sketch.scene import Stance, Weather


def _sea_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    if stage.scene.weather is Weather.STORM:
        paint_lightning(canvas, stage)
    rng = stage.rng("sea")
    if rng.random() < 0.5 and not rough(stage):
        paint_far_coast(canvas, stage)
    paint_water(
        canvas, stage, stage.horizon, stage.down, SEA_COLOUR, mirror=0.3 if rough(stage) else 0.5
    )
    if rough(stage):
        paint_waves(canvas, stage, stage.horizon, stage.down)
    else:
        paint_ripples(canvas, stage, stage.horizon, stage.down)
        paint_glitter(canvas, stage, stage.horizon, stage.down)
    for p in stage.placements:
        if p.back and p.subject.stance is Stance.GROUND:
            paint_headland(canvas, stage, p.x, p.foot, p.width)


def _sea_middle(canvas: Canvas, stage: Stage) -> None:
    """A rocky shore in front, if somebody has to stand on it."""
    standing = [
        p
        for p in stage.placements
        if not p.back
        and not p.carried
        and p.subject.stance not in (Stance.WATER, Stance.SWIMS, Stance.AIR, Stance.SKY)
    ]
    if not standing:
        return
    rng = stage.rng("rocky shore")
    top = min(p.foot for p in standing) - 3.5
    line = rolling(top, 1.6, 60, rng)
    paint_hill(
        canvas, stage, line, varied(ground_colour(stage), 0, 0.8, 0.85), depth=0.05, mist=0.0
    )
    paint_grass(canvas, stage, density=0.2)


def _sea_front(canvas: Canvas, stage: Stage) -> None:
    if any(
        not p.back
        and not p.carried
        and p.subject.stance not in (Stance.WATER, Stance.SWIMS, Stance.AIR, Stance.SKY)
        for p in stage.placements
    ):
        return
    if rough(stage):
        paint_swell(canvas, stage, stage.down - 1.5, 0.98, 1.0)


SEA = Scenery(_sea_back, _sea_middle, _sea_front)
