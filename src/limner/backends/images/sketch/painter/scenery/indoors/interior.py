"""A room: walls, floorboards, light from the window or the fire."""

from limner.backends.images.sketch.painter.buildings.fireplace import paint_fireplace
from limner.backends.images.sketch.painter.buildings.lamplight import warm
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.indoors.fittings import paint_fittings
from limner.backends.images.sketch.painter.scenery.indoors.furniture import (
    draw_shelf,
    draw_table,
    paint_rug,
)
from limner.backends.images.sketch.painter.scenery.indoors.light import WOOD, indoors
from limner.backends.images.sketch.painter.scenery.indoors.walls import (
    STONE,
    paint_pattern,
    wall_colour,
)
from limner.backends.images.sketch.painter.scenery.indoors.window import paint_window
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Room, Stance, Time

_BARE = (
    Room.TOWER,
    Room.CHURCH,
    Room.SCHOOL,
    Room.CAFE,
    Room.KITCHEN,
    Room.WORKSHOP,
    Room.BALLROOM,
)
"""Rooms without a rug."""


def _room_back(canvas: Canvas, stage: Stage) -> None:
    wall = wall_colour(stage)
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
    paint_pattern(canvas, stage, wall)
    _floor(canvas, stage)
    paint_window(canvas, stage)
    _furniture(canvas, stage)
    if stage.scene.room not in _BARE:
        paint_rug(canvas, stage)
    _light(canvas, stage)


def _floor(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("floor")
    ground = rgb("7f7a76") if stage.scene.room in STONE else WOOD
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
        tone = varied(ground, rng.uniform(-0.01, 0.015), 0.9, rng.uniform(1.02, 1.28))
        layer.polygon(quad, indoors(stage, tone, 0.65))
        edge = indoors(stage, varied(ground, 0, 1, 0.6), 0.2)
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
    if stage.scene.hearth and _has_fire(stage):
        paint_fireplace(canvas, stage, middle)
    elif paint_fittings(canvas, stage, middle):
        pass
    elif _has_fire(stage):
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
    if scene.hearth:
        return True
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
