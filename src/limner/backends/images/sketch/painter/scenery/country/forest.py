"""A clearing in a forest: row behind row of trees, open in the middle."""

from limner.backends.images.sketch.painter.land.ground import (
    paint_grass,
    paint_path,
    paint_plain,
    paint_verge,
)
from limner.backends.images.sketch.painter.land.hills import rolling
from limner.backends.images.sketch.painter.land.plants import bush, fern, ground_colour, stone
from limner.backends.images.sketch.painter.land.trees import TreeSpot, birch, plant
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Season, Time


def _needles(stage: Stage) -> float:
    """The share of spruces; the seed decides between the kinds of forest."""
    if stage.scene.season is Season.AUTUMN:
        return 0.15
    share = stage.rng("needles").choice((0.25, 0.55, 0.9))
    return max(share, 0.75) if stage.snowy else share


def _back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    rng = stage.rng("forest")
    needles = _needles(stage)
    for row, (depth, height) in enumerate(((0.95, 30.0), (0.78, 34.0), (0.58, 38.0))):
        layer = Layer()
        base = stage.horizon - 1.5 + row * 1.8
        x = -4.0
        while x < stage.across + 4:
            open_ = abs(x - stage.focus) < 5 + 9 * row
            tall = height * rng.uniform(0.6, 1.0) * (0.55 if open_ else 1.0)
            if row < 2 or not open_:
                plant(
                    layer,
                    stage,
                    TreeSpot(x, base + rng.uniform(-0.5, 1), tall, depth),
                    rng,
                    needles=needles,
                )
            x += rng.uniform(3.4, 6.5) * (1 + 0.45 * row)
        mist = mix(stage.tones.haze, stage.tones.sky[3], 0.35)
        canvas.lay(
            layer, fade=Fade(mist, base - height * 0.75, base + 1, 0.62 - 0.1 * row), grain=0.06
        )
    if stage.scene.time is not Time.NIGHT:
        canvas.glow(stage.focus, stage.horizon - 8, 34, stage.tones.glow, 0.38)
    soil = ground_colour(stage) if stage.snowy else _soil(stage)
    paint_plain(canvas, stage, rolling(stage.horizon + 0.5, 0.8, 60, rng), soil)
    if not stage.snowy and rng.random() < 0.7:
        paint_path(canvas, stage, stage.focus, mix(rgb("c9a878"), soil, 0.25), width=13)


def _soil(stage: Stage) -> tuple[float, float, float]:
    grass = ground_colour(stage)
    leaves = rgb("c08444") if stage.scene.season is Season.AUTUMN else rgb("6f8a50")
    return mix(varied(grass, 0.01, 1.0, 0.9), leaves, 0.55)


def _middle(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("forest middle")
    needles = _needles(stage)
    layer = Layer()
    for near, tall in ((0.10, 46.0), (0.24, 62.0)):
        for side in (-1, 1):
            for _ in range(2):
                x = stage.across * (0.5 + side * rng.uniform(0.33 + near * 0.3, 0.53))
                foot = stage.ground(near + rng.uniform(-0.03, 0.05))
                if abs(x - stage.focus) < 20:
                    continue
                if needles < 0.5 and not stage.scene.trees and rng.random() < 0.45:
                    birch(layer, stage, TreeSpot(x, foot, tall * 1.3, 0.3 - near), rng)
                else:
                    plant(
                        layer,
                        stage,
                        TreeSpot(x, foot, tall * rng.uniform(0.85, 1.1), 0.34 - near),
                        rng,
                        needles=needles,
                    )
                bush(
                    layer,
                    stage,
                    x + rng.uniform(-4, 4),
                    foot + 1,
                    rng.uniform(2.5, 4),
                    0.3 - near,
                    rng,
                )
    canvas.lay(layer, grain=0.09)
    if stage.scene.season is Season.AUTUMN:
        _fallen(canvas, stage)
    paint_grass(canvas, stage, density=0.16 if stage.snowy else 0.8, flowers=0.12)


def _fallen(canvas: Canvas, stage: Stage) -> None:
    """Leaves on the ground."""
    rng = stage.rng("fallen")
    layer = Layer()
    for _ in range(220):
        near = rng.random() ** 0.7
        size = 0.25 + 0.6 * near
        code = rng.choice(("d9822f", "c9542e", "e5b03c", "a8643a"))
        colour = stage.seen(rgb(code), depth=0.4 * (1 - near), lit=rng.uniform(0.5, 1))
        layer.ellipse(
            rng.uniform(0, stage.across),
            stage.ground(0.06 + 0.94 * near),
            size,
            size * 0.42,
            colour,
        )
    canvas.lay(layer, grain=0.04)


def _front(canvas: Canvas, stage: Stage) -> None:
    """Ferns or stones in the near corners, and the grass of the edge."""
    rng = stage.rng("forest front")
    layer = Layer()
    for side in (-1, 1):
        x = stage.across * (0.5 + side * 0.46) - side * rng.uniform(0, 4)
        if not stage.free(x, 7):
            continue
        if stage.snowy:
            stone(layer, stage, x, stage.down + 1, rng.uniform(5, 8), 0.0, rng)
        else:
            for _ in range(3):
                fern(layer, stage, x + rng.uniform(-5, 5), stage.down + 2, rng.uniform(9, 14), rng)
    canvas.lay(layer, grain=0.1)
    paint_verge(canvas, stage, flowers=0.15)


FOREST = Scenery(_back, _middle, _front)
