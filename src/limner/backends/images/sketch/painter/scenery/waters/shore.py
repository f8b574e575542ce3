"""A beach."""

from limner.backends.images.sketch.painter.land.hills import (
    rolling,
)
from limner.backends.images.sketch.painter.land.plants import stone
from limner.backends.images.sketch.painter.land.trees import TreeSpot, palm
from limner.backends.images.sketch.painter.land.water import (
    SEA as SEA_COLOUR,
)
from limner.backends.images.sketch.painter.land.water import (
    paint_foam_line,
    paint_glitter,
    paint_ripples,
    paint_water,
    paint_waves,
)
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.scenery.waters.coast import (
    SAND,
    paint_far_coast,
    paint_headland,
    rough,
)
from limner.backends.images.sketch.painter.sky.lightning import paint_lightning
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Stance, Weather


def _shore_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    if stage.scene.weather is Weather.STORM:
        paint_lightning(canvas, stage)
    if stage.rng("shore").random() < 0.6:
        paint_far_coast(canvas, stage)
    edge = stage.ground(0.36)
    paint_water(canvas, stage, stage.horizon, edge + 4, SEA_COLOUR, mirror=0.4)
    if rough(stage):
        paint_waves(canvas, stage, stage.horizon, edge)
    else:
        paint_ripples(canvas, stage, stage.horizon, edge, count=70)
        paint_glitter(canvas, stage, stage.horizon, edge)
    for p in stage.placements:
        if p.back and p.subject.stance is Stance.GROUND and p.foot < stage.horizon:
            paint_headland(canvas, stage, p.x, p.foot, p.width)
    rng = stage.rng("beach")
    wet, dry = stage.seen(varied(SAND, 0, 1.2, 0.76), lit=0.7), stage.seen(SAND, lit=0.8)
    for level, colour in ((0.0, wet), (3.2, dry)):
        line = rolling(edge + level, 1.4, 80, rng)
        layer = Layer()
        layer.polygon(
            [(x * 2.0 - 2, line(x * 2.0)) for x in range(int(stage.across / 2) + 4)]
            + [(stage.across + 2, stage.down + 2), (-2, stage.down + 2)],
            colour,
        )
        canvas.lay(
            layer,
            fade=Fade(stage.seen(varied(SAND, 0, 1.15, 0.86), lit=0.5), edge, stage.down, 0.8),
            grain=0.1,
        )
        if level == 0.0:
            paint_foam_line(canvas, stage, edge - 0.2)
            paint_foam_line(canvas, stage, edge - 4.2, swing=0.7)


def _shore_middle(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("shore middle")
    layer = Layer()
    side = 1 if stage.focus < stage.across / 2 else -1
    x = stage.across * (0.5 + side * 0.42)
    if not stage.snowy and stage.scene.weather is not Weather.STORM and rng.random() < 0.6:
        palm(layer, stage, TreeSpot(x, stage.ground(0.52), rng.uniform(36, 46), 0.1), rng)
    for _ in range(5):
        sx = rng.uniform(0, stage.across)
        if stage.free(sx, 3):
            stone(
                layer,
                stage,
                sx,
                stage.ground(rng.uniform(0.5, 0.95)),
                rng.uniform(0.8, 2.2),
                0.1,
                rng,
            )
    for _ in range(9):
        near = rng.uniform(0.55, 0.98)
        sx = rng.uniform(0, stage.across)
        shell = rgb(rng.choice(("f6e3d0", "f0b9a0", "fff6ea")))
        layer.ellipse(sx, stage.ground(near), 0.7 * near, 0.45 * near, stage.seen(shell, lit=0.9))
    canvas.lay(layer, grain=0.08)


SHORE = Scenery(_shore_back, _shore_middle)
