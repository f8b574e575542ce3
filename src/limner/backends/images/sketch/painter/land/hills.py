"""Rolling land and mountain ranges, one behind the other."""

from collections.abc import Callable
from itertools import pairwise
from math import pi, sin
from random import Random

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import Colour, mix, rgb
from limner.backends.images.sketch.painter.surface.layer import Layer, Point

Line = Callable[[float], float]
"""The height of a ridge in the picture at each place across."""


def rolling(base: float, swing: float, length: float, rng: Random) -> Line:
    """A soft ridge line around `base` that swings up and down over `length` units."""
    waves = [
        (swing * share, length * scale * rng.uniform(0.8, 1.25), rng.uniform(0, 2 * pi))
        for share, scale in ((0.62, 1.0), (0.28, 0.44), (0.10, 0.19))
    ]
    return lambda x: base + sum(a * sin(2 * pi * x / w + p) for a, w, p in waves)


def ridge(stage: Stage, line: Line, step: float = 1.5) -> list[Point]:
    """The outline of the land under a ridge line, down to the lower edge."""
    count = int(stage.across / step) + 2
    top = [(k * step - 1, line(k * step - 1)) for k in range(count + 1)]
    return [*top, (stage.across + 2, stage.down + 2), (-2, stage.down + 2)]


def paint_hill(
    canvas: Canvas,
    stage: Stage,
    line: Line,
    local: Colour,
    *,
    depth: float,
    mist: float = 0.25,
    reach: float = 22.0,
) -> None:
    """One hill: lit along its crest, dissolving downwards into mist."""
    layer = Layer()
    layer.polygon(ridge(stage, line), stage.seen(local, depth=depth, lit=0.75))
    top = min(line(k * stage.across / 12) for k in range(13))
    shade = mix(stage.seen(local, depth=depth, lit=0.25), stage.tones.haze, mist)
    canvas.lay(layer, fade=Fade(shade, top, top + reach, 0.8), grain=0.08)


def paint_range(canvas: Canvas, stage: Stage, base: float, height: float, depth: float) -> None:
    """A far range of mountains as one pale silhouette."""
    rng = stage.rng(f"range {depth:.2f}")
    points: list[Point] = [(-4.0, base + 4), *_skyline(stage.across, base, height, rng)]
    points += [(stage.across + 30, base + 4)]
    layer = Layer()
    layer.polygon(points, stage.seen(rgb("8796ad"), depth=depth, lit=0.6))
    canvas.lay(layer, fade=Fade(stage.tones.haze, base - height, base + 2, 0.85), grain=0.05)


def _skyline(across: float, base: float, height: float, rng: Random) -> list[Point]:
    """Peaks of unequal size, their flanks broken by halving them three times."""
    knots: list[Point] = []
    x, up = -6.0, False
    while x < across + 26:
        lift = rng.uniform(0.5, 1.0) if up else rng.uniform(0.12, 0.4)
        knots.append((x, base - height * lift))
        x, up = x + rng.uniform(6, 17), not up
    for level in range(3):
        finer: list[Point] = []
        for (ax, ay), (bx, by) in pairwise(knots):
            rough = height * 0.16 / 2**level
            middle = ((ax + bx) / 2, (ay + by) / 2 + rng.uniform(-rough, rough))
            finer += [(ax, ay), middle]
        knots = [*finer, knots[-1]]
    return knots


def paint_mountain(
    canvas: Canvas,
    stage: Stage,
    x: float,
    base: float,
    height: float,
    spread: float,
    *,
    depth: float,
    rock: Colour,
    snow: float = 0.42,
) -> None:
    """One mountain: a lit and a shaded face, ribs, and snow down to a share of its height."""
    rng = stage.rng(f"mountain {x:.2f} {depth:.2f}")
    side = stage.light_side
    summit = (x, base - height)
    left = _flank(summit, (x - spread, base), rng)
    right = _flank(summit, (x + spread * rng.uniform(0.85, 1.15), base), rng)
    spine = _flank(summit, (x + spread * rng.uniform(-0.18, 0.18), base), rng, rough=0.10)
    lit = stage.seen(rock, depth=depth, lit=0.95)
    dark = stage.seen(rock, depth=depth, lit=0.12)
    layer = Layer()
    layer.polygon(left + right[::-1], lit)
    layer.polygon(spine + (left if side > 0 else right)[::-1], dark)
    _ribs(layer, spine, right if side > 0 else left, mix(lit, dark, 0.45), rng)
    _ribs(layer, spine, left if side > 0 else right, mix(dark, lit, 0.3), rng)
    if snow:
        white = stage.seen(rgb("fbfaf6"), depth=depth * 0.7, lit=1.0)
        blue = stage.seen(rgb("c9d6ea"), depth=depth * 0.7, lit=0.4)
        _cap(layer, left, spine, blue if side > 0 else white, snow, rng)
        _cap(layer, spine, right, white if side > 0 else blue, snow, rng)
    canvas.lay(layer, fade=Fade(stage.tones.haze, base - height * 0.7, base, 0.75), grain=0.10)


def _flank(top: Point, foot: Point, rng: Random, rough: float = 0.07) -> list[Point]:
    """A broken line from the summit to the foot."""
    line = [top]
    for k in range(1, 9):
        t = k / 9
        jitter = rough * abs(foot[1] - top[1]) * 0.5
        line.append(
            (
                top[0] + (foot[0] - top[0]) * (t**1.12) + rng.uniform(-jitter, jitter),
                top[1] + (foot[1] - top[1]) * t + rng.uniform(-jitter, jitter) * 0.5,
            )
        )
    return [*line, foot]


def _ribs(layer: Layer, spine: list[Point], edge: list[Point], colour: Colour, rng: Random) -> None:
    """Facets that run down from the spine towards an edge."""
    for k in (2, 4, 6):
        t = rng.uniform(0.35, 0.7)
        a, b = spine[k], spine[min(9, k + 2)]
        c = edge[min(9, k + 2)]
        tip = (b[0] + (c[0] - b[0]) * t, b[1] + (c[1] - b[1]) * t + 1.0)
        layer.polygon([a, tip, (b[0] + (tip[0] - b[0]) * 0.35, b[1] + 1.5)], colour)


def _cap(
    layer: Layer, left: list[Point], right: list[Point], colour: Colour, share: float, rng: Random
) -> None:
    """Snow between two lines from the summit, with tongues along its lower edge."""
    depth = share * 9
    a, b = _cut(left, depth), _cut(right, depth)
    hem: list[Point] = []
    for k in range(1, 6):
        t = k / 6
        drop = abs(b[-1][1] - left[0][1]) * (rng.uniform(0.05, 0.26) if k % 2 else -0.12)
        hem.append(
            (a[-1][0] + (b[-1][0] - a[-1][0]) * t, a[-1][1] + (b[-1][1] - a[-1][1]) * t + drop)
        )
    layer.polygon(a + hem + b[::-1], colour)


def _cut(line: list[Point], depth: float) -> list[Point]:
    whole = int(depth)
    part = depth - whole
    (ax, ay), (bx, by) = line[whole], line[min(whole + 1, len(line) - 1)]
    return [*line[: whole + 1], (ax + (bx - ax) * part, ay + (by - ay) * part)]
