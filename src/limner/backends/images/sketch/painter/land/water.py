"""Water: what it mirrors, its ripples, the path of light on it, waves in a storm."""

from math import pi, sin

import numpy as np

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import WHITE, Colour, mix, rgb
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Time, Weather

SEA, LAKE = rgb("3f86a8"), rgb("4f90a0")


def paint_water(
    canvas: Canvas, stage: Stage, top: float, bottom: float, local: Colour, *, mirror: float = 0.55
) -> None:
    """Water from one height to another over the whole width, mirroring what is painted above."""
    box = canvas.box(0, top, stage.across, bottom)
    if box is None:
        return
    _, first, _, last = box
    rows = last - first
    pixels = canvas.pixels
    depth = np.linspace(0, 1, rows, dtype=np.float32)
    amplitude = canvas.frame.unit * (0.15 + 1.4 * depth)
    wave = np.sin(np.linspace(0, 1, rows) ** 0.55 * 95 + 2 * np.sin(depth * 17)) * amplitude
    source = np.clip(first - 1 - np.arange(rows) + wave * 0.6, 0, max(0, first - 1)).astype(int)
    shown = pixels[source]
    own = np.array(stage.seen(local, depth=0.25, lit=0.7), np.float32)
    deep = np.array(stage.seen(local, lit=0.25), np.float32)
    ramp = depth[:, None, None]
    body = own * (1 - ramp) + deep * ramp
    share = mirror * (1 - 0.45 * ramp)
    shown = shown * share + body * (1 - share)
    streaks = canvas.streaks[first:last, :, None]
    pixels[first:last] = shown * (1 + 0.06 * streaks)


def paint_ripples(
    canvas: Canvas, stage: Stage, top: float, bottom: float, *, count: int = 130
) -> None:
    """Thin lens-shaped marks, wider near the viewer, lighter and darker."""
    rng = stage.rng(f"ripples {top:.1f}")
    light = mix(stage.tones.sky[3], stage.tones.cloud_lit, 0.4)
    dark = stage.seen(rgb("2f6480"), lit=0.15)
    layer = Layer()
    for _ in range(count):
        near = rng.random() ** 0.75
        y = top + (bottom - top) * (0.02 + 0.98 * near)
        x, half = rng.uniform(0, stage.across), (0.8 + 6.0 * near) * rng.uniform(0.5, 1.3)
        _lens(layer, x, y, half, 0.08 + 0.30 * near, light if rng.random() < 0.55 else dark, 0.5)
    canvas.lay(layer, opacity=0.5, grain=0.0, soft=0.06)


def paint_glitter(canvas: Canvas, stage: Stage, top: float, bottom: float) -> None:
    """The path of light under the sun or the moon."""
    scene = stage.scene
    if scene.weather in (Weather.RAIN, Weather.STORM, Weather.FOG):
        return
    if scene.time is Time.DAY and scene.weather is not Weather.CLEAR:
        return
    rng = stage.rng("glitter")
    x = stage.sun[0]
    canvas.glow(x, top + 2, 34, stage.tones.glow, 0.45, flat=0.9)
    colour = mix(stage.tones.glow, WHITE, 0.45)
    layer = Layer()
    for k in range(95):
        near = (k / 95) ** 1.15
        y = top + 0.4 + (bottom - top) * near
        spread = 1.4 + 8.0 * near
        half = (0.5 + 2.6 * near) * rng.uniform(0.4, 1.3)
        alpha = (1 - 0.72 * near) * rng.uniform(0.5, 1.0)
        _lens(layer, x + rng.gauss(0, spread * 0.55), y, half, 0.10 + 0.22 * near, colour, alpha)
    canvas.lay(layer, opacity=0.85, grain=0.0, soft=0.05)


def _lens(
    layer: Layer, x: float, y: float, half: float, thick: float, colour: Colour, alpha: float
) -> None:
    layer.polygon(
        [
            (x - half, y),
            (x - half * 0.3, y - thick),
            (x + half * 0.4, y - thick * 0.8),
            (x + half, y),
            (x + half * 0.2, y + thick * 0.7),
        ],
        colour,
        alpha,
    )


def paint_waves(canvas: Canvas, stage: Stage, top: float, bottom: float) -> None:
    """The crests of a rough sea, one behind the other, with foam."""
    storm = stage.scene.weather is Weather.STORM
    rows = 7 if storm else 5
    for k in range(rows):
        near = (k + 0.6) / rows
        paint_swell(canvas, stage, top + (bottom - top) * near**1.35, near, 1.0 if storm else 0.42)


def paint_swell(canvas: Canvas, stage: Stage, y: float, near: float, rough: float) -> None:
    """One wave from side to side: `near` 0 at the horizon to 1, `rough` 0 to 1."""
    rng = stage.rng(f"swell {near:.3f}")
    length, high = 5 + 26 * near, (0.5 + 4.6 * near) * rough
    phase = rng.uniform(0, length)
    crest = []
    steps = int(stage.across / (length / 12)) + 3
    for k in range(steps):
        x = k * length / 12 - 2
        t = ((x + phase) / length) % 1.0
        gust = 0.7 + 0.3 * sin((x + phase) / length * 1.3)
        rise = (1 - abs(2 * t - 1)) ** 1.7  # peaked crests, round troughs
        crest.append((x, y - high * rise * gust))
    body = stage.seen(
        mix(SEA, rgb("2a5f78"), near * 0.6), depth=0.45 * (1 - near), lit=0.35 + 0.2 * near
    )
    deep = stage.seen(rgb("24506a"), depth=0.3 * (1 - near), lit=0.15)
    layer = Layer()
    fall = high * 2.2 + 2 + 5 * near
    layer.polygon([*crest, (stage.across + 3, y + fall), (-3, y + fall)], body)
    canvas.lay(layer, fade=Fade(deep, y - high, y + fall, 0.75), grain=0.07, opacity=0.94)
    foam = Layer()
    white = stage.seen(rgb("f4f8f8"), depth=0.35 * (1 - near), lit=0.9)
    thick = 0.12 + 0.5 * near
    for k, (x, cy) in enumerate(crest[:-1]):
        if y - cy > high * 0.45 and rng.random() < (0.9 if rough > 0.9 else 0.5):
            nx, ny = crest[k + 1]
            foam.polygon(
                [(x, cy), (nx, ny), (nx, ny + thick), (x, cy + thick * rng.uniform(0.4, 1.6))],
                white,
            )
            if rough > 0.9 and rng.random() < 0.5:
                foam.ellipse(
                    x + rng.uniform(-1, 1),
                    cy - rng.uniform(0, 1.2) * near,
                    0.3 * near,
                    0.25 * near,
                    white,
                )
    canvas.lay(foam, opacity=0.8, grain=0.0, soft=0.05)


def paint_foam_line(canvas: Canvas, stage: Stage, y: float, *, swing: float = 1.6) -> None:
    """The edge of a wave running out on sand."""
    rng = stage.rng(f"foam {y:.1f}")
    phase = rng.uniform(0, 2 * pi)
    line = [
        (x * 2.0 - 2, y + swing * sin(x * 0.21 + phase) + 0.5 * swing * sin(x * 0.53 + 2 * phase))
        for x in range(int(stage.across / 2) + 4)
    ]
    layer = Layer()
    white = stage.seen(rgb("fbfdfc"), lit=0.9)
    layer.polygon(line + [(x, py + 0.9 + 0.5 * sin(x)) for x, py in line[::-1]], white, 0.9)
    canvas.lay(layer, opacity=0.85, grain=0.02, soft=0.08)
