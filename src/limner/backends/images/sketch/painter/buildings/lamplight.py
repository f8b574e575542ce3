"""Pools of warm light around lanterns, fires and candles."""

import numpy as np

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb
from limner.backends.images.sketch.scene import Time

_SOURCES = (
    "lantern",
    "lamp",
    "candle",
    "fire",
    "campfire",
    "bonfire",
    "torch",
    "lighthouse",
    "flame",
)
WARM = rgb("ffb45a")


def paint_lamplight(canvas: Canvas, stage: Stage) -> None:
    """Light every lamp that is shown, or the middle of the scene if one is only spoken of."""
    dark = {Time.DAY: 0.25, Time.DAWN: 0.5}.get(stage.scene.time, 1.0)
    lamps = [p for p in stage.placements if any(w in p.subject.name for w in _SOURCES)]
    for p in lamps:
        x, y = p.x, p.foot - p.height * 0.55
        if "lighthouse" in p.subject.name:
            if stage.scene.time is not Time.DAY:
                _beam(canvas, stage, x, p.foot - p.height * 0.86)
            continue
        warm(canvas, x, y, max(24.0, p.height * 2.0), dark)
    if stage.scene.lights and not lamps:
        warm(canvas, stage.focus, stage.ground(0.45), 42.0, 0.6 * dark)


def warm(canvas: Canvas, x: float, y: float, radius: float, strength: float) -> None:
    """Raise and warm what is near a flame, then let the air around it glow."""
    box = canvas.box(x - radius, y - radius, x + radius, y + radius)
    if box is None:
        return
    left, top, right, bottom = box
    dx = (canvas.columns[left:right] - x) / radius
    dy = (canvas.rows[top:bottom] - y) / radius
    near = np.clip(1 - np.sqrt(dx[None, :] ** 2 + dy[:, None] ** 2), 0, 1) ** 1.6
    target = canvas.pixels[top:bottom, left:right]
    target *= 1 + (strength * near)[..., None] * np.array((1.05, 0.68, 0.26), np.float32)
    canvas.glow(x, y, radius * 0.8, WARM, 0.42 * strength)


def _beam(canvas: Canvas, stage: Stage, x: float, y: float) -> None:
    """The two arms of a lighthouse's light, which fade out sideways and with the distance."""
    reach = stage.across * 0.8
    box = canvas.box(x - reach, y - reach * 0.6, x + reach, y + reach * 0.6)
    if box is None:
        return
    left, top, right, bottom = box
    dx = canvas.columns[None, left:right] - x
    dy = canvas.rows[top:bottom, None] - y
    away = np.hypot(dx, 1.5)
    across = np.abs(dy - 0.10 * stage.light_side * dx) / (1.0 + 0.14 * away)
    side = np.clip(1 - across / 2, 0, 1)
    light = (side * side * (3 - 2 * side)) * np.clip(1 - away / reach, 0, 1) ** 1.4 * 0.75
    light *= np.clip(away / 6, 0.3, 1)
    target = canvas.pixels[top:bottom, left:right]
    target += (
        light[..., None].astype(np.float32)
        * np.array(rgb("ffeeb8"), np.float32)
        * (1 - np.clip(target, 0, 1))
    )
    canvas.glow(x, y, 12, rgb("fff2c4"), 0.9)
