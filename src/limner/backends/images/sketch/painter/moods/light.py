"""Neon, rays of hope, and pictures without colour."""

import numpy as np

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import Colour, rgb
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Place

_NEON = ("ff3fa4", "35d6ff", "a45bff", "ffb13d")


def paint_neon(canvas: Canvas, stage: Stage) -> None:
    """Tubes of light on the walls and their colours in the air."""
    if stage.scene.mood != "neon":
        return
    rng = stage.rng("neon")
    inside = stage.scene.place is Place.INTERIOR
    for k in range(3 if inside else 7):
        side = -1 if k % 2 else 1
        x = stage.across * (0.5 + side * rng.uniform(0.2 if inside else 0.26, 0.46))
        y = stage.horizon * (rng.uniform(0.12, 0.3) if inside else rng.uniform(0.25, 0.9))
        wide, tall = rng.choice(((9.0, 2.6), (3.0, 8.0), (6.5, 4.0)))
        canvas.glow(x, y + tall / 2, 34 if inside else 20, rgb(_NEON[k % len(_NEON)]), 0.6)
        _tube(canvas, (x - wide / 2, y, x + wide / 2, y + tall), rgb(_NEON[k % len(_NEON)]))
    pink, cyan = np.array(rgb("ff5fb8"), np.float32), np.array(rgb("3fc4ff"), np.float32)
    across = (canvas.columns / stage.across)[None, :, None]
    tint = pink * (1 - across) + cyan * across
    light = canvas.pixels.mean(2, keepdims=True)
    canvas.pixels += 0.3 * (light * tint * 1.5 - canvas.pixels)


def _tube(canvas: Canvas, box: tuple[float, float, float, float], colour: Colour) -> None:
    """A sign: a frame of light with a stroke in it."""
    left, top, right, low = box
    layer = Layer()
    frame = [(left, top), (right, top), (right, low), (left, low), (left, top)]
    layer.stroke(frame, 0.7, 0.7, colour)
    middle, reach = (top + low) / 2, (right - left) / 4
    layer.stroke([(left + reach, middle), (right - reach, middle)], 0.6, 0.6, colour)
    canvas.lay(layer, grain=0.0)


def paint_rays(canvas: Canvas, stage: Stage) -> None:
    """Rays of light that break through, where there is hope."""
    inside = (Place.INTERIOR, Place.SPACE, Place.CAVE, Place.UNDERWATER)
    if stage.scene.mood not in ("hope", "sad") or stage.scene.place in inside:
        return
    if stage.scene.mood == "sad" and stage.placements and not _alone(stage):
        return
    _rays(canvas, stage)


def _rays(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("rays")
    x, y = stage.sun
    layer = Layer()
    for k in range(9):
        lean = -1.2 + 2.4 * k / 8 + rng.uniform(-0.06, 0.06)
        reach, wide = stage.down * 1.2, rng.uniform(0.04, 0.09)
        layer.polygon(
            [
                (x, y),
                (x + (lean - wide) * reach, y + reach),
                (x + (lean + wide) * reach, y + reach),
            ],
            stage.tones.glow,
            rng.uniform(0.5, 1.0),
        )
    canvas.lay(layer, opacity=0.24, soft=2.0, grain=0.0)
    canvas.glow(x, y, 50, stage.tones.glow, 0.5)


def _alone(stage: Stage) -> bool:
    looks = [p.subject.look for p in stage.placements]
    return len(looks) == 1 and looks[0] is not None and looks[0].away


def without_colour(canvas: Canvas, stage: Stage) -> None:
    """Black and white with a breath of warmth, as in old films."""
    if stage.scene.mood != "noir":
        return
    light = canvas.pixels @ np.array((0.3, 0.58, 0.12), np.float32)
    light = np.clip((light - 0.5) * 1.18 + 0.48, 0, 1)[..., None]
    canvas.pixels[:] = light * np.array((1.0, 0.97, 0.91), np.float32)
