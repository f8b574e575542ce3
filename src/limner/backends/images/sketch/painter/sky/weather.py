"""What falls and drifts between the viewer and the scene."""

import numpy as np

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import mix, rgb
from limner.backends.images.sketch.painter.surface.layer import Layer, Point
from limner.backends.images.sketch.painter.surface.noise import cloudy, smoothstep
from limner.backends.images.sketch.scene import Place, Season, Time, Weather

_SHELTERED = (Place.INTERIOR, Place.CAVE, Place.SPACE, Place.UNDERWATER)


def paint_air(canvas: Canvas, stage: Stage) -> None:
    """Rain, snow, fog, leaves in the wind; fireflies and sparks where there is magic."""
    weather = stage.scene.weather
    if stage.scene.place not in _SHELTERED:
        if weather in (Weather.RAIN, Weather.STORM):
            _rain(canvas, stage, heavy=weather is Weather.STORM)
        elif weather is Weather.SNOW:
            paint_snowfall(canvas, stage)
        elif weather is Weather.FOG:
            _fog(canvas, stage)
        elif weather is Weather.WIND:
            _leaves(canvas, stage)
    if stage.scene.mood == "magic" and stage.scene.place is not Place.SPACE:
        _sparks(canvas, stage)


def _rain(canvas: Canvas, stage: Stage, *, heavy: bool) -> None:
    rng = stage.rng("rain")
    layer = Layer()
    colour = mix(stage.tones.cloud_lit, rgb("ffffff"), 0.45)
    slant = -stage.light_side * (0.34 if heavy else 0.14)
    for _ in range(int(stage.across * (2.6 if heavy else 2.0))):
        x, y = rng.uniform(-10, stage.across + 10), rng.uniform(-5, stage.down)
        length = rng.uniform(2.0, 6.5)
        layer.stroke(
            [(x, y), (x + slant * length, y + length)], 0.1, 0.24, colour, rng.uniform(0.4, 0.9)
        )
    canvas.lay(layer, opacity=0.62, grain=0.0)


def paint_snowfall(canvas: Canvas, stage: Stage) -> None:
    """Flakes of three sizes: far, middle, near."""
    rng = stage.rng("snowfall")
    white = mix(rgb("ffffff"), stage.tones.cloud_lit, 0.25)
    for count, size, soft, opacity in (
        (2.4, 0.22, 0.0, 0.7),
        (0.8, 0.42, 0.08, 0.8),
        (0.12, 0.9, 0.35, 0.6),
    ):
        layer = Layer()
        for _ in range(int(stage.across * count)):
            r = size * rng.uniform(0.7, 1.3)
            layer.ellipse(rng.uniform(0, stage.across), rng.uniform(0, stage.down), r, r, white)
        canvas.lay(layer, opacity=opacity, soft=soft, grain=0.0)


def _fog(canvas: Canvas, stage: Stage) -> None:
    frame = canvas.frame
    drift = cloudy(
        (frame.height, frame.width),
        (frame.down / 22, frame.across / 70),
        seed=stage.number("fog"),
        octaves=3,
        coarse=4,
    )
    rows = canvas.rows[:, None]
    middle = stage.horizon + 4
    bank = np.exp(-(((rows - middle) / 17) ** 2)).astype(np.float32) * (0.62 + 0.5 * drift)
    low = smoothstep(stage.horizon, stage.down, rows) * (0.16 + 0.3 * np.clip(drift, 0, 1))
    mask = np.clip(np.maximum(bank, low), 0, 0.8).astype(np.float32)
    canvas.tint(
        mask, mix(stage.tones.haze, stage.tones.sky[3], 0.3), (0, 0, frame.width, frame.height)
    )


def _leaves(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("leaves")
    codes = (
        ("d9822f", "c9542e", "e5b03c")
        if stage.scene.season is Season.AUTUMN
        else ("8fb65a", "a3c266", "6f9a4c")
    )
    if stage.snowy:
        paint_snowfall(canvas, stage)
        return
    layer = Layer()
    for _ in range(26):
        x, y = rng.uniform(0, stage.across), rng.uniform(stage.down * 0.15, stage.down * 0.9)
        size, lean = rng.uniform(0.5, 1.2), rng.uniform(-0.6, 0.6)
        leaf: list[Point] = [
            (x - size, y + lean * size),
            (x, y - size * 0.45),
            (x + size, y - lean * size),
            (x, y + size * 0.4),
        ]
        layer.polygon(leaf, stage.seen(rgb(rng.choice(codes)), lit=0.8), 0.9)
    canvas.lay(layer, grain=0.05)


def _sparks(canvas: Canvas, stage: Stage) -> None:
    """Fireflies by night, motes of light by day."""
    rng = stage.rng("sparks")
    gold = rgb("ffe48a") if stage.scene.time is Time.NIGHT else rgb("fff6cf")
    layer = Layer()
    for _ in range(26):
        x = stage.focus + rng.gauss(0, stage.across * 0.24)
        y = stage.ground(rng.uniform(-0.5, 0.75))
        size = rng.uniform(0.2, 0.5)
        layer.ellipse(x, y, size, size, gold)
        canvas.glow(x, y, size * 7, gold, 0.5)
    canvas.lay(layer, grain=0.0, soft=0.06)
