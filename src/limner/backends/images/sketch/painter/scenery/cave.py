"""A cave with a mouth of light."""

from math import cos, pi, sin

from limner.backends.images.sketch.painter.land.hills import paint_hill, paint_range, rolling
from limner.backends.images.sketch.painter.land.plants import ground_colour
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.sky.sky import paint_sky
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer


def _cave_back(canvas: Canvas, stage: Stage) -> None:
    """The outside seen through the mouth, then the walls around it."""
    paint_sky(canvas, stage)
    rng = stage.rng("cave")
    paint_range(canvas, stage, stage.horizon - 2, 18, 0.9)
    paint_hill(
        canvas, stage, rolling(stage.horizon - 4, 3, 70, rng), ground_colour(stage), depth=0.6
    )
    x, y = (
        stage.across * (0.5 - (0.12 if stage.focus > stage.across / 2 else -0.12)),
        stage.horizon * 0.66,
    )
    for k, (rx, ry, tone) in enumerate(((26, 30, 0.62), (36, 39, 0.4), (50, 49, 0.22))):
        _rock_ring(canvas, stage, x, y, rx, ry, tone, k)
    canvas.glow(x, stage.horizon - 6, 60, stage.tones.glow, 0.5)
    _cave_floor(canvas, stage, x)
    _dripstones(canvas, stage)
    if stage.scene.mood == "magic" or stage.rng("crystals").random() < 0.5:
        _crystals(canvas, stage)


def _rock_ring(
    canvas: Canvas, stage: Stage, x: float, y: float, rx: float, ry: float, tone: float, k: int
) -> None:
    """A wall of rock with a hole in it: drawn as two halves."""
    rng = stage.rng(f"rock ring {k}")
    colour = mix(rgb("2b2530"), mix(rgb("7a665a"), stage.tones.glow, 0.15), tone)
    top, bottom = -3.0, stage.down + 3
    arc = [(1 + rng.uniform(-0.10, 0.10)) for _ in range(25)]
    rim = [
        (x + rx * arc[j] * cos(pi * j / 24), y - ry * arc[j] * sin(pi * j / 24)) for j in range(25)
    ]
    layer = Layer()
    layer.polygon(
        [
            (stage.across + 3, bottom),
            (x + rx * 1.05, bottom),
            *rim,
            (x - rx * 1.05, bottom),
            (-3, bottom),
            (-3, top),
            (stage.across + 3, top),
        ],
        colour,
    )
    canvas.lay(layer, grain=0.2)


def _cave_floor(canvas: Canvas, stage: Stage, x: float) -> None:
    rng = stage.rng("cave floor")
    line = rolling(stage.horizon, 1.5, 60, rng)
    near, far = rgb("3a3038"), mix(rgb("8a7666"), stage.tones.glow, 0.3)
    layer = Layer()
    step = 2.0
    layer.polygon(
        [(k * step - 2, line(k * step)) for k in range(int(stage.across / step) + 4)]
        + [(stage.across + 2, stage.down + 2), (-2, stage.down + 2)],
        far,
    )
    canvas.lay(layer, fade=Fade(near, stage.horizon, stage.down, 0.92), grain=0.2)
    canvas.glow(x, stage.horizon + 8, 46, stage.tones.glow, 0.4, flat=0.4)


def _dripstones(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("dripstones")
    layer = Layer()
    for _ in range(13):
        x, long = rng.uniform(0, stage.across), rng.uniform(6, 22)
        half = long * 0.13
        dark = mix(rgb("1d1822"), rgb("4a3d44"), rng.random())
        layer.polygon(
            [
                (x - half, -1),
                (x + half, -1),
                (x + half * 0.2, long),
                (x, long + 1.5),
                (x - half * 0.3, long * 0.8),
            ],
            dark,
        )
        side = stage.light_side * half
        layer.polygon(
            [(x + side * 0.2, -1), (x + side, -1), (x + side * 0.15, long * 0.9)],
            mix(dark, stage.tones.glow, 0.2),
        )
    for side_ in (-1, 1):
        for _ in range(3):
            x = stage.across * (0.5 + side_ * rng.uniform(0.34, 0.5))
            tall = rng.uniform(8, 18)
            base = stage.ground(rng.uniform(0.1, 0.7))
            layer.polygon(
                [
                    (x - tall * 0.24, base),
                    (x - tall * 0.05, base - tall),
                    (x + tall * 0.05, base - tall * 0.96),
                    (x + tall * 0.26, base),
                ],
                mix(rgb("2a232c"), rgb("5a4a4c"), rng.random() * 0.6),
            )
    canvas.lay(layer, grain=0.18)


def _crystals(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("crystal")
    hue = rgb(rng.choice(("7fd6e8", "b48cf0", "8ce8b4")))
    for side in (-1, 1):
        x = stage.across * (0.5 + side * rng.uniform(0.3, 0.42))
        base = stage.ground(rng.uniform(0.2, 0.5))
        layer = Layer()
        for k in range(5):
            lean, tall = (k - 2) * 0.28, rng.uniform(5, 11)
            tx, half = x + (k - 2) * 1.6, 0.9
            tip = (tx + lean * tall, base - tall)
            layer.polygon(
                [
                    (tx - half, base),
                    (tip[0] - half * 0.9, tip[1] + 2),
                    tip,
                    (tip[0] + half * 0.9, tip[1] + 2),
                    (tx + half, base),
                ],
                varied(hue, 0, 1, 0.75),
            )
            layer.polygon(
                [
                    (tx, base),
                    (tip[0], tip[1] + 2),
                    tip,
                    (tip[0] + half * 0.9, tip[1] + 2),
                    (tx + half, base),
                ],
                mix(hue, (1.0, 1.0, 1.0), 0.35),
            )
        canvas.lay(layer, grain=0.05)
        canvas.glow(x, base - 5, 24, hue, 0.55)


CAVE = Scenery(_cave_back)
