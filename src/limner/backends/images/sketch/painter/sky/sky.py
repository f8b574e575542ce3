"""The sky: its colours, the sun, the moon, the stars and the northern lights."""

from math import cos, pi, sin

import numpy as np

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import WHITE, Colour, mix, rgb
from limner.backends.images.sketch.painter.surface.layer import Layer, Point
from limner.backends.images.sketch.painter.surface.noise import Field, cloudy, smoothstep
from limner.backends.images.sketch.scene import Time, Weather

_STOPS = (0.0, 0.36, 0.74, 1.0)


def paint_sky(canvas: Canvas, stage: Stage) -> None:
    """The whole sky without its clouds."""
    _gradient(canvas, stage)
    if stage.tones.stars > 0:
        _milky_way(canvas, stage)
        _stars(canvas, stage)
    if stage.scene.mood == "magic" and stage.scene.time is Time.NIGHT:
        _northern_lights(canvas, stage)
    _sun_or_moon(canvas, stage)


def _gradient(canvas: Canvas, stage: Stage) -> None:
    reach = stage.horizon * 1.04
    rows = np.clip(canvas.rows / reach, 0, 1)
    waves = np.clip(rows[:, None] + 0.014 * canvas.streaks + 0.022 * canvas.mottle, 0, 1)
    for channel in range(3):
        tones = [colour[channel] for colour in stage.tones.sky]
        canvas.pixels[..., channel] = np.interp(waves, _STOPS, tones)


def _sun_or_moon(canvas: Canvas, stage: Stage) -> None:
    scene, tones = stage.scene, stage.tones
    x, y = stage.sun
    low = scene.time in (Time.DAWN, Time.SUNSET)
    hidden = {Weather.RAIN: 0.3, Weather.STORM: 0.25, Weather.FOG: 0.6, Weather.SNOW: 0.5}
    open_ = hidden.get(scene.weather, 0.55 if scene.weather is Weather.CLOUDY else 1.0)
    canvas.glow(x, y, 95 if low else 70, tones.glow, (0.8 if low else 0.55) * (0.5 + 0.5 * open_))
    canvas.glow(x, y, 34, tones.glow, 0.6 * (0.4 + 0.6 * open_))
    if any(word in s.name for s in scene.subjects for word in ("sun", "moon")):
        return
    if scene.time is Time.NIGHT:
        if open_ > 0.5 or scene.moon:
            _moon(canvas, stage)
    elif open_ >= 0.5:
        _disc(canvas, x, y, 6.2 if low else 5.2, tones.disc, 0.55 + 0.45 * open_)
        canvas.glow(x, y, 14, tones.glow, 0.5)


def _disc(
    canvas: Canvas, x: float, y: float, radius: float, colour: Colour, opacity: float
) -> None:
    layer = Layer()
    layer.ellipse(x, y, radius, radius, colour)
    canvas.lay(layer, opacity=opacity, grain=0.0, soft=0.15)


def _moon(canvas: Canvas, stage: Stage) -> None:
    x, y = stage.sun
    rng = stage.rng("moon")
    radius = 6.0
    disc, grey = stage.tones.disc, mix(stage.tones.disc, stage.tones.sky[1], 0.22)
    canvas.glow(x, y, 26, stage.tones.glow, 0.55)
    layer = Layer()
    if rng.random() < 0.35 and not stage.scene.moon:
        layer.polygon(_crescent(x, y, radius, stage.light_side), disc)
    else:
        layer.ellipse(x, y, radius, radius, disc)
        for _ in range(6):
            angle, reach = rng.uniform(0, 2 * pi), rng.uniform(0.1, 0.62) * radius
            size = rng.uniform(0.5, 1.5)
            spot = (x + reach * cos(angle), y + reach * sin(angle))
            layer.blob(*spot, size, size * 0.9, grey, rng)
    canvas.lay(layer, grain=0.03, soft=0.12)


def _crescent(x: float, y: float, radius: float, side: float) -> list[Point]:
    """The outline of a waxing or waning moon, leaning a little."""
    arc = [pi * k / 24 - pi / 2 for k in range(25)]
    outer = [(side * radius * cos(t), radius * sin(t)) for t in arc]
    inner = [(side * radius * 0.42 * cos(t), radius * sin(t)) for t in arc]
    lean = 0.4 * side
    return [
        (x + a * cos(lean) - b * sin(lean), y + a * sin(lean) + b * cos(lean))
        for a, b in outer + inner[::-1]
    ]


def _stars(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("stars")
    layer = Layer()
    many = int(0.011 * stage.across * stage.horizon * (1.5 if stage.scene.stars else 1.0))
    for _ in range(min(many, 320)):
        x, y = rng.uniform(0, stage.across), stage.horizon * rng.random() ** 1.25 * 0.94
        size = 0.14 + 0.34 * rng.random() ** 4
        alpha = (0.35 + 0.65 * rng.random()) * (1 - 0.6 * y / stage.horizon) * stage.tones.stars
        layer.ellipse(x, y, size, size, mix(WHITE, rgb("ffe9b8"), rng.random()), alpha)
    for _ in range(5 if stage.scene.stars else 3):
        _sparkle(
            layer,
            rng.uniform(0.05, 0.95) * stage.across,
            rng.uniform(0.04, 0.55) * stage.horizon,
            rng.uniform(0.9, 1.5),
        )
    canvas.lay(layer, grain=0.0)


def _sparkle(layer: Layer, x: float, y: float, size: float) -> None:
    thin = size * 0.14
    corners = [(0, -size), (thin, -thin), (size, 0), (thin, thin)]
    corners += [(-a, -b) for a, b in corners]
    layer.polygon([(x + a, y + b) for a, b in corners], rgb("fff8e0"), 0.95)


def _milky_way(canvas: Canvas, stage: Stage) -> None:
    if stage.tones.stars < 0.9:
        return
    box = canvas.box(0, 0, stage.across, stage.horizon)
    if box is None:
        return
    band = _slanted(canvas, stage, box)
    canvas.tint(
        np.clip(band, 0, 1) * np.float32(0.26), mix(stage.tones.glow, stage.tones.sky[3], 0.4), box
    )


def _slanted(canvas: Canvas, stage: Stage, box: tuple[int, int, int, int]) -> Field:
    left, top, right, bottom = box
    rng = stage.rng("milky way")
    x = canvas.columns[None, left:right] / stage.across
    y = canvas.rows[top:bottom, None] / stage.horizon
    slope = rng.choice((-1, 1)) * rng.uniform(0.5, 0.9)
    away = y - 0.42 - slope * (x - 0.5)
    dust = cloudy(
        (bottom - top, right - left), (4.0, 6.0), seed=stage.number("dust"), octaves=4, coarse=3
    )
    band: Field = np.exp(-((away + 0.12 * dust) ** 2) / 0.03) * (0.65 + 0.6 * dust)
    return band.astype(np.float32)


def _northern_lights(canvas: Canvas, stage: Stage) -> None:
    box = canvas.box(0, 0, stage.across, stage.horizon * 0.86)
    if box is None:
        return
    left, top, right, bottom = box
    x = canvas.columns[left:right] / stage.across
    y = canvas.rows[top:bottom, None] / stage.horizon
    rng = stage.rng("aurora")
    for colour, base in ((rgb("6ff0b4"), 0.56), (rgb("b58cf0"), 0.40)):
        phase, turns = rng.uniform(0, 6), rng.uniform(4, 7)
        fold = base + 0.10 * np.sin(turns * x + phase) + 0.035 * np.sin(3.1 * turns * x + 2 * phase)
        rays = 0.62 + 0.38 * np.sin(46 * x + 5 * np.sin(9 * x + phase))
        above = (fold[None, :] - y) / 0.40
        veil = smoothstep(-0.06, 0.10, above.astype(np.float32)) * np.clip(1 - above, 0, 1) ** 1.6
        canvas.tint((0.55 * veil * rays[None, :]).astype(np.float32), colour, box)
