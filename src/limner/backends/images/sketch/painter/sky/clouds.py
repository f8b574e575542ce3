"""Cumulus clouds, built from lit spheres on a flat base, and the grey roofs of bad weather."""

from dataclasses import dataclass
from random import Random

import numpy as np

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import Colour, mix
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.painter.surface.noise import Field, cloudy, resized, smoothstep
from limner.backends.images.sketch.scene import Place, Time, Weather


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud.

    Attributes:
        x: Its middle.
        base: Its flat lower edge.
        width: Its length.
        height: How high it towers.
        puffs: Its spheres: middle across, middle down and radius.
    """

    x: float
    base: float
    width: float
    height: float
    puffs: tuple[tuple[float, float, float], ...]


def heap(x: float, base: float, width: float, height: float, rng: Random) -> Cloud:
    """A cumulus: large spheres in the middle, smaller ones at the ends, all on one base."""
    puffs: list[tuple[float, float, float]] = []
    peak = rng.uniform(0.35, 0.65)
    for k in range(11):
        place = (k + rng.uniform(0.1, 0.9)) / 11
        swell = max(0.12, 1 - abs(place - peak) / max(peak, 1 - peak)) ** 0.8
        radius = height * (0.16 + 0.24 * swell) * rng.uniform(0.8, 1.15)
        puffs.append((x + (place - 0.5) * width, base - 0.35 * radius, radius))
        top = height * swell - radius
        if top > radius * 0.6:
            puffs.append(
                (
                    x + (place - 0.5) * width * 0.85,
                    base - top * rng.uniform(0.7, 1.0),
                    radius * rng.uniform(0.75, 1.1),
                )
            )
    return Cloud(x=x, base=base, width=width, height=height, puffs=tuple(puffs))


def paint_clouds(canvas: Canvas, stage: Stage) -> None:
    """The clouds the weather asks for: few and large, never over the sun by day."""
    scene, rng = stage.scene, stage.rng("clouds")
    if scene.weather in (Weather.CLOUDY, Weather.RAIN, Weather.STORM):
        _roof(canvas, stage, rng)
        return
    if scene.weather is Weather.FOG:
        return
    _wisps(canvas, stage, rng)
    if scene.time is Time.NIGHT or scene.weather is Weather.SNOW:
        count, strength = 2, 0.5
    else:
        count, strength = 3, 0.94
    if scene.place is Place.SKY:
        count += 2
    for k in range(count):
        cloud = _well_placed(stage, rng, k, count)
        paint_cloud(canvas, stage, cloud, strength, stage.number(f"cloud {k}"))


def _well_placed(stage: Stage, rng: Random, k: int, count: int) -> Cloud:
    """Spread over the sky, away from the sun; lower clouds are smaller and farther."""
    share = (k + rng.uniform(0.25, 0.75)) / count
    x = stage.across * (share if rng.random() < 0.5 else 1 - share)
    if abs(x - stage.sun[0]) < 26:
        x += 38 if x >= stage.sun[0] else -38
    level = rng.uniform(0.24, 0.72)
    size = 1.15 - 0.8 * level
    width = rng.uniform(38, 62) * size
    return heap(x, stage.horizon * level, width, width * rng.uniform(0.34, 0.46), rng)


def _paint_heavy_cloud(canvas: Canvas, stage: Stage, cloud: Cloud, near: float, seed: int) -> None:
    tones, storm = stage.tones, stage.scene.weather is Weather.STORM
    dark = mix(tones.cloud_shade, tones.sky[0], 0.35 * near if storm else 0.15)
    lit = mix(tones.cloud_lit, tones.cloud_shade, 0.25 + 0.3 * near)
    paint_cloud(canvas, stage, cloud, 0.62 + 0.2 * near, seed, lit=lit, shade=dark)


def _roof(canvas: Canvas, stage: Stage, rng: Random) -> None:
    """Rows of heavy clouds, darker and larger towards the viewer."""
    for line, level in enumerate((0.64, 0.38, 0.12)):
        near = line / 2
        steps = 4 - line
        for k in range(steps):
            x = stage.across * (k + rng.uniform(0.2, 0.8)) / steps
            if stage.scene.moon and line < 2 and abs(x - stage.sun[0]) < 30:
                continue
            width = stage.across / steps * rng.uniform(0.8, 1.5)
            height = min(width * 0.4, stage.horizon * (0.22 + 0.16 * near))
            cloud = heap(x, stage.horizon * (level + rng.uniform(-0.11, 0.11)), width, height, rng)
            _paint_heavy_cloud(canvas, stage, cloud, near, stage.number(f"roof {line} {k}"))


def _wisps(canvas: Canvas, stage: Stage, rng: Random) -> None:
    """Thin high streaks."""
    layer = Layer()
    windy = stage.scene.weather is Weather.WIND
    for _ in range(9 if windy else 4):
        x, y = rng.uniform(0, stage.across), stage.horizon * rng.uniform(0.08, 0.66)
        length, lift = rng.uniform(14, 34), rng.uniform(-1.5, 1.5)
        line = [
            (x + (k / 6 - 0.5) * length, y + lift * (k / 6) ** 2 + rng.uniform(-0.25, 0.25))
            for k in range(7)
        ]
        layer.stroke(line[:4], 0.1, 1.2, stage.tones.cloud_lit)
        layer.stroke(line[3:], 1.2, 0.1, stage.tones.cloud_lit)
    canvas.lay(layer, opacity=0.34, soft=0.55, grain=0.1)


def _extent(canvas: Canvas, cloud: Cloud) -> tuple[int, int, int, int] | None:
    """The pixels that a cloud may touch."""
    margin = cloud.height * 0.35
    return canvas.box(
        cloud.x - cloud.width / 2 - margin * 1.6,
        cloud.base - cloud.height - margin * 1.4,
        cloud.x + cloud.width / 2 + margin * 1.6,
        cloud.base + margin,
    )


def paint_cloud(
    canvas: Canvas,
    stage: Stage,
    cloud: Cloud,
    strength: float,
    seed: int,
    *,
    lit: Colour | None = None,
    shade: Colour | None = None,
) -> None:
    """Paint one cloud, `strength` (0 to 1) opaque."""
    box = _extent(canvas, cloud)
    if box is None:
        return
    left, top, right, bottom = box
    shape = (bottom - top, right - left)
    step = _step(canvas)
    if min(shape) <= 2 * step:
        return
    body, light = _modelled(canvas, stage, cloud, box, seed)
    tones = stage.tones
    colour_lit, colour_shade = lit or tones.cloud_lit, shade or tones.cloud_shade
    target = canvas.pixels[top:bottom, left:right]
    alpha = resized(body, shape)[..., None] * np.float32(strength)
    share = np.clip(resized(light, shape), 0, 1)[..., None]
    paint = np.array(colour_shade, np.float32) * (1 - share)
    paint += np.array(colour_lit, np.float32) * share
    target *= 1 - np.clip(alpha, 0, 1)
    target += paint * np.clip(alpha, 0, 1)


def _step(canvas: Canvas) -> int:
    """Every how many pixels a cloud is modelled; the rest is interpolated."""
    return max(3 if canvas.frame.unit > 4 else 1, round(canvas.frame.unit / 2.2))


def _dome(cloud: Cloud, x: Field, y: Field) -> Field:
    """How far a cloud swells towards the viewer."""
    dome = np.zeros(x.shape, np.float32)
    for px, py, radius in cloud.puffs:
        inside = radius * radius - (x - px) ** 2 - (y - py) ** 2
        np.maximum(dome, np.sqrt(np.maximum(inside, 0)), out=dome)
    return dome


def _modelled(
    canvas: Canvas, stage: Stage, cloud: Cloud, box: tuple[int, int, int, int], seed: int
) -> tuple[Field, Field]:
    """How much cloud there is, and how much light falls on it, at half the resolution."""
    left, top, right, bottom = box
    step = _step(canvas)
    x = canvas.columns[left:right:step][None, :]
    y = canvas.rows[top:bottom:step][:, None]
    shape = (y.shape[0], x.shape[1])
    extent = (
        (bottom - top) / canvas.frame.unit / cloud.height * 2.1,
        (right - left) / canvas.frame.unit / cloud.height * 2.1,
    )
    curl = cloudy(shape, extent, seed=seed, octaves=4)
    wx = x + curl * cloud.height * 0.11
    wy = y + np.roll(curl, shape[1] // 3, axis=1) * cloud.height * 0.11
    dome = _dome(cloud, wx, wy)
    body = smoothstep(0.02 * cloud.height, 0.14 * cloud.height, dome)
    body *= smoothstep(cloud.base + 0.06 * cloud.height, cloud.base - 0.10 * cloud.height, wy)
    slope_y, slope_x = np.gradient(dome, step / canvas.frame.unit)
    towards = 0.62 * slope_y + 0.45 * -stage.light_side * slope_x
    high = np.clip((cloud.base - y) / cloud.height, 0, 1)
    light = 0.16 + 0.52 * high + 0.34 * np.clip(towards, -1, 1) + 0.10 * curl
    return body, smoothstep(0.12, 0.86, light.astype(np.float32))
