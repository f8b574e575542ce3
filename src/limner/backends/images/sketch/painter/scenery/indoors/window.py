"""A window in a room, the world outside it, its curtains."""

from dataclasses import replace
from math import cos, pi, sin

from limner.backends.images.sketch.painter.land.hills import paint_hill, paint_range, rolling
from limner.backends.images.sketch.painter.land.plants import ground_colour
from limner.backends.images.sketch.painter.land.trees import TreeSpot, plant
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.indoors.light import indoors
from limner.backends.images.sketch.painter.scenery.indoors.walls import STONE, wall_colour
from limner.backends.images.sketch.painter.sky.clouds import paint_clouds
from limner.backends.images.sketch.painter.sky.sky import paint_sky
from limner.backends.images.sketch.painter.sky.weather import paint_air
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.frame import Frame
from limner.backends.images.sketch.painter.surface.layer import Layer, Point
from limner.backends.images.sketch.painter.surface.noise import Field
from limner.backends.images.sketch.scene import Place, Room


def paint_window(canvas: Canvas, stage: Stage) -> None:
    """The world outside, in a frame with curtains."""
    if stage.window is None:
        return
    middle, top, width, height = stage.window
    box = canvas.box(middle - width / 2, top, middle + width / 2, top + height)
    if box is None:
        return
    left, up, right, low = box
    canvas.pixels[up:low, left:right] = _outside(canvas, stage, right - left, low - up)
    wood, dark = indoors(stage, rgb("e9dcc3"), 0.9), indoors(stage, rgb("b9a68a"), 0.4)
    layer = Layer()
    x0, x1, y1 = middle - width / 2, middle + width / 2, top + height
    for a, b, c, d in (
        (x0 - 1.6, top - 1.6, x1 + 1.6, top + 0.2),
        (x0 - 1.6, top, x0 + 0.2, y1),
        (x1 - 0.2, top, x1 + 1.6, y1),
        (middle - 0.5, top, middle + 0.5, y1),
        (x0, top + height * 0.42, x1, top + height * 0.42 + 0.9),
    ):
        layer.polygon([(a, b), (c, b), (c, d), (a, d)], wood)
    layer.polygon(
        [(x0 - 3.4, y1 - 0.2), (x1 + 3.4, y1 - 0.2), (x1 + 4, y1 + 1.7), (x0 - 4, y1 + 1.7)], wood
    )
    layer.polygon(
        [(x0 - 4, y1 + 1.7), (x1 + 4, y1 + 1.7), (x1 + 3.2, y1 + 2.7), (x0 - 3.2, y1 + 2.7)], dark
    )
    canvas.lay(layer, grain=0.06)
    if stage.scene.room in STONE:
        _arch(canvas, stage)
    elif stage.scene.room not in (Room.LIBRARY, Room.WORKSHOP, Room.SCHOOL):
        _curtains(canvas, stage)


def _arch(canvas: Canvas, stage: Stage) -> None:
    """Stone over the upper corners makes the window round at the top."""
    if stage.window is None:
        return
    middle, top, width, _ = stage.window
    half, tall = width / 2 + 2.2, width * 0.42
    stone = indoors(stage, varied(wall_colour(stage), 0, 1, 0.82), 0.5)
    layer = Layer()
    for side in (-1, 1):
        arc = [
            (middle + side * half * cos(k * pi / 16), top + tall - (tall + 1) * sin(k * pi / 16))
            for k in range(9)
        ]
        layer.polygon([*arc, (middle, top - 2.4), (middle + side * (half + 1), top - 2.4)], stone)
    canvas.lay(layer, grain=0.14)


def _outside(canvas: Canvas, stage: Stage, width: int, height: int) -> Field:
    """The view through the panes, painted as a small picture of its own."""
    frame = Frame(width, height)
    view = Canvas(frame, seed=canvas.seed + 5)
    sun = (frame.across * 0.68, frame.down * 0.3)
    scene = replace(stage.scene, place=Place.MEADOW, subjects=())
    outer = replace(
        stage,
        frame=frame,
        horizon=frame.down * 0.82,
        sun=sun,
        focus=frame.across * 0.4,
        placements=(),
        scene=scene,
    )
    paint_sky(view, outer)
    paint_clouds(view, outer)
    rng = stage.rng("outside")
    paint_range(view, outer, outer.horizon - 4, 22, 0.9)
    paint_hill(view, outer, rolling(outer.horizon - 4, 5, 90, rng), ground_colour(outer), depth=0.6)
    layer = Layer()
    for _ in range(7):
        spot = TreeSpot(rng.uniform(0, frame.across), outer.horizon + 6, rng.uniform(18, 34), 0.35)
        plant(layer, outer, spot, rng, needles=0.5)
    view.lay(layer)
    paint_hill(view, outer, rolling(outer.horizon + 5, 2, 80, rng), ground_colour(outer), depth=0.3)
    paint_air(view, outer)
    return view.pixels


def _curtains(canvas: Canvas, stage: Stage) -> None:
    if stage.window is None:
        return
    middle, top, width, height = stage.window
    rng = stage.rng("curtains")
    cloth = rgb(rng.choice(("b5483f", "5f7f94", "c79a4a", "7a8f62", "94607e")))
    layer = Layer()
    for side in (-1, 1):
        edge = middle + side * (width / 2 + 4.5)
        for k in range(6):
            t = k / 6
            a, b = edge - side * t * 9.0, edge - side * (t + 1 / 6) * 9.0
            pull = 0.45
            low = top + height + 5
            points: list[Point] = [
                (a, top - 4),
                (b, top - 4),
                (b + side * (t + 0.17) * 9 * pull * 0.4, top + height * 0.5),
                (b + side * (t + 0.17) * 9 * pull, low),
                (a + side * t * 9 * pull, low),
                (a + side * t * 9 * pull * 0.4, top + height * 0.5),
            ]
            layer.polygon(points, indoors(stage, cloth, 0.85 if k % 2 == 0 else 0.35))
    layer.polygon(
        [
            (middle - width / 2 - 7, top - 5),
            (middle + width / 2 + 7, top - 5),
            (middle + width / 2 + 7, top - 3.8),
            (middle - width / 2 - 7, top - 3.8),
        ],
        indoors(stage, rgb("6b4a30"), 0.5),
    )
    canvas.lay(layer, grain=0.12)
