"""A market along a street: stalls with striped roofs, and people in the distance."""

from random import Random

from limner.backends.images.sketch.painter.buildings.lamplight import WARM
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Time, Weather

_CLOTH = ("c2503f", "3f7f8a", "d09a3c", "5c7f4c", "94607e")
_GOODS = ("d94f3c", "f0a23c", "8fae4a", "e8d27a", "b0683c", "9a5a9a")


def paint_market(canvas: Canvas, stage: Stage) -> None:
    """Two or three stalls on either side, and passers-by if nobody else is there."""
    rng = stage.rng("market")
    _passers_by(canvas, stage)
    if stage.scene.weather is Weather.STORM:
        return
    for near in (0.16, 0.34):
        for side in (-1, 1):
            x = stage.across * (0.5 + side * (0.20 + 0.55 * near)) + rng.uniform(-3, 3)
            size = 9 + 30 * near
            if stage.free(x, size * 0.3) and rng.random() < 0.8:
                _stall(canvas, stage, x, stage.ground(near), size, 0.4 * (1 - 2 * near), rng)


def _stall(
    canvas: Canvas, stage: Stage, x: float, foot: float, size: float, depth: float, rng: Random
) -> None:
    wood, dark = rgb("9a7048"), rgb("5a4030")
    cloth, cream = rgb(rng.choice(_CLOTH)), rgb("f6ead2")
    half, top = size * 0.5, foot - size * 0.95
    layer = Layer()
    for side in (-1, 1):
        post = [(x + side * half * 0.92, foot), (x + side * half * 0.92, top)]
        layer.stroke(post, size * 0.04, size * 0.04, stage.seen(dark, depth=depth, lit=0.4))
    layer.polygon(
        [
            (x - half, foot - size * 0.36),
            (x + half, foot - size * 0.36),
            (x + half, foot),
            (x - half, foot),
        ],
        stage.seen(wood, depth=depth, lit=0.55),
    )
    for k in range(5):
        px = x - half + size * (k + 0.5) / 5
        layer.polygon(
            [
                (px - 0.1, foot - size * 0.36),
                (px + 0.1, foot - size * 0.36),
                (px + 0.1, foot),
                (px - 0.1, foot),
            ],
            stage.seen(dark, depth=depth, lit=0.3),
        )
    for _ in range(26):
        colour = stage.seen(rgb(rng.choice(_GOODS)), depth=depth, lit=rng.uniform(0.5, 1))
        gx = x + rng.uniform(-0.9, 0.9) * half
        layer.ellipse(gx, foot - size * rng.uniform(0.37, 0.47), size * 0.045, size * 0.042, colour)
    for k in range(8):
        a, b = -1 + k / 4, -1 + (k + 1) / 4
        colour = stage.seen(cloth if k % 2 == 0 else cream, depth=depth, lit=0.85)
        hem = top + size * 0.25
        layer.polygon(
            [
                (x + a * half * 0.9, top),
                (x + b * half * 0.9, top),
                (x + b * half * 1.12, hem),
                (x + (a + b) / 2 * half * 1.12, hem + size * 0.06),
                (x + a * half * 1.12, hem),
            ],
            colour,
        )
    canvas.lay(layer, grain=0.08)
    if stage.scene.time in (Time.NIGHT, Time.SUNSET):
        canvas.glow(x, foot - size * 0.55, size * 0.9, WARM, 0.6)


def _passers_by(canvas: Canvas, stage: Stage) -> None:
    """Small figures far down the street."""
    rng = stage.rng("passers-by")
    layer = Layer()
    count = 5 if stage.placements else 11
    for near in sorted(rng.uniform(0.02, 0.3) for _ in range(count)):
        x = stage.across * (0.5 + rng.uniform(-0.14, 0.14) * (0.6 + 2 * near))
        if not stage.free(x, 1):
            continue
        foot, tall, depth = stage.ground(near), 3.6 + 22 * near, 0.6 - 1.4 * near
        coat = varied(rgb(rng.choice((*_CLOTH, "5f6f80", "6b4a38"))), 0, 0.9, 0.85)
        body, skin = stage.seen(coat, depth=depth, lit=0.5), stage.seen(rgb("e0b08c"), depth=depth)
        hair = stage.seen(rgb(rng.choice(("4a3426", "8a5a34", "2e2a2a"))), depth=depth, lit=0.4)
        legs = stage.seen(rgb("4a4450"), depth=depth, lit=0.3)
        step = tall * rng.uniform(0.03, 0.09)
        for side in (-1, 1):
            layer.stroke(
                [(x + side * tall * 0.03, foot - tall * 0.42), (x + side * step, foot)],
                tall * 0.075,
                tall * 0.06,
                legs,
            )
        layer.polygon(
            [
                (x - tall * 0.08, foot - tall * 0.8),
                (x + tall * 0.08, foot - tall * 0.8),
                (x + tall * 0.14, foot - tall * 0.32),
                (x - tall * 0.14, foot - tall * 0.32),
            ],
            body,
        )
        for side in (-1, 1):
            layer.stroke(
                [
                    (x + side * tall * 0.08, foot - tall * 0.77),
                    (x + side * tall * 0.14, foot - tall * 0.45),
                ],
                tall * 0.06,
                tall * 0.045,
                varied(body, 0, 1, 0.9),
            )
        layer.ellipse(x, foot - tall * 0.9, tall * 0.085, tall * 0.095, skin)
        layer.ellipse(x, foot - tall * 0.935, tall * 0.09, tall * 0.065, hair)
    canvas.lay(layer, grain=0.06)
