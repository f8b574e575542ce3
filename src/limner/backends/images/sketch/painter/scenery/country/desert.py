"""Dunes."""

from math import sin

from limner.backends.images.sketch.painter.land.hills import (
    paint_hill,
    rolling,
)
from limner.backends.images.sketch.painter.land.plants import stone
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer, curve

_SAND = rgb("e8c48a")


def _desert_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    rng = stage.rng("dunes")
    layer = Layer()
    for _ in range(3):  # table mountains
        x, half, tall = rng.uniform(0, stage.across), rng.uniform(6, 13), rng.uniform(6, 12)
        y = stage.horizon + 1
        layer.polygon(
            [
                (x - half * 1.5, y),
                (x - half, y - tall),
                (x + half * 0.9, y - tall * 0.96),
                (x + half * 1.4, y),
            ],
            stage.seen(rgb("b9795a"), depth=0.8, lit=0.5),
        )
    canvas.lay(layer, fade=Fade(stage.tones.haze, stage.horizon - 12, stage.horizon + 1, 0.7))
    for k in range(5):
        near = k / 4
        _dune(
            canvas, stage, stage.horizon + 1 + (stage.down - stage.horizon) * 0.82 * near**1.3, near
        )


def _dune(canvas: Canvas, stage: Stage, base: float, near: float) -> None:
    """A dune with one sharp crest: a lit side, and a shaded one behind a winding edge."""
    rng = stage.rng(f"dune {near:.2f}")
    peak = stage.across * rng.uniform(0.08, 0.92)
    high, spread = (4 + 8 * near) * rng.uniform(0.85, 1.15), 38 + 62 * near
    depth = 0.8 * (1 - near)
    local = varied(_SAND, -0.01 * near, 1 + 0.12 * near, 1.0)
    swell = rolling(base, 0.5 + near, 90, rng)

    def crest(x: float) -> float:
        rise: float = high * max(0.0, 1 - abs(x - peak) / spread) ** 1.7
        return swell(x) - rise

    paint_hill(canvas, stage, crest, local, depth=depth, mist=0.0, reach=16 + 26 * near)
    away = -stage.light_side
    ledge = [
        (peak + away * spread * k / 16, crest(peak + away * spread * k / 16)) for k in range(17)
    ]
    end, low = ledge[-1], base + high * 0.9 + 7 * near
    edge = curve(
        [
            end,
            (peak + away * spread * 0.62, base + high * 0.35 + 2 * near),
            (peak + away * spread * 0.26, low * 0.6 + base * 0.4),
            (peak + away * spread * 0.16, base - high * 0.25),
            ledge[0],
        ],
        6,
    )
    shade = stage.seen(varied(local, -0.012, 1.15, 0.9), depth=depth, lit=0.22)
    layer = Layer()
    layer.polygon([*ledge, *edge], shade)
    canvas.lay(layer, opacity=0.72, soft=0.14, grain=0.05)
    marks = Layer()
    for _ in range(int(16 * near)):
        x = rng.uniform(0, stage.across)
        y = crest(x) + rng.uniform(3, 14)
        ripple = [(x + k * 2.2, y + 0.3 * sin(k * 1.3 + x)) for k in range(5)]
        marks.stroke(ripple[:3], 0.04, 0.3, shade, 0.5)
        marks.stroke(ripple[2:], 0.3, 0.04, shade, 0.5)
    canvas.lay(marks, opacity=0.4, grain=0.0, soft=0.1)


def _desert_middle(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("desert middle")
    layer = Layer()
    for _ in range(3):
        x, near = rng.uniform(0, stage.across), rng.uniform(0.3, 0.7)
        if stage.free(x, 5):
            _cactus(layer, stage, x, stage.ground(near), 5 + 9 * near, 0.4 * (1 - near))
    for _ in range(5):
        x = rng.uniform(0, stage.across)
        if stage.free(x, 4):
            stone(
                layer,
                stage,
                x,
                stage.ground(rng.uniform(0.4, 0.95)),
                rng.uniform(0.8, 2.4),
                0.1,
                rng,
            )
    canvas.lay(layer, grain=0.08)


def _cactus(layer: Layer, stage: Stage, x: float, foot: float, height: float, depth: float) -> None:
    dark = stage.seen(rgb("5f8a5a"), depth=depth, lit=0.2)
    lit = stage.seen(rgb("86ad6c"), depth=depth, lit=0.95)
    side = stage.light_side
    thick = height * 0.16
    arms = [
        [(x, foot), (x, foot - height)],
        curve(
            [
                (x, foot - height * 0.38),
                (x - height * 0.26, foot - height * 0.42),
                (x - height * 0.28, foot - height * 0.72),
            ],
            5,
        ),
        curve(
            [
                (x, foot - height * 0.5),
                (x + height * 0.24, foot - height * 0.55),
                (x + height * 0.26, foot - height * 0.86),
            ],
            5,
        ),
    ]
    for arm in arms:
        wide = thick if arm is arms[0] else thick * 0.72
        layer.stroke(arm, wide, wide * 0.9, dark)
        layer.ellipse(arm[-1][0], arm[-1][1], wide * 0.46, wide * 0.5, dark)
        layer.stroke(
            [(px + side * wide * 0.22, py) for px, py in arm], wide * 0.34, wide * 0.3, lit
        )


DESERT = Scenery(_desert_back, _desert_middle)
