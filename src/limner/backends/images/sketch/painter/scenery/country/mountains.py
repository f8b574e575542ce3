"""High mountains over an alp."""

from limner.backends.images.sketch.painter.land.ground import paint_grass, paint_plain, paint_verge
from limner.backends.images.sketch.painter.land.hills import (
    paint_hill,
    paint_mountain,
    paint_range,
    rolling,
)
from limner.backends.images.sketch.painter.land.plants import ground_colour, stone
from limner.backends.images.sketch.painter.land.trees import TreeSpot, spruce
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer


def _mountains_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    rng = stage.rng("peaks")
    rock = rgb(rng.choice(("7f8496", "8d8288", "84898c")))
    snow = 0.62 if stage.snowy else rng.uniform(0.36, 0.46)
    paint_range(canvas, stage, stage.horizon, 27, 0.95)
    middle = stage.across * (0.36 if stage.focus > stage.across / 2 else 0.64)
    peaks = [
        (middle, 44.0, 0.55),
        (middle + 40, 33.0, 0.64),
        (middle - 38, 30.0, 0.68),
        (middle + 72, 36.0, 0.7),
        (middle - 70, 36.0, 0.72),
    ]
    for x, height, depth in sorted(peaks, key=lambda p: -p[2]):
        tall = min(height * rng.uniform(0.9, 1.08), stage.horizon * 0.72)
        paint_mountain(
            canvas,
            stage,
            x + rng.uniform(-5, 5),
            stage.horizon + 2,
            tall,
            tall * rng.uniform(0.75, 0.95),
            depth=depth,
            rock=rock,
            snow=snow,
        )
    grass = ground_colour(stage)
    paint_hill(
        canvas,
        stage,
        rolling(stage.horizon - 4, 3, 70, rng),
        varied(grass, 0.05, 0.95, 0.72),
        depth=0.5,
    )
    layer = Layer()
    for _ in range(34):
        x = rng.uniform(0, stage.across)
        spruce(
            layer,
            stage,
            TreeSpot(x, stage.horizon + rng.uniform(-2.5, 1.5), rng.uniform(4, 8), 0.45),
            rng,
        )
    canvas.lay(layer, grain=0.06)
    paint_plain(
        canvas, stage, rolling(stage.horizon + 1.5, 2.0, 80, rng), varied(grass, 0.01, 0.95, 0.95)
    )


def _mountains_middle(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("alp")
    layer = Layer()
    for side in (-1, 1):
        for _ in range(2):
            x = stage.across * (0.5 + side * rng.uniform(0.36, 0.52))
            if stage.free(x, 6):
                spruce(
                    layer,
                    stage,
                    TreeSpot(x, stage.ground(rng.uniform(0.2, 0.45)), rng.uniform(22, 36), 0.15),
                    rng,
                )
    for _ in range(7):
        x, near = rng.uniform(0, stage.across), rng.uniform(0.3, 0.9)
        if stage.free(x, 3):
            stone(
                layer,
                stage,
                x,
                stage.ground(near),
                (1 + 3 * near) * rng.uniform(0.6, 1.2),
                0.2,
                rng,
            )
    canvas.lay(layer, grain=0.1)
    paint_grass(canvas, stage, density=0.6, flowers=0.25)


def _front(canvas: Canvas, stage: Stage) -> None:
    paint_verge(canvas, stage)


MOUNTAINS = Scenery(_mountains_back, _mountains_middle, _front)
