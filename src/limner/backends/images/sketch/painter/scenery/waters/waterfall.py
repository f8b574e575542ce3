"""A waterfall: rock on both sides, white water between, spray where it meets the pool."""

from math import sin

from limner.backends.images.sketch.painter.land.ground import paint_tree_shade
from limner.backends.images.sketch.painter.land.hills import paint_range
from limner.backends.images.sketch.painter.land.plants import bush, fern, stone
from limner.backends.images.sketch.painter.land.trees import TreeSpot, palm, plant
from limner.backends.images.sketch.painter.land.water import (
    LAKE,
    paint_ripples,
    paint_water,
)
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.scenery.waters.lake import paint_bank, paint_reeds
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer, Point, curve
from limner.backends.images.sketch.scene import Season, Stance

_ROCK = rgb("857d76")
_BRINK = 0.24
"""Where the water begins to fall, as a share of the height of the sky."""


def _waterfall_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    rng = stage.rng("waterfall")
    paint_range(canvas, stage, stage.horizon * 0.6, rng.uniform(12, 18), 0.9)
    middle, half = _middle(stage), 0.1 * stage.across
    brink = stage.horizon * _BRINK
    _cliff(canvas, stage, brink)
    _trees_above(canvas, stage, brink)
    _fall(canvas, stage, middle, half, brink)
    paint_water(canvas, stage, stage.horizon + 0.4, stage.down, LAKE, mirror=0.4)
    paint_ripples(canvas, stage, stage.horizon + 1, stage.down, count=110)
    _spray(canvas, stage, middle, half)


def _middle(stage: Stage) -> float:
    """Where it falls: beside those who stand before it."""
    return stage.across * (0.36 if stage.focus > stage.across / 2 else 0.64)


def _cliff(canvas: Canvas, stage: Stage, brink: float) -> None:
    """The wall of rock, broken into upright slabs."""
    rng = stage.rng("cliff")
    tops: list[Point] = []
    x = -3.0
    while x < stage.across + 8:
        near = abs(x - _middle(stage)) < 0.13 * stage.across
        lift = 0.0 if near else rng.uniform(-3.5, 6.0)
        tops.append((x, brink - lift))
        x += rng.uniform(4, 9)
    layer = Layer()
    layer.polygon(
        [*tops, (stage.across + 8, stage.horizon + 2), (-3, stage.horizon + 2)],
        stage.seen(_ROCK, depth=0.25, lit=0.75),
    )
    deep = stage.seen(varied(_ROCK, 0, 1.1, 0.55), depth=0.2, lit=0.3)
    canvas.lay(layer, fade=Fade(deep, brink, stage.horizon, 0.8), grain=0.12)
    slabs = Layer()
    for _ in range(46):
        x, top = rng.uniform(0, stage.across), rng.uniform(brink + 3, stage.horizon - 4)
        wide, tall = rng.uniform(2, 6), rng.uniform(4, 15)
        low = min(stage.horizon, top + tall)
        lit = rng.uniform(0.2, 0.95)
        slabs.polygon(
            [(x, top), (x + wide, top + rng.uniform(-1.5, 1.5)), (x + wide * 0.9, low), (x, low)],
            stage.seen(varied(_ROCK, 0, 1, rng.uniform(0.72, 1.16)), depth=0.22, lit=lit),
            0.75,
        )
    canvas.lay(slabs, grain=0.1)


def _trees_above(canvas: Canvas, stage: Stage, brink: float) -> None:
    rng = stage.rng("brink")
    layer = Layer()
    for _ in range(16):
        x = rng.uniform(0, stage.across)
        if abs(x - _middle(stage)) > 0.14 * stage.across:
            spot = TreeSpot(x, brink + rng.uniform(-1, 2), rng.uniform(9, 15), 0.4)
            plant(layer, stage, spot, rng, needles=0.4)
    canvas.lay(layer, grain=0.08)


def _fall(canvas: Canvas, stage: Stage, middle: float, half: float, brink: float) -> None:
    """The water, wider below, in strands of white and blue."""
    rng = stage.rng("fall")
    low = stage.horizon + 2.5
    body = Layer()
    body.polygon(
        [
            (middle - half * 0.78, brink - 1.2),
            (middle + half * 0.78, brink - 1.2),
            (middle + half * 1.1, low),
            (middle - half * 1.1, low),
        ],
        stage.seen(rgb("b9d9e6"), depth=0.15, lit=0.8),
    )
    canvas.lay(body, fade=Fade(stage.seen(rgb("eef7fa"), lit=0.9), brink, low, 0.8), grain=0.05)
    strands = Layer()
    for k in range(34):
        share = (k + rng.random()) / 34 * 2 - 1
        top = rng.uniform(brink - 1, low - 18)
        long = rng.uniform(14, 40)
        line = [
            (
                middle + share * half * (0.78 + 0.32 * (y - brink) / (low - brink)) + 0.3 * sin(y),
                y,
            )
            for y in (top, (2 * top + min(low, top + long)) / 3, min(low, top + long))
        ]
        code = rng.choice(("ffffff", "ffffff", "8fbdd2", "d8edf4"))
        strands.stroke(curve(line, 3), 0.5, 0.9, stage.seen(rgb(code), depth=0.1, lit=0.85), 0.8)
    canvas.lay(strands, opacity=0.9, grain=0.0, soft=0.12)


def _spray(canvas: Canvas, stage: Stage, middle: float, half: float) -> None:
    """Where it meets the pool: foam, stones and a cloud of drops."""
    rng = stage.rng("spray")
    white = stage.seen(rgb("f6fbfc"), lit=0.9)
    layer = Layer()
    for _ in range(26):
        x = rng.gauss(middle, half * 0.8)
        y = stage.horizon + abs(rng.gauss(0, 2.6))
        layer.blob(x, y, rng.uniform(1.4, 4.2), rng.uniform(0.8, 2.0), white, rng, alpha=0.7)
    canvas.lay(layer, opacity=0.75, soft=0.7, grain=0.0)
    canvas.glow(middle, stage.horizon - 2, half * 2.2, mix(white, stage.tones.haze, 0.3), 0.5)
    rocks = Layer()
    for side in (-1, 1):
        for k in range(4):
            x = middle + side * half * (1.2 + 0.42 * k) + rng.uniform(-1, 1)
            y = stage.horizon + 2.5 + rng.uniform(0, 3)
            stone(rocks, stage, x, y, rng.uniform(2.4, 5.0), 0.2, rng)
    canvas.lay(rocks, grain=0.1)


def _waterfall_middle(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("waterfall middle")
    layer = Layer()
    warm = stage.scene.trees == "palm" and stage.scene.season is not Season.WINTER
    for side in (-1, 1):
        x = stage.across * (0.5 + side * rng.uniform(0.4, 0.48))
        spot = TreeSpot(x, stage.ground(0.3), rng.uniform(34, 46), 0.15)
        paint_tree_shade(canvas, stage, x, stage.ground(0.3), 18)
        if warm:
            palm(layer, stage, spot, rng)
        else:
            plant(layer, stage, spot, rng, needles=0.5)
        for _ in range(5):
            edge = stage.across * (0.5 + side * rng.uniform(0.33, 0.52))
            foot = stage.ground(rng.uniform(0.12, 0.34))
            if warm or rng.random() < 0.4:
                fern(layer, stage, edge, foot, rng.uniform(4, 7), rng)
            else:
                bush(layer, stage, edge, foot, rng.uniform(3, 5), 0.15, rng)
    canvas.lay(layer, grain=0.08)
    ashore = (Stance.GROUND, Stance.TABLE, Stance.FACE)
    if any(not p.back and not p.carried and p.subject.stance in ashore for p in stage.placements):
        paint_bank(canvas, stage)


WATERFALL = Scenery(_waterfall_back, _waterfall_middle, paint_reeds)
