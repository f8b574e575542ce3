"""Out in space: nebulae, stars, a planet, the dust of a moon."""

from math import cos, pi, sin
from random import Random

import numpy as np

from limner.backends.images.sketch.painter.land.hills import rolling
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import WHITE, mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.painter.surface.noise import cloudy
from limner.backends.images.sketch.scene import Stance


def _space_back(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("space")
    frame = canvas.frame
    shape = (frame.height, frame.width)
    top, low = rgb("0a0d26"), rgb("1a1a48")
    ramp = (canvas.rows / stage.down)[:, None, None]
    canvas.pixels[:] = np.array(top, np.float32) * (1 - ramp) + np.array(low, np.float32) * ramp
    hues = rng.choice((("8a4fb0", "3f7fc4"), ("c4568a", "5a4fc0"), ("3f9aa8", "7a56c4")))
    for k, code in enumerate(hues):
        cloud = cloudy(
            shape,
            (frame.down / 62, frame.across / 62),
            seed=stage.number(f"nebula {k}"),
            octaves=5,
            coarse=3,
        )
        slope = (canvas.rows[:, None] - stage.down * 0.42) / 40 + 0.6 * (
            canvas.columns[None, :] / stage.across - 0.5
        ) * (1 if k else -1)
        veil = np.clip(0.5 + 1.1 * cloud, 0, 1) * np.exp(-(slope**2)) * 0.62
        canvas.tint(veil.astype(np.float32), rgb(code), (0, 0, frame.width, frame.height))
    _starfield(canvas, stage)
    _planet(canvas, stage)
    if any(
        p.subject.stance in (Stance.GROUND, Stance.TABLE, Stance.FACE) for p in stage.placements
    ):
        _moon_ground(canvas, stage)


def _starfield(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("starfield")
    layer = Layer()
    for _ in range(int(min(420, 0.025 * stage.across * stage.down))):
        size = 0.12 + 0.4 * rng.random() ** 5
        tone = mix(WHITE, rgb(rng.choice(("ffe2b0", "b8d4ff"))), rng.random())
        layer.ellipse(
            rng.uniform(0, stage.across),
            rng.uniform(0, stage.down),
            size,
            size,
            tone,
            rng.uniform(0.4, 1),
        )
    canvas.lay(layer, grain=0.0)
    _paint_bright_stars(canvas, stage, rng)


def _paint_bright_stars(canvas: Canvas, stage: Stage, rng: Random) -> None:
    for _ in range(7):
        canvas.glow(
            rng.uniform(0, stage.across),
            rng.uniform(0, stage.horizon),
            rng.uniform(2, 4),
            rgb("dfe8ff"),
            0.8,
        )


def _planet(canvas: Canvas, stage: Stage) -> None:
    """One ringed planet in the quieter half, unless the prompt brings its own."""
    if any(p.subject.stance is Stance.SKY for p in stage.placements):
        return
    rng = stage.rng("planet")
    x, y = stage.sun[0], stage.down * rng.uniform(0.22, 0.34)
    radius = rng.uniform(9, 14)
    base = rgb(rng.choice(("d99a6a", "7fb0c4", "c98aa8", "d9c07a")))
    side = 1 if x < stage.across / 2 else -1
    _rings(canvas, x, y, radius, -side, front=False)
    layer = Layer()
    layer.ellipse(x, y, radius, radius, varied(base, 0.0, 1.1, 0.5))
    for k in range(5):
        share = 0.95 * (1 - 0.09 * k)
        tone = varied(base, 0.008 * k, 1 - 0.06 * k, 0.68 + 0.11 * k)
        shift = radius * 0.07 * k
        layer.ellipse(x + side * shift, y - 0.7 * shift, radius * share, radius * share, tone)
    canvas.lay(layer, grain=0.16, soft=0.1)
    _rings(canvas, x, y, radius, -side, front=True)
    canvas.glow(x, y, radius * 2.6, base, 0.2)


def _rings(canvas: Canvas, x: float, y: float, radius: float, lean: float, *, front: bool) -> None:
    """The half of a planet's rings before or behind it."""
    layer = Layer()
    start = 0.0 if front else pi
    for reach, code in ((2.0, "e9d6b0"), (1.78, "b79f86"), (1.6, "efe0c0")):
        arc = [
            (
                x + radius * reach * cos(t),
                y + radius * reach * (0.24 * sin(t) + 0.14 * lean * cos(t)),
            )
            for t in (start + pi * k / 24 for k in range(25))
        ]
        layer.stroke(arc, radius * 0.1, radius * 0.1, rgb(code), 0.8)
    canvas.lay(layer, opacity=0.85, grain=0.1)


_DUSTS = {
    "red": rgb("c0603f"),
    "orange": rgb("cf8046"),
    "yellow": rgb("d0ae62"),
    "green": rgb("6f9a6a"),
    "blue": rgb("5f86b8"),
    "purple": rgb("8a68a8"),
    "brown": rgb("9a7358"),
    "white": rgb("dfe2ea"),
    "pink": rgb("cf8fa8"),
}


def _moon_ground(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("moon ground")
    line = rolling(stage.horizon, 2.4, 90, rng)
    step = 1.5
    layer = Layer()
    dust = _DUSTS.get(stage.scene.soil or "gray", rgb("b9b6c2"))
    layer.polygon(
        [(k * step - 2, line(k * step)) for k in range(int(stage.across / step) + 4)]
        + [(stage.across + 3, stage.down + 2), (-3, stage.down + 2)],
        dust,
    )
    canvas.lay(
        layer, grain=0.16, fade=Fade(varied(dust, 0, 1, 0.55), stage.horizon, stage.down + 6, 0.85)
    )
    pits = Layer()
    for _ in range(13):
        near = rng.uniform(0.05, 1)
        x, y, r = (
            rng.uniform(0, stage.across),
            stage.ground(near),
            (1.2 + 6 * near) * rng.uniform(0.5, 1),
        )
        pits.ellipse(x, y, r, r * 0.28, varied(dust, 0, 0.8, 1.18), 0.9)
        pits.ellipse(
            x + stage.light_side * r * 0.08,
            y + r * 0.03,
            r * 0.9,
            r * 0.23,
            varied(dust, 0, 1, 0.6),
            0.95,
        )
        pits.ellipse(
            x - stage.light_side * r * 0.1,
            y + r * 0.08,
            r * 0.62,
            r * 0.14,
            varied(dust, 0, 1, 0.75),
            0.9,
        )
    canvas.lay(pits, opacity=0.75, grain=0.1, soft=0.12)


SPACE = Scenery(_space_back)
