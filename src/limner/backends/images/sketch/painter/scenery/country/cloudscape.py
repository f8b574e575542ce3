"""Above the clouds: their tops are the ground."""

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.sky.clouds import heap, paint_cloud
from limner.backends.images.sketch.painter.surface.canvas import Canvas


def _sky_back(canvas: Canvas, stage: Stage) -> None:
    """Above the clouds: their tops are the ground."""
    paint_heavens(canvas, stage)
    rng = stage.rng("cloud sea")
    for row in range(3):
        y = stage.horizon - 6 + row * 7
        for k in range(4):
            x = stage.across * (k + rng.uniform(0.1, 0.9)) / 4
            width = rng.uniform(50, 70)
            cloud = heap(x, y + 12, width, width * 0.3, rng)
            paint_cloud(
                canvas, stage, cloud, 0.8 + 0.07 * row, stage.number(f"sea of clouds {row} {k}")
            )


SKY = Scenery(_sky_back)
