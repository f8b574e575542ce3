"""A street in an old town, and its skyline."""

from itertools import pairwise
from random import Random

from limner.backends.images.sketch.painter.buildings.houses import LAMP
from limner.backends.images.sketch.painter.buildings.market import paint_market
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import Colour, mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Time

_FACADES = ("e6c9a0", "d9a58a", "c9d0c4", "e9dcc0", "b9c4cf", "d6b4a6", "efd9a8")


SNOWY = rgb("e6ebf2")


def _city_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    for level, tall, depth in ((0.0, 44.0, 0.92), (0.5, 36.0, 0.72)):
        _skyline(canvas, stage, stage.horizon + 2 + level, tall, depth)
    _street(canvas, stage)


def _skyline(canvas: Canvas, stage: Stage, base: float, tall: float, depth: float) -> None:
    """Roofs and towers against the sky, their windows lit after dark."""
    rng = stage.rng(f"skyline {depth:.2f}")
    layer = Layer()
    x = -3.0
    while x < stage.across + 3:
        width, height = rng.uniform(7, 13), tall * rng.uniform(0.4, 0.85)
        wall = stage.seen(mix(rgb(rng.choice(_FACADES)), rgb("8a93a8"), 0.4), depth=depth, lit=0.5)
        _tower(layer, stage, x, base, width, height, wall, depth, rng)
        x += width * rng.uniform(0.95, 1.15)
    canvas.lay(layer, fade=Fade(stage.tones.haze, base - tall * 0.6, base, 0.6), grain=0.06)


def _tower(
    layer: Layer,
    stage: Stage,
    x: float,
    base: float,
    width: float,
    height: float,
    wall: Colour,
    depth: float,
    rng: Random,
) -> None:
    top = base - height
    layer.polygon([(x, base), (x, top), (x + width, top), (x + width, base)], wall)
    shape = rng.random()
    roof = stage.seen(rgb(rng.choice(("8a5a50", "5f6f80", "9a6a4c"))), depth=depth, lit=0.4)
    if shape < 0.4:
        layer.polygon(
            [(x - 0.4, top), (x + width / 2, top - width * 0.6), (x + width + 0.4, top)], roof
        )
    elif shape < 0.6:
        layer.polygon(
            [(x + width * 0.3, top), (x + width / 2, top - width * 1.3), (x + width * 0.7, top)],
            roof,
        )
    elif shape < 0.75:
        layer.ellipse(x + width / 2, top, width * 0.4, width * 0.42, roof)
    _windows(layer, stage, (x, top, width, height), depth, rng)


def _windows(
    layer: Layer, stage: Stage, wall: tuple[float, float, float, float], depth: float, rng: Random
) -> None:
    x, top, width, height = wall
    dark = stage.scene.time in (Time.NIGHT, Time.SUNSET)
    pane = stage.seen(rgb("6a7f96"), depth=depth, lit=0.3)
    lamp = mix(LAMP, stage.tones.haze, 0.45 * depth)
    columns, rows = max(2, int(width / 2.6)), int(height / 4.2)
    for i in range(columns):
        for j in range(rows):
            glow = dark and rng.random() < (0.55 if stage.scene.time is Time.NIGHT else 0.3)
            wx, wy = x + width * (i + 0.5) / columns, top + 2.4 + 4.2 * j
            layer.polygon(
                [
                    (wx - 0.5, wy - 0.9),
                    (wx + 0.5, wy - 0.9),
                    (wx + 0.5, wy + 0.9),
                    (wx - 0.5, wy + 0.9),
                ],
                lamp if glow else pane,
            )


def _street(canvas: Canvas, stage: Stage) -> None:
    """Cobbles between two rows of houses that lead to the vanishing point."""
    rng = stage.rng("street")
    vx, vy = (
        stage.across * (0.5 + (0.06 if stage.focus < stage.across / 2 else -0.06)),
        stage.horizon + 0.5,
    )
    stone_ = SNOWY if stage.snowy else rgb("b3a698")
    layer = Layer()
    layer.polygon(
        [
            (-2, stage.horizon),
            (stage.across + 2, stage.horizon),
            (stage.across + 2, stage.down + 2),
            (-2, stage.down + 2),
        ],
        stage.seen(stone_, depth=0.5, lit=0.8),
    )
    canvas.lay(
        layer,
        fade=Fade(
            stage.seen(varied(stone_, 0.0, 1.2, 0.7), lit=0.5), stage.horizon, stage.down, 0.9
        ),
        grain=0.1,
    )
    cobbles = Layer()
    y, gap = stage.horizon + 1.2, 0.7
    while y < stage.down + 2:
        x = -rng.uniform(0, gap * 2.4)
        while x < stage.across:
            wide = gap * rng.uniform(1.7, 2.5)
            tone = stage.seen(
                varied(stone_, rng.uniform(-0.02, 0.02), 1.1, rng.choice((0.8, 0.9, 1.08))),
                depth=0.3 * (stage.down - y) / (stage.down - stage.horizon),
                lit=0.65,
            )
            cobbles.ellipse(x + wide / 2, y, wide * 0.46, gap * 0.42, tone, 0.6)
            x += wide
        y += gap
        gap *= 1.13
    canvas.lay(cobbles, opacity=0.55, grain=0.06)
    for side in (-1, 1):
        _terrace(canvas, stage, side, vx, vy, rng)


def _terrace(canvas: Canvas, stage: Stage, side: int, vx: float, vy: float, rng: Random) -> None:
    """Houses along one side of the street, in perspective, nearest last."""
    edge = stage.across * (0.5 + 0.5 * side)
    facing = 0.9 if side != stage.light_side else 0.3
    near_foot, near_top = stage.ground(0.62), -stage.down * 0.12
    steps = (0.78, 0.66, 0.52, 0.36, 0.17, -0.1)
    for far, near in pairwise(steps):
        local = rgb(rng.choice(_FACADES))
        tall = rng.uniform(0.72, 0.92)
        layer = Layer()
        quad = []
        for t in (far, near):
            x = edge + (vx - edge) * t
            foot = near_foot + (vy - near_foot) * t
            top = near_top + (vy - near_top) * t
            quad.append((x, foot, foot + (top - foot) * tall))
        (x0, f0, t0), (x1, f1, t1) = quad
        depth = 0.62 * max(0.0, far)
        if stage.scene.ruined:
            _ruin(layer, stage, quad, depth, facing, rng)
            canvas.lay(layer, grain=0.16)
            continue
        layer.polygon(
            [(x0, f0), (x0, t0), (x1, t1), (x1, f1)], stage.seen(local, depth=depth, lit=facing)
        )
        roof = stage.seen(
            rgb(rng.choice(("9c5444", "7a5a50", "6a7480"))), depth=depth, lit=facing * 0.8
        )
        rise = (f1 - t1) * 0.13
        inner = side * (x1 - x0) * side * 0.12
        layer.polygon(
            [
                (x0 - inner * 0.2, t0),
                (x0 + inner * 0.5, t0 - rise * 0.8),
                (x1, t1 - rise),
                (x1, t1),
            ],
            roof,
        )
        _facade(layer, stage, quad, depth, facing, rng)
        canvas.lay(layer, grain=0.1)


def _ruin(
    layer: Layer,
    stage: Stage,
    quad: list[tuple[float, float, float]],
    depth: float,
    facing: float,
    rng: Random,
) -> None:
    """What is left of a house: a wall with a broken top and empty windows."""
    (x0, f0, t0), (x1, f1, t1) = quad
    wall = stage.seen(rgb("9a9088"), depth=depth, lit=facing)
    hole = stage.seen(rgb("4a4644"), depth=depth, lit=0.3)

    def at(s: float, up: float) -> tuple[float, float]:
        foot, top = f0 + (f1 - f0) * s, t0 + (t1 - t0) * s
        return (x0 + (x1 - x0) * s, foot + (top - foot) * up)

    high = rng.uniform(0.45, 0.85)
    broken = [at(k / 7, high + rng.uniform(-0.16, 0.16)) for k in range(8)]
    layer.polygon([at(0, 0), *broken, at(1, 0)], wall)
    for up in (0.3, 0.5):
        for s in (0.28, 0.7):
            if up + 0.1 < high:
                corners = ((-0.1, -0.07), (0.1, -0.07), (0.1, 0.06), (-0.1, 0.07))
                layer.polygon([at(s + dx, up + dy) for dx, dy in corners], hole)
    for _ in range(5):
        x, y = at(rng.random(), 0)
        size = abs(f0 - t0) * rng.uniform(0.02, 0.06)
        layer.blob(x, y, size * 1.6, size, stage.seen(rgb("857b72"), depth=depth, lit=0.5), rng)


def _facade(
    layer: Layer,
    stage: Stage,
    quad: list[tuple[float, float, float]],
    depth: float,
    facing: float,
    rng: Random,
) -> None:
    (x0, f0, t0), (x1, f1, t1) = quad
    dark = stage.scene.time in (Time.NIGHT, Time.SUNSET)
    pane = stage.seen(rgb("5f7488"), depth=depth, lit=0.3)
    frame = stage.seen(rgb("f3e6cf"), depth=depth, lit=facing)

    def at(s: float, up: float) -> tuple[float, float]:
        foot, top = f0 + (f1 - f0) * s, t0 + (t1 - t0) * s
        return (x0 + (x1 - x0) * s, foot + (top - foot) * up)

    for up in (0.4, 0.6, 0.8):
        for s in (0.26, 0.70):
            lit = dark and rng.random() < (0.6 if stage.scene.time is Time.NIGHT else 0.3)
            for grow, colour in ((1.25, frame), (1.0, LAMP if lit else pane)):
                a, b = s - 0.11 * grow, s + 0.11 * grow
                low, high = up - 0.06 * grow, up + 0.06 * grow
                layer.polygon([at(a, low), at(a, high), at(b, high), at(b, low)], colour)
    awning = stage.seen(
        rgb(rng.choice(("c2503f", "3f7f8a", "d09a3c", "5c7f4c"))), depth=depth, lit=facing
    )
    cream = stage.seen(rgb("f6ead2"), depth=depth, lit=facing)
    layer.polygon(
        [at(0.1, 0.0), at(0.1, 0.2), at(0.9, 0.2), at(0.9, 0.0)],
        stage.seen(rgb("5a4638"), depth=depth, lit=0.3),
    )
    glass = LAMP if dark else pane
    layer.polygon([at(0.2, 0.03), at(0.2, 0.17), at(0.6, 0.17), at(0.6, 0.03)], glass)
    for k in range(8):
        a, b = 0.06 + 0.11 * k, 0.06 + 0.11 * (k + 1)
        layer.polygon(
            [at(a, 0.19), at(a, 0.27), at(b, 0.27), at(b, 0.19)], awning if k % 2 == 0 else cream
        )


def _city_middle(canvas: Canvas, stage: Stage) -> None:
    if not stage.scene.ruined:
        paint_market(canvas, stage)


CITY = Scenery(_city_back, _city_middle)
