"""A room: walls, floorboards, light from the window or the fire."""

from limner.backends.images.sketch.painter.buildings.fireplace import paint_fireplace
from limner.backends.images.sketch.painter.buildings.lamplight import warm
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.indoors.furniture import (
    draw_shelf,
    draw_table,
    paint_rug,
)
from limner.backends.images.sketch.painter.scenery.indoors.light import WOOD, indoors
from limner.backends.images.sketch.painter.scenery.indoors.window import paint_window
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import Colour, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Stance, Time

_WALLS = ("c98f6a", "b7a07a", "8fa08c", "a8848c", "7f93a3", "c2a266")


def _room_back(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("room")
    wall = rgb(rng.choice(_WALLS))
    layer = Layer()
    layer.polygon(
        [
            (-2, -2),
            (stage.across + 2, -2),
            (stage.across + 2, stage.horizon + 1),
            (-2, stage.horizon + 1),
        ],
        indoors(stage, wall, 0.75),
    )
    canvas.lay(
        layer,
        fade=Fade(indoors(stage, varied(wall, 0, 1.1, 0.72), 0.4), 0, stage.horizon, 0.7),
        grain=0.1,
    )
    _pattern(canvas, stage, wall)
    _floor(canvas, stage)
    paint_window(canvas, stage)
    _furniture(canvas, stage)
    paint_rug(canvas, stage)
    _light(canvas, stage)


def _pattern(canvas: Canvas, stage: Stage, wall: Colour) -> None:
    """Stripes of wallpaper, and panels of wood below."""
    layer = Layer()
    light = indoors(stage, varied(wall, 0.01, 0.95, 1.08), 0.8)
    for k in range(int(stage.across / 7) + 2):
        x = k * 7.0
        layer.polygon(
            [(x, -1), (x + 2.4, -1), (x + 2.4, stage.horizon), (x, stage.horizon)], light, 0.5
        )
    panel, edge = indoors(stage, WOOD, 0.55), indoors(stage, varied(WOOD, 0, 1, 0.72), 0.3)
    top = stage.horizon - 13
    layer.polygon(
        [
            (-1, top),
            (stage.across + 1, top),
            (stage.across + 1, stage.horizon),
            (-1, stage.horizon),
        ],
        panel,
    )
    for k in range(int(stage.across / 6) + 2):
        layer.polygon(
            [
                (k * 6.0, top),
                (k * 6.0 + 0.4, top),
                (k * 6.0 + 0.4, stage.horizon),
                (k * 6.0, stage.horizon),
            ],
            edge,
        )
    layer.polygon(
        [
            (-1, top - 1.1),
            (stage.across + 1, top - 1.1),
            (stage.across + 1, top + 0.3),
            (-1, top + 0.3),
        ],
        indoors(stage, varied(WOOD, 0, 0.9, 1.2), 0.9),
    )
    canvas.lay(layer, grain=0.12, opacity=0.95)


def _floor(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("floor")
    vx, vy = stage.across * 0.5, stage.horizon - 45
    layer = Layer()
    count = 17
    for k in range(count):
        a, b = -0.75 + 2.5 * k / count, -0.75 + 2.5 * (k + 1) / count
        quad = []
        for t, y in (
            (a, stage.down + 1),
            (b, stage.down + 1),
            (b, stage.horizon),
            (a, stage.horizon),
        ):
            share = (y - vy) / (stage.down - vy)
            quad.append((vx + (t - 0.5) * stage.across * share, y))
        layer.polygon(
            quad,
            indoors(
                stage,
                varied(WOOD, rng.uniform(-0.01, 0.015), 0.9, rng.uniform(1.02, 1.28)),
                0.65,
            ),
        )
        edge = indoors(stage, varied(WOOD, 0, 1, 0.6), 0.2)
        layer.polygon(
            [quad[0], (quad[0][0] + 0.35, quad[0][1]), (quad[3][0] + 0.15, quad[3][1]), quad[3]],
            edge,
        )
    layer.polygon(
        [
            (-1, stage.horizon - 1.6),
            (stage.across + 1, stage.horizon - 1.6),
            (stage.across + 1, stage.horizon + 0.2),
            (-1, stage.horizon + 0.2),
        ],
        indoors(stage, varied(WOOD, 0, 0.9, 0.8), 0.4),
    )
    canvas.lay(layer, grain=0.13)


def _furniture(canvas: Canvas, stage: Stage) -> None:
    """A shelf of books on the other side, and the table if one is needed."""
    if stage.window is None:
        return
    middle, _, width, _ = stage.window
    if stage.sill:  # the window is wide: use the broader wall beside it
        left = middle - width / 2
        middle = left / 2 if middle > stage.across / 2 else stage.across - left / 2
    else:
        middle = stage.across - middle
    layer = Layer()
    if _has_fire(stage):
        paint_fireplace(canvas, stage, middle)
    elif not any(p.subject.stance is Stance.WALL for p in stage.placements):
        draw_shelf(layer, stage, middle, stage.horizon * 0.34, min(34.0, stage.across * 0.24))
    table = stage.table
    if table is not None and not stage.sill:
        draw_table(layer, stage, table.x, table.top, table.width)
    canvas.lay(layer, grain=0.12)


def _has_fire(stage: Stage) -> bool:
    """A fire burns in the room: after dark, in winter, where it is cosy."""
    scene = stage.scene
    if any("fire" in subject.name for subject in scene.subjects):
        return False  # the prompt brings its own
    wanted = scene.mood == "cosy" or scene.time is Time.NIGHT or stage.snowy
    return wanted and stage.rng("fire").random() < 0.75


def _light(canvas: Canvas, stage: Stage) -> None:
    """Daylight that falls in, or a lamp's warmth after dark."""
    if stage.window is None:
        return
    middle, top, width, height = stage.window
    if stage.scene.time is Time.NIGHT or stage.scene.lights:
        night = stage.scene.time is Time.NIGHT
        warm(canvas, stage.focus, stage.horizon * 0.8, 85, 0.62 if night else 0.25)
        return
    lean = -stage.light_side * 16
    layer = Layer()
    low = stage.ground(0.35)
    layer.polygon(
        [
            (middle - width / 2, top + height),
            (middle + width / 2, top + height),
            (middle + width * 0.62 + lean, stage.ground(0.85)),
            (middle - width * 0.45 + lean, low + 14),
        ],
        stage.tones.glow,
    )
    canvas.lay(layer, opacity=0.16, soft=2.2, grain=0.0)
    canvas.glow(middle, top + height / 2, 55, stage.tones.glow, 0.3)


INTERIOR = Scenery(_room_back)
