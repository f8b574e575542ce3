"""Under water: shafts of light, a reef, corals, weeds, bubbles."""

from math import cos, pi, sin
from random import Random

import numpy as np

from limner.backends.images.sketch.painter.land.hills import rolling
from limner.backends.images.sketch.painter.land.plants import stone
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import WHITE, Colour, mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer, curve
from limner.backends.images.sketch.scene import Time


def _water(stage: Stage) -> tuple[Colour, Colour, Colour]:
    """Light, middle and deep water at this hour."""
    if stage.scene.time is Time.NIGHT:
        return rgb("3f86b0"), rgb("1f4f86"), rgb("0d2450")
    if stage.scene.time in (Time.SUNSET, Time.DAWN):
        return rgb("f3c9a0"), rgb("4f9aa8"), rgb("1f5078")
    return rgb("bdf0e6"), rgb("4fb5c4"), rgb("1a6a94")


def _under_back(canvas: Canvas, stage: Stage) -> None:
    light, middle, deep = _water(stage)
    rows = np.clip(canvas.rows / stage.down, 0, 1)[:, None] + 0.03 * canvas.streaks
    for channel in range(3):
        canvas.pixels[..., channel] = np.interp(
            rows, (0, 0.32, 1.0), (light[channel], middle[channel], deep[channel])
        )
    _shafts(canvas, stage, light)
    for level, depth in ((-13.0, 0.86), (-6.0, 0.66)):
        _reef(canvas, stage, stage.horizon + level, depth, mix(middle, deep, 0.4))
        if stage.scene.sunken and depth < 0.7:
            _sunken_city(canvas, stage, mix(middle, deep, 0.35))
    _seabed(canvas, stage, deep)


def _sunken_city(canvas: Canvas, stage: Stage, water: Colour) -> None:
    """Towers and domes with lit windows, in two rows, the far one paler."""
    rng = stage.rng("sunken city")
    for row, share in ((0, 0.72), (1, 0.42)):
        layer = Layer()
        x = rng.uniform(-6, 4)
        while x < stage.across:
            wide, tall = rng.uniform(7, 14), rng.uniform(16, 42) * (0.8 if row else 1.0)
            _sunken_tower(layer, (x, stage.horizon - 4 + row * 5), (wide, tall), water, share, rng)
            x += wide + rng.uniform(0.5, 7)
        canvas.lay(layer, grain=0.1, soft=0.15)


def _sunken_tower(
    layer: Layer,
    foot: tuple[float, float],
    size: tuple[float, float],
    water: Colour,
    share: float,
    rng: Random,
) -> None:
    (x, y), (wide, tall) = foot, size
    wall = mix(varied(rgb("8fa3a0"), rng.uniform(-0.03, 0.03), 1.0, 1.0), water, share)
    top = y - tall
    layer.polygon([(x, top), (x + wide, top), (x + wide, y), (x, y)], wall)
    if rng.random() < 0.6:
        layer.ellipse(x + wide / 2, top, wide / 2, wide * 0.42, wall)
        layer.polygon(
            [
                (x + wide / 2 - 0.5, top),
                (x + wide / 2, top - wide * 0.9),
                (x + wide / 2 + 0.5, top),
            ],
            wall,
        )
    else:
        layer.polygon([(x - 1, top), (x + wide / 2, top - wide * 0.9), (x + wide + 1, top)], wall)
    lit = mix(rgb("ffe29a"), water, share * 0.6)
    for k in range(int(tall / 6)):
        for side in (0.26, 0.62):
            if rng.random() < 0.6:
                left, up = x + wide * side, top + 3 + k * 6
                layer.polygon(
                    [(left, up), (left + 1.4, up), (left + 1.4, up + 2.4), (left, up + 2.4)], lit
                )


def _shafts(canvas: Canvas, stage: Stage, light: Colour) -> None:
    rng = stage.rng("shafts")
    layer = Layer()
    source = stage.sun[0]
    for k in range(7):
        angle = (k - 3) * 0.16 + rng.uniform(-0.05, 0.05)
        width = rng.uniform(3, 9)
        x = source + (k - 3) * 9
        reach = stage.down * rng.uniform(0.7, 1.05)
        layer.polygon(
            [
                (x - width * 0.4, -2),
                (x + width * 0.4, -2),
                (x + reach * angle + width, reach),
                (x + reach * angle - width, reach),
            ],
            light,
            rng.uniform(0.2, 0.5),
        )
    canvas.lay(layer, opacity=0.42, soft=1.5, grain=0.0, fade=None)
    canvas.glow(source, -4, 70, light, 0.75)


def _reef(canvas: Canvas, stage: Stage, base: float, depth: float, water: Colour) -> None:
    rng = stage.rng(f"reef {depth:.2f}")
    line = rolling(base, 5.5, 48, rng)
    layer = Layer()
    step = 1.5
    points = [
        (k * step - 2, line(k * step) + rng.uniform(-0.5, 0.5))
        for k in range(int(stage.across / step) + 4)
    ]
    layer.polygon(
        [*points, (stage.across + 3, stage.down + 2), (-3, stage.down + 2)],
        mix(rgb("5a6f80"), water, depth),
    )
    canvas.lay(layer, grain=0.1, fade=Fade(water, base - 4, base + 18, 0.6))


def _seabed(canvas: Canvas, stage: Stage, deep: Colour) -> None:
    rng = stage.rng("seabed")
    line = rolling(stage.horizon + 3, 1.6, 70, rng)
    step = 1.5
    layer = Layer()
    points = [(k * step - 2, line(k * step)) for k in range(int(stage.across / step) + 4)]
    sand = mix(rgb("e6d3a0"), deep, 0.34)
    layer.polygon([*points, (stage.across + 3, stage.down + 2), (-3, stage.down + 2)], sand)
    canvas.lay(layer, grain=0.12, fade=Fade(mix(sand, deep, 0.45), stage.horizon, stage.down, 0.8))
    marks = Layer()
    for _ in range(34):
        x, y = rng.uniform(0, stage.across), stage.ground(rng.uniform(0.2, 1))
        marks.stroke(
            [(x + k * 1.6, y + 0.3 * sin(k * 1.5 + x)) for k in range(5)],
            0.08,
            0.4,
            mix(sand, rgb("fff3cf"), 0.5),
            0.6,
        )
    canvas.lay(marks, opacity=0.5, soft=0.1, grain=0.0)


def _under_middle(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("coral")
    _, middle, deep = _water(stage)
    layer = Layer()
    for _ in range(26):
        side = rng.choice((-1, 1))
        x = stage.across * (0.5 + side * 0.5 * rng.random() ** 0.55)
        foot = stage.ground(rng.uniform(0.12, 0.85))
        if not stage.free(x, 3):
            continue
        near = (foot - stage.horizon) / (stage.down - stage.horizon)
        local = rgb(rng.choice(("f0806a", "f2a65a", "d96a9a", "b07fd0", "f3c95a")))
        colour = mix(local, deep, 0.36 - 0.26 * near)
        if rng.random() < 0.5:
            _fan(layer, x, foot, rng.uniform(9, 17) * (0.5 + near), colour, rng)
        else:
            size = 0.7 + 1.1 * near
            for k in range(7):
                tone = varied(colour, 0, 1, 0.8 + 0.1 * (k % 3))
                up = 1.2 + rng.uniform(0, 2.6)
                layer.blob(
                    x + (k - 3) * 1.3 * size, foot - up * size, 1.6 * size, 1.4 * size, tone, rng
                )
    canvas.lay(layer, grain=0.1)
    _weeds(canvas, stage, middle, deep)


def _fan(layer: Layer, x: float, foot: float, size: float, colour: Colour, rng: Random) -> None:
    """A branching coral."""
    stack: list[tuple[float, float, float, float, float, int]] = [
        (x, foot, pi / 2, size * 0.45, size * 0.1, 4)
    ]
    while stack:
        px, py, angle, length, width, left = stack.pop()
        ex, ey = px + cos(angle) * length, py - sin(angle) * length
        layer.stroke(
            [(px, py), (ex, ey)],
            width,
            width * 0.75,
            varied(colour, 0, 1, 0.86 + 0.08 * (4 - left)),
        )
        layer.ellipse(ex, ey, width * 0.42, width * 0.42, colour)
        if left > 1:
            stack += [
                (
                    ex,
                    ey,
                    angle + turn * rng.uniform(0.25, 0.6),
                    length * rng.uniform(0.65, 0.85),
                    width * 0.72,
                    left - 1,
                )
                for turn in (-1, 1)
            ]


def _weeds(canvas: Canvas, stage: Stage, middle: Colour, deep: Colour) -> None:
    rng = stage.rng("weeds")
    layer = Layer()
    for _ in range(26):
        side = rng.choice((-1, 1))
        x = stage.across * (0.5 + side * rng.uniform(0.26, 0.52))
        foot, tall = stage.ground(rng.uniform(0.25, 1.05)), rng.uniform(10, 30)
        if not stage.free(x, 2):
            continue
        phase = rng.uniform(0, 6)
        line = [
            (x + sin(phase + 4.2 * t) * tall * 0.09 * t, foot - tall * t)
            for t in (0, 0.16, 0.33, 0.5, 0.66, 0.83, 1.0)
        ]
        colour = mix(rgb(rng.choice(("4f9a5a", "7aa84a", "3f8a78"))), deep, rng.uniform(0.15, 0.5))
        layer.stroke(curve(line, 4), tall * 0.075, 0.15, colour)
    for _ in range(6):
        x = rng.uniform(0, stage.across)
        if stage.free(x, 3):
            stone(
                layer,
                stage,
                x,
                stage.ground(rng.uniform(0.4, 1.0)),
                rng.uniform(1.5, 3.5),
                0.1,
                rng,
            )
    canvas.lay(
        layer, grain=0.1, fade=Fade(mix(middle, deep, 0.6), stage.down, stage.horizon - 10, 0.25)
    )


def _near_weeds(canvas: Canvas, stage: Stage) -> None:
    """Dark kelp in the corners, nearest to the viewer."""
    rng = stage.rng("kelp")
    _, middle, deep = _water(stage)
    layer = Layer()
    for side in (-1, 1):
        for _ in range(7):
            x = stage.across * (0.5 + side * (0.5 - 0.13 * rng.random() ** 1.5))
            tall, phase = rng.uniform(16, 46), rng.uniform(0, 6)
            line = [
                (
                    x + sin(phase + 4.6 * t) * tall * 0.1 * t - side * 3 * t,
                    stage.down + 1 - tall * t,
                )
                for t in (0, 0.16, 0.33, 0.5, 0.66, 0.83, 1.0)
            ]
            tone = mix(rgb("1f5a50"), deep, rng.uniform(0.2, 0.5))
            layer.stroke(curve(line, 4), tall * 0.09, 0.2, tone)
            for k in range(1, 6):
                px, py = line[k]
                turn = 1 if k % 2 else -1
                leaf = tall * 0.11 * (1 - k / 8)
                layer.polygon(
                    [
                        (px, py),
                        (px + turn * leaf, py - leaf * 1.1),
                        (px + turn * leaf * 0.3, py - leaf * 0.2),
                    ],
                    mix(tone, middle, 0.12),
                )
    canvas.lay(layer, grain=0.08, soft=0.1)


def _under_front(canvas: Canvas, stage: Stage) -> None:
    _near_weeds(canvas, stage)
    rng = stage.rng("bubbles")
    layer = Layer()
    for _ in range(7):
        x, y = rng.uniform(0, stage.across), stage.down * rng.uniform(0.35, 0.9)
        for k in range(5):
            r = rng.uniform(0.25, 0.8)
            bx, by = x + rng.uniform(-1.5, 1.5), y - k * rng.uniform(2, 4)
            layer.ellipse(bx, by, r, r, rgb("dff6f6"), 0.45)
            layer.ellipse(bx, by, r * 0.74, r * 0.74, rgb("8fd0dc"), 0.25)
            layer.ellipse(bx - r * 0.3, by - r * 0.35, r * 0.24, r * 0.24, WHITE, 0.95)
    canvas.lay(layer, grain=0.0)


UNDERWATER = Scenery(_under_back, _under_middle, _under_front)
