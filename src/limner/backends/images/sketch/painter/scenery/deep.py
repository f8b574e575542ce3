"""Under water and out in space."""

from math import cos, pi, sin

import numpy as np

from limner.backends.images.sketch.brief import Stance, Time
from limner.backends.images.sketch.painter.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.colour import WHITE, Colour, mix, rgb, varied
from limner.backends.images.sketch.painter.hills import rolling
from limner.backends.images.sketch.painter.layer import Layer, curve
from limner.backends.images.sketch.painter.noise import cloudy
from limner.backends.images.sketch.painter.plants import stone
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.stage import Stage


def _water(stage: Stage) -> tuple[Colour, Colour, Colour]:
    """Light, middle and deep water at this hour."""
    if stage.brief.time is Time.NIGHT:
        return rgb("3f86b0"), rgb("1f4f86"), rgb("0d2450")
    if stage.brief.time in (Time.SUNSET, Time.DAWN):
        return rgb("f3c9a0"), rgb("4f9aa8"), rgb("1f5078")
    return rgb("bdf0e6"), rgb("4fb5c4"), rgb("1a6a94")


def _under_back(canvas: Canvas, stage: Stage) -> None:
    light, middle, deep = _water(stage)
    rows = np.clip(canvas.rows / stage.down, 0, 1)[:, None] + 0.03 * canvas.streaks
    for channel in range(3):
        canvas.pixels[..., channel] = np.interp(rows, (0, 0.32, 1.0), (light[channel], middle[channel], deep[channel]))
    _shafts(canvas, stage, light)
    for level, depth in ((-13.0, 0.86), (-6.0, 0.66)):
        _reef(canvas, stage, stage.horizon + level, depth, mix(middle, deep, 0.4))
    _seabed(canvas, stage, deep)


def _shafts(canvas: Canvas, stage: Stage, light: Colour) -> None:
    dice = stage.dice("shafts")
    layer = Layer()
    source = stage.sun[0]
    for k in range(7):
        angle = (k - 3) * 0.16 + dice.uniform(-0.05, 0.05)
        width = dice.uniform(3, 9)
        x = source + (k - 3) * 9
        reach = stage.down * dice.uniform(0.7, 1.05)
        layer.polygon([(x - width * 0.4, -2), (x + width * 0.4, -2), (x + reach * angle + width, reach), (x + reach * angle - width, reach)], light, dice.uniform(0.2, 0.5))
    canvas.lay(layer, opacity=0.42, soft=1.5, grain=0.0, fade=None)
    canvas.glow(source, -4, 70, light, 0.75)


def _reef(canvas: Canvas, stage: Stage, base: float, depth: float, water: Colour) -> None:
    dice = stage.dice(f"reef {depth:.2f}")
    line = rolling(base, 5.5, 48, dice)
    layer = Layer()
    step = 1.5
    points = [(k * step - 2, line(k * step) + dice.uniform(-0.5, 0.5)) for k in range(int(stage.across / step) + 4)]
    layer.polygon([*points, (stage.across + 3, stage.down + 2), (-3, stage.down + 2)], mix(rgb("5a6f80"), water, depth))
    canvas.lay(layer, grain=0.1, fade=Fade(water, base - 4, base + 18, 0.6))


def _seabed(canvas: Canvas, stage: Stage, deep: Colour) -> None:
    dice = stage.dice("seabed")
    line = rolling(stage.horizon + 3, 1.6, 70, dice)
    step = 1.5
    layer = Layer()
    points = [(k * step - 2, line(k * step)) for k in range(int(stage.across / step) + 4)]
    sand = mix(rgb("e6d3a0"), deep, 0.34)
    layer.polygon([*points, (stage.across + 3, stage.down + 2), (-3, stage.down + 2)], sand)
    canvas.lay(layer, grain=0.12, fade=Fade(mix(sand, deep, 0.45), stage.horizon, stage.down, 0.8))
    marks = Layer()
    for _ in range(34):
        x, y = dice.uniform(0, stage.across), stage.ground(dice.uniform(0.2, 1))
        marks.stroke([(x + k * 1.6, y + 0.3 * sin(k * 1.5 + x)) for k in range(5)], 0.08, 0.4, mix(sand, rgb("fff3cf"), 0.5), 0.6)
    canvas.lay(marks, opacity=0.5, soft=0.1, grain=0.0)


def _under_middle(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("coral")
    _, middle, deep = _water(stage)
    layer = Layer()
    for _ in range(9):
        side = dice.choice((-1, 1))
        x = stage.across * (0.5 + side * dice.uniform(0.2, 0.5))
        foot = stage.ground(dice.uniform(0.2, 0.75))
        if not stage.free(x, 3):
            continue
        near = (foot - stage.horizon) / (stage.down - stage.horizon)
        local = rgb(dice.choice(("f0806a", "f2a65a", "d96a9a", "b07fd0", "f3c95a")))
        colour = mix(local, deep, 0.42 - 0.25 * near)
        if dice.random() < 0.5:
            _fan(layer, x, foot, dice.uniform(6, 12) * (0.6 + near), colour, dice)
        else:
            for k in range(6):
                layer.blob(x + (k - 2.5) * 1.5, foot - 1.2 - dice.uniform(0, 2.2), 1.5, 1.3, varied(colour, 0, 1, 0.9 + 0.08 * (k % 3)), dice)
    canvas.lay(layer, grain=0.1)
    _weeds(canvas, stage, middle, deep)


def _fan(layer: Layer, x: float, foot: float, size: float, colour: Colour, dice: "object") -> None:
    """A branching coral."""
    from random import Random

    assert isinstance(dice, Random)
    stack = [(x, foot, pi / 2, size * 0.45, size * 0.1, 4)]
    while stack:
        px, py, angle, length, width, left = stack.pop()
        ex, ey = px + cos(angle) * length, py - sin(angle) * length
        layer.stroke([(px, py), (ex, ey)], width, width * 0.75, varied(colour, 0, 1, 0.86 + 0.08 * (4 - left)))
        layer.ellipse(ex, ey, width * 0.42, width * 0.42, colour)
        if left > 1:
            for turn in (-1, 1):
                stack.append((ex, ey, angle + turn * dice.uniform(0.25, 0.6), length * dice.uniform(0.65, 0.85), width * 0.72, left - 1))


def _weeds(canvas: Canvas, stage: Stage, middle: Colour, deep: Colour) -> None:
    dice = stage.dice("weeds")
    layer = Layer()
    for _ in range(26):
        side = dice.choice((-1, 1))
        x = stage.across * (0.5 + side * dice.uniform(0.26, 0.52))
        foot, tall = stage.ground(dice.uniform(0.25, 1.05)), dice.uniform(10, 30)
        if not stage.free(x, 2):
            continue
        phase = dice.uniform(0, 6)
        line = [(x + sin(phase + 4.2 * t) * tall * 0.09 * t, foot - tall * t) for t in (0, 0.16, 0.33, 0.5, 0.66, 0.83, 1.0)]
        colour = mix(rgb(dice.choice(("4f9a5a", "7aa84a", "3f8a78"))), deep, dice.uniform(0.15, 0.5))
        layer.stroke(curve(line, 4), tall * 0.075, 0.15, colour)
    for _ in range(6):
        x = dice.uniform(0, stage.across)
        if stage.free(x, 3):
            stone(layer, stage, x, stage.ground(dice.uniform(0.4, 1.0)), dice.uniform(1.5, 3.5), 0.1, dice)
    canvas.lay(layer, grain=0.1, fade=Fade(mix(middle, deep, 0.6), stage.down, stage.horizon - 10, 0.25))


def _under_front(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("bubbles")
    layer = Layer()
    for _ in range(7):
        x, y = dice.uniform(0, stage.across), stage.down * dice.uniform(0.35, 0.9)
        for k in range(5):
            r = dice.uniform(0.25, 0.8)
            bx, by = x + dice.uniform(-1.5, 1.5), y - k * dice.uniform(2, 4)
            layer.ellipse(bx, by, r, r, rgb("dff6f6"), 0.45)
            layer.ellipse(bx, by, r * 0.74, r * 0.74, rgb("8fd0dc"), 0.25)
            layer.ellipse(bx - r * 0.3, by - r * 0.35, r * 0.24, r * 0.24, WHITE, 0.95)
    canvas.lay(layer, grain=0.0)


UNDERWATER = Scenery(_under_back, _under_middle, _under_front)


def _space_back(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("space")
    frame = canvas.frame
    shape = (frame.height, frame.width)
    top, low = rgb("0a0d26"), rgb("1a1a48")
    ramp = (canvas.rows / stage.down)[:, None, None]
    canvas.pixels[:] = np.array(top, np.float32) * (1 - ramp) + np.array(low, np.float32) * ramp
    hues = dice.choice((("8a4fb0", "3f7fc4"), ("c4568a", "5a4fc0"), ("3f9aa8", "7a56c4")))
    for k, code in enumerate(hues):
        cloud = cloudy(shape, (frame.down / 62, frame.across / 62), seed=stage.number(f"nebula {k}"), octaves=5, coarse=3)
        slope = (canvas.rows[:, None] - stage.down * 0.42) / 40 + 0.6 * (canvas.columns[None, :] / stage.across - 0.5) * (1 if k else -1)
        veil = np.clip(0.5 + 1.1 * cloud, 0, 1) * np.exp(-(slope**2)) * 0.62
        canvas.tint(veil.astype(np.float32), rgb(code), (0, 0, frame.width, frame.height))
    _starfield(canvas, stage)
    _planet(canvas, stage)
    if any(p.subject.stance in (Stance.GROUND, Stance.TABLE, Stance.FACE) for p in stage.placements):
        _moon_ground(canvas, stage)


def _starfield(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("starfield")
    layer = Layer()
    for _ in range(int(min(420, 0.025 * stage.across * stage.down))):
        size = 0.12 + 0.4 * dice.random() ** 5
        tone = mix(WHITE, rgb(dice.choice(("ffe2b0", "b8d4ff"))), dice.random())
        layer.ellipse(dice.uniform(0, stage.across), dice.uniform(0, stage.down), size, size, tone, dice.uniform(0.4, 1))
    canvas.lay(layer, grain=0.0)
    for _ in range(7):
        canvas.glow(dice.uniform(0, stage.across), dice.uniform(0, stage.horizon), dice.uniform(2, 4), rgb("dfe8ff"), 0.8)


def _planet(canvas: Canvas, stage: Stage) -> None:
    """One ringed planet in the quieter half, unless the prompt brings its own."""
    if any(p.subject.stance is Stance.SKY for p in stage.placements):
        return
    dice = stage.dice("planet")
    x, y = stage.sun[0], stage.down * dice.uniform(0.22, 0.34)
    radius = dice.uniform(9, 14)
    base = rgb(dice.choice(("d99a6a", "7fb0c4", "c98aa8", "d9c07a")))
    side = 1 if x < stage.across / 2 else -1
    layer = Layer()
    layer.ellipse(x, y, radius, radius, varied(base, 0.0, 1.1, 0.5))
    for k in range(5):
        share = 1 - 0.09 * k
        layer.ellipse(x + side * radius * 0.07 * k, y - radius * 0.05 * k, radius * share * 0.95, radius * share * 0.95, varied(base, 0.008 * k, 1 - 0.06 * k, 0.68 + 0.11 * k))
    canvas.lay(layer, grain=0.16, soft=0.1)
    rings = Layer()
    for reach, code in ((2.0, "e9d6b0"), (1.78, "b79f86"), (1.6, "efe0c0")):
        arc = [(x + radius * reach * cos(a) + 0.0, y + radius * reach * 0.24 * sin(a) + 0.18 * radius * cos(a) * -side) for a in (pi * (k / 20) for k in range(21))]
        rings.stroke(arc, radius * 0.1, radius * 0.1, rgb(code), 0.8)
    canvas.lay(rings, opacity=0.85, grain=0.1)
    canvas.glow(x, y, radius * 2.6, base, 0.2)


def _moon_ground(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("moon ground")
    line = rolling(stage.horizon, 2.4, 90, dice)
    step = 1.5
    layer = Layer()
    dust = rgb("b9b6c2")
    layer.polygon([(k * step - 2, line(k * step)) for k in range(int(stage.across / step) + 4)] + [(stage.across + 3, stage.down + 2), (-3, stage.down + 2)], dust)
    canvas.lay(layer, grain=0.16, fade=Fade(rgb("6a6880"), stage.horizon, stage.down + 6, 0.85))
    pits = Layer()
    for _ in range(13):
        near = dice.uniform(0.05, 1)
        x, y, r = dice.uniform(0, stage.across), stage.ground(near), (1.2 + 6 * near) * dice.uniform(0.5, 1)
        pits.ellipse(x, y, r, r * 0.28, rgb("dcdae4"), 0.9)
        pits.ellipse(x + stage.light_side * r * 0.08, y + r * 0.03, r * 0.9, r * 0.23, rgb("77748a"), 0.95)
        pits.ellipse(x - stage.light_side * r * 0.1, y + r * 0.08, r * 0.62, r * 0.14, rgb("908da0"), 0.9)
    canvas.lay(pits, opacity=0.75, grain=0.1, soft=0.12)


SPACE = Scenery(_space_back)
