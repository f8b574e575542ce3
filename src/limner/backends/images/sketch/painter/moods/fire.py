"""Fires on the horizon, flames on roofs, smoke and sparks."""

from math import sin
from random import Random

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import mix, rgb
from limner.backends.images.sketch.painter.surface.layer import Layer, Point, curve
from limner.backends.images.sketch.scene import Place, Time

_NO_FIRE = (Place.INTERIOR, Place.SPACE, Place.UNDERWATER, Place.SKY, Place.CAVE)


def paint_fires(canvas: Canvas, stage: Stage) -> None:
    """Smoke rises and fires burn, where something burns or there is a battle."""
    scene = stage.scene
    if scene.place in _NO_FIRE or not (scene.burning or scene.mood == "battle"):
        return
    rng = stage.rng("fires")
    count = 6 if scene.burning else 4
    spots = [
        ((k + rng.uniform(0.2, 0.8)) / count * stage.across, stage.horizon + rng.uniform(-2, 5))
        for k in range(count)
    ]
    for x, y in spots:
        _smoke(canvas, stage, x, y, rng)
    night = scene.time is Time.NIGHT
    for x, y in spots:
        size = rng.uniform(6, 12) if scene.burning else rng.uniform(4, 7)
        canvas.glow(x, y - size * 0.4, size * 3.6, rgb("ff8a35"), 0.75 if night else 0.5)
        flame(canvas, x, y + 1, size, rng)
        flame(canvas, x + size * 0.7, y + 1.4, size * 0.6, rng)
    _sparks(canvas, stage, rng)
    canvas.glow(stage.across / 2, stage.horizon, stage.across * 0.6, rgb("ff7a30"), 0.22, flat=0.4)


def flame(canvas: Canvas, x: float, y: float, size: float, rng: Random) -> None:
    """A fire as tall as `size`, its foot at (x, y)."""
    layer = Layer()
    for share, colour in ((1.0, rgb("e0531f")), (0.7, rgb("f7952c")), (0.4, rgb("ffe07a"))):
        tall, half = size * share, size * 0.34 * share
        lean = rng.uniform(-0.15, 0.15) * size
        points: list[Point] = [
            (x - half, y),
            (x - half * 1.1, y - tall * 0.3),
            (x - half * 0.5 + lean * 0.3, y - tall * 0.55),
            (x + lean, y - tall),
            (x + half * 0.45 + lean * 0.4, y - tall * 0.6),
            (x + half * 1.1, y - tall * 0.32),
            (x + half, y),
        ]
        layer.polygon(curve(points, 4), colour)
    canvas.lay(layer, grain=0.05, soft=0.12)


def _smoke(canvas: Canvas, stage: Stage, x: float, y: float, rng: Random) -> None:
    dark = mix(rgb("2b2626"), stage.tones.shadow, 0.3)
    layer = Layer()
    drift = -stage.light_side * 0.45
    for k in range(11):
        up = k * stage.horizon / 11
        radius = 2.2 + k * 0.95
        px = x + drift * up + 2.4 * sin(k * 1.3 + x)
        layer.blob(
            px, y - 3 - up, radius * 1.2, radius, dark, rng, rough=0.2, alpha=0.6 - 0.045 * k
        )
    canvas.lay(layer, soft=1.5, grain=0.1, opacity=0.85)


def _sparks(canvas: Canvas, stage: Stage, rng: Random) -> None:
    layer = Layer()
    for _ in range(70):
        size = 0.12 + 0.3 * rng.random() ** 3
        colour = mix(rgb("ff9a3c"), rgb("ffe39a"), rng.random())
        layer.ellipse(
            rng.uniform(0, stage.across),
            rng.uniform(0.1, 0.95) * stage.down,
            size,
            size,
            colour,
            0.9,
        )
    canvas.lay(layer, grain=0.0)
