"""A fireplace with a fire in it."""

from limner.backends.images.sketch.painter.buildings.lamplight import warm
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer, Point, box, curve
from limner.backends.images.sketch.scene import Time

_STONE = rgb("a39486")


def paint_fireplace(canvas: Canvas, stage: Stage, x: float) -> None:
    """Stones, a mantel, a fire, and its light on the room."""
    rng = stage.rng("fireplace")
    dim = 0.62 if stage.scene.time is Time.NIGHT else 0.9
    foot = stage.horizon + 1.5
    half, tall = min(17.0, stage.across * 0.13), min(34.0, stage.horizon * 0.52)
    layer = Layer()
    layer.polygon(box(x, foot - tall, half * 2, tall), varied(_STONE, 0, 1, 0.55 * dim))
    layer.polygon(box(x, -2, half * 1.4, foot - tall + 2), varied(_STONE, 0, 0.9, 0.5 * dim))
    y, row = foot - 0.4, 0
    while y > foot - tall + 3:
        left = x - half - (2.0 if row % 2 else 0.0)
        while left < x + half:
            width = rng.uniform(4.2, 6.2)
            a, b = max(left, x - half), min(left + width, x + half)
            if b - a > 1.0:
                tone = varied(_STONE, rng.uniform(-0.02, 0.02), 1, rng.uniform(0.8, 1.1) * dim)
                layer.polygon(
                    [(a + 0.3, y - 3.5), (b - 0.3, y - 3.6), (b - 0.25, y), (a + 0.2, y)], tone
                )
            left += width
        y, row = y - 4.1, row + 1
    wood = varied(rgb("7a5236"), 0, 1, dim + 0.1)
    layer.polygon(box(x, foot - tall - 1.6, half * 2.3, 2.6), wood)
    layer.polygon(box(x, foot - tall + 1.0, half * 2.1, 0.9), varied(wood, 0, 1, 0.6))
    arch = curve(
        [
            (x - half * 0.6, foot),
            (x - half * 0.58, foot - tall * 0.4),
            (x, foot - tall * 0.62),
            (x + half * 0.58, foot - tall * 0.4),
            (x + half * 0.6, foot),
        ],
        6,
    )
    layer.polygon(arch, rgb("241612"))
    canvas.lay(layer, grain=0.12)
    _fire(canvas, stage, x, foot, half, tall)


def _flame(x: float, foot: float, wide: float, high: float, lean: float) -> list[Point]:
    return curve(
        [
            (x, foot - 1.0),
            (x - wide, foot - 1.6 - high * 0.28),
            (x + lean, foot - 1.4 - high),
            (x + wide, foot - 1.6 - high * 0.3),
            (x, foot - 1.0),
        ],
        5,
    )


def _fire(canvas: Canvas, stage: Stage, x: float, foot: float, half: float, tall: float) -> None:
    rng = stage.rng("flames")
    canvas.glow(x, foot - tall * 0.2, half * 0.9, rgb("ff8a3a"), 0.9)
    layer = Layer()
    for k, lean in ((-1, 0.25), (1, -0.2)):
        log = [(x - k * half * 0.42, foot - 0.6 + lean), (x + k * half * 0.36, foot - 2.4 - lean)]
        layer.stroke(log, 1.9, 1.6, rgb("5a3622"))
    for size, code in ((1.0, "f0662a"), (0.72, "ffa63c"), (0.42, "ffe28a")):
        for place in (-0.5, -0.16, 0.2, 0.52):
            high = tall * 0.40 * size * (1 - 0.55 * abs(place)) * rng.uniform(0.85, 1.1)
            wide = half * 0.2 * (0.5 + 0.5 * size)
            flame = _flame(x + place * half * 0.62, foot, wide, high, rng.uniform(-0.8, 0.8))
            layer.polygon(flame, rgb(code))
    canvas.lay(layer, grain=0.03, soft=0.12)
    warm(canvas, x, foot - 4, 62, 0.75)
