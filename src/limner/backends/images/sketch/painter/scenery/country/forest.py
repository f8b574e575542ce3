"""A clearing in a forest: row behind row of trees, open in the middle."""

from limner.backends.images.sketch.painter.land.ground import (
    paint_grass,
    paint_path,
    paint_plain,
    paint_verge,
)
from limner.backends.images.sketch.painter.land.hills import rolling
from limner.backends.images.sketch.painter.land.plants import bush, fern, ground_colour, stone
from limner.backends.images.sketch.painter.land.trees import Place, birch, plant
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Season, Time


def _needles(stage: Stage) -> float:
    """The share of spruces; the seed decides between the kinds of forest."""
    if stage.brief.season is Season.AUTUMN:
        return 0.15
    share = stage.dice("needles").choice((0.25, 0.55, 0.9))
    return max(share, 0.75) if stage.snowy else share


def _back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    dice = stage.dice("forest")
    needles = _needles(stage)
    for row, (depth, height) in enumerate(((0.95, 30.0), (0.78, 34.0), (0.58, 38.0))):
        layer = Layer()
        base = stage.horizon - 1.5 + row * 1.8
        x = -4.0
        while x < stage.across + 4:
            open_ = abs(x - stage.focus) < 5 + 9 * row
            tall = height * dice.uniform(0.6, 1.0) * (0.55 if open_ else 1.0)
            if row < 2 or not open_:
                plant(
                    layer,
                    stage,
                    Place(x, base + dice.uniform(-0.5, 1), tall, depth),
                    dice,
                    needles=needles,
                )
            x += dice.uniform(3.4, 6.5) * (1 + 0.45 * row)
        mist = mix(stage.tones.haze, stage.tones.sky[3], 0.35)
        canvas.lay(
            layer, fade=Fade(mist, base - height * 0.75, base + 1, 0.62 - 0.1 * row), grain=0.06
        )
    if stage.brief.time is not Time.NIGHT:
        canvas.glow(stage.focus, stage.horizon - 8, 34, stage.tones.glow, 0.38)
    soil = ground_colour(stage) if stage.snowy else _soil(stage)
    paint_plain(canvas, stage, rolling(stage.horizon + 0.5, 0.8, 60, dice), soil)
    if not stage.snowy and dice.random() < 0.7:
        paint_path(canvas, stage, stage.focus, mix(rgb("c9a878"), soil, 0.25), width=13)


def _soil(stage: Stage) -> tuple[float, float, float]:
    grass = ground_colour(stage)
    leaves = rgb("c08444") if stage.brief.season is Season.AUTUMN else rgb("6f8a50")
    return mix(varied(grass, 0.01, 1.0, 0.9), leaves, 0.55)


def _middle(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("forest middle")
    needles = _needles(stage)
    layer = Layer()
    for near, tall in ((0.10, 46.0), (0.24, 62.0)):
        for side in (-1, 1):
            for _ in range(2):
                x = stage.across * (0.5 + side * dice.uniform(0.33 + near * 0.3, 0.53))
                foot = stage.ground(near + dice.uniform(-0.03, 0.05))
                if abs(x - stage.focus) < 20:
                    continue
                if needles < 0.5 and dice.random() < 0.45:
                    birch(layer, stage, Place(x, foot, tall * 1.3, 0.3 - near), dice)
                else:
                    plant(
                        layer,
                        stage,
                        Place(x, foot, tall * dice.uniform(0.85, 1.1), 0.34 - near),
                        dice,
                        needles=needles,
                    )
                bush(
                    layer,
                    stage,
                    x + dice.uniform(-4, 4),
                    foot + 1,
                    dice.uniform(2.5, 4),
                    0.3 - near,
                    dice,
                )
    canvas.lay(layer, grain=0.09)
    if stage.brief.season is Season.AUTUMN:
        _fallen(canvas, stage)
    paint_grass(canvas, stage, density=0.16 if stage.snowy else 0.8, flowers=0.12)


def _fallen(canvas: Canvas, stage: Stage) -> None:
    """Leaves on the ground."""
    dice = stage.dice("fallen")
    layer = Layer()
    for _ in range(220):
        near = dice.random() ** 0.7
        size = 0.25 + 0.6 * near
        code = dice.choice(("d9822f", "c9542e", "e5b03c", "a8643a"))
        colour = stage.seen(rgb(code), depth=0.4 * (1 - near), lit=dice.uniform(0.5, 1))
        layer.ellipse(
            dice.uniform(0, stage.across),
            stage.ground(0.06 + 0.94 * near),
            size,
            size * 0.42,
            colour,
        )
    canvas.lay(layer, grain=0.04)


def _front(canvas: Canvas, stage: Stage) -> None:
    """Ferns or stones in the near corners, and the grass of the edge."""
    dice = stage.dice("forest front")
    layer = Layer()
    for side in (-1, 1):
        x = stage.across * (0.5 + side * 0.46) - side * dice.uniform(0, 4)
        if not stage.free(x, 7):
            continue
        if stage.snowy:
            stone(layer, stage, x, stage.down + 1, dice.uniform(5, 8), 0.0, dice)
        else:
            for _ in range(3):
                fern(
                    layer, stage, x + dice.uniform(-5, 5), stage.down + 2, dice.uniform(9, 14), dice
                )
    canvas.lay(layer, grain=0.1)
    paint_verge(canvas, stage, flowers=0.15)


FOREST = Scenery(_back, _middle, _front)
