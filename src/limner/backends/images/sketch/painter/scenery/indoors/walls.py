"""What the walls of a room are made of."""

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.indoors.light import WOOD, indoors
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import Colour, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Room

STONE = (Room.TOWER, Room.HALL, Room.CHURCH)
_WOODEN = (Room.TAVERN, Room.WORKSHOP, Room.SHIP)
_PLAIN = {
    Room.CAFE: ("d8b48c", "c9a07c", "b8c0a0"),
    Room.SCHOOL: ("d9d0b0", "b9c7b0"),
    Room.BALLROOM: ("e4d3b0", "d8c0a8"),
    Room.KITCHEN: ("d6cfae", "bccbc4"),
}
_PAPERED = ("c98f6a", "b7a07a", "8fa08c", "a8848c", "7f93a3", "c2a266")


def wall_colour(stage: Stage) -> Colour:
    """The colour of the walls."""
    rng = stage.rng("room")
    room = stage.scene.room
    if room in STONE:
        return rgb(rng.choice(("8d8780", "7f7f85", "958a78")))
    if room in _WOODEN:
        return varied(WOOD, 0, 1, 0.9)
    return rgb(rng.choice(_PLAIN.get(room, _PAPERED)))


def paint_pattern(canvas: Canvas, stage: Stage, wall: Colour) -> None:
    """Stones, planks, wallpaper or panels."""
    room = stage.scene.room
    if room in STONE:
        _stones(canvas, stage, wall)
    elif room in _WOODEN:
        _planks(canvas, stage, wall)
    elif room is Room.LIBRARY:
        _books(canvas, stage)
    elif room is Room.BALLROOM:
        _gilded(canvas, stage, wall)
    elif room is Room.KITCHEN:
        _tiles(canvas, stage, wall)
    elif room in (Room.CAFE, Room.SCHOOL):
        _wainscot(canvas, stage, 17)
    else:
        _wallpaper(canvas, stage, wall)
        _wainscot(canvas, stage, 13)


def _bar(layer: Layer, left: float, top: float, right: float, low: float, colour: Colour) -> None:
    layer.polygon([(left, top), (right, top), (right, low), (left, low)], colour)


def _stones(canvas: Canvas, stage: Stage, wall: Colour) -> None:
    rng = stage.rng("stones")
    layer = Layer()
    y, row = -1.0, 0
    while y < stage.horizon:
        tall = rng.uniform(5.5, 7.5)
        x = -rng.uniform(0, 8)
        while x < stage.across:
            wide = rng.uniform(8, 15)
            tone = varied(wall, rng.uniform(-0.01, 0.01), 1.0, rng.uniform(0.86, 1.14))
            _bar(
                layer,
                x + 0.3,
                y + 0.3,
                x + wide - 0.2,
                min(stage.horizon, y + tall - 0.2),
                indoors(stage, tone, rng.uniform(0.5, 0.8)),
            )
            x += wide
        y += tall
        row += 1
    canvas.lay(layer, grain=0.16, opacity=0.9)


def _planks(canvas: Canvas, stage: Stage, wall: Colour) -> None:
    rng = stage.rng("planks")
    layer = Layer()
    x = -1.0
    while x < stage.across:
        wide = rng.uniform(5, 8)
        tone = varied(wall, rng.uniform(-0.01, 0.01), 1.0, rng.uniform(0.85, 1.1))
        _bar(layer, x, -1, x + wide - 0.35, stage.horizon, indoors(stage, tone, 0.6))
        x += wide
    beam = indoors(stage, varied(WOOD, 0, 1, 0.55), 0.4)
    _bar(layer, -1, -1, stage.across + 1, 4.5, beam)
    for k in range(4):
        left = stage.across * (k + 0.3) / 4
        _bar(layer, left, 3, left + 4, stage.horizon, beam)
    canvas.lay(layer, grain=0.15)


def _books(canvas: Canvas, stage: Stage) -> None:
    """Shelves from the floor to the ceiling."""
    layer = Layer()
    board, deep = indoors(stage, WOOD, 0.7), indoors(stage, varied(WOOD, 0, 1, 0.4), 0.2)
    _bar(layer, -1, -1, stage.across + 1, stage.horizon, deep)
    step = stage.horizon / 6
    for level in range(6):
        base = step * (level + 1) - 0.8
        _row_of_books(layer, stage, base, step)
        _bar(layer, -1, base, stage.across + 1, base + 1.3, board)
    for k in range(6):
        x = stage.across * k / 5
        _bar(layer, x - 1.1, -1, x + 1.1, stage.horizon, board)
    canvas.lay(layer, grain=0.12)


_BINDINGS = ("a8483c", "4f6f7f", "c79b4d", "6a7f56", "80566e", "b9a37f", "5d4a6e")


def _row_of_books(layer: Layer, stage: Stage, base: float, step: float) -> None:
    rng = stage.rng(f"books {base:.0f}")
    x = -1.0
    while x < stage.across:
        thick, tall = rng.uniform(1.3, 2.8), step * rng.uniform(0.58, 0.84)
        tone = indoors(stage, rgb(rng.choice(_BINDINGS)), rng.uniform(0.4, 0.85))
        if rng.random() > 0.05:
            _bar(layer, x, base - tall, x + thick - 0.15, base, tone)
        x += thick


def _gilded(canvas: Canvas, stage: Stage, wall: Colour) -> None:
    layer = Layer()
    gold, light = (
        indoors(stage, rgb("d1a545"), 0.85),
        indoors(stage, varied(wall, 0, 0.9, 1.1), 0.85),
    )
    count = 7
    for k in range(count):
        left, right = stage.across * (k + 0.14) / count, stage.across * (k + 0.86) / count
        _bar(layer, left, 8, right, stage.horizon - 8, gold)
        _bar(layer, left + 0.8, 8.8, right - 0.8, stage.horizon - 8.8, light)
    _bar(layer, -1, 3, stage.across + 1, 4.6, gold)
    _bar(layer, -1, stage.horizon - 4, stage.across + 1, stage.horizon - 2.6, gold)
    canvas.lay(layer, grain=0.08)


def _tiles(canvas: Canvas, stage: Stage, wall: Colour) -> None:
    rng = stage.rng("tiles")
    layer = Layer()
    for row in range(int(stage.horizon / 5) + 1):
        for k in range(int(stage.across / 5) + 1):
            tone = varied(wall, 0, 0.9, rng.uniform(0.96, 1.1))
            _bar(
                layer,
                k * 5,
                row * 5,
                k * 5 + 4.6,
                min(stage.horizon, row * 5 + 4.6),
                indoors(stage, tone, 0.8),
            )
    canvas.lay(layer, grain=0.08, opacity=0.8)


def _wallpaper(canvas: Canvas, stage: Stage, wall: Colour) -> None:
    layer = Layer()
    light = indoors(stage, varied(wall, 0.01, 0.95, 1.08), 0.8)
    for k in range(int(stage.across / 7) + 2):
        x = k * 7.0
        layer.polygon(
            [(x, -1), (x + 2.4, -1), (x + 2.4, stage.horizon), (x, stage.horizon)], light, 0.5
        )
    canvas.lay(layer, grain=0.12, opacity=0.95)


def _wainscot(canvas: Canvas, stage: Stage, tall: float) -> None:
    """Panels of wood below."""
    layer = Layer()
    panel, edge = indoors(stage, WOOD, 0.55), indoors(stage, varied(WOOD, 0, 1, 0.72), 0.3)
    top = stage.horizon - tall
    _bar(layer, -1, top, stage.across + 1, stage.horizon, panel)
    for k in range(int(stage.across / 6) + 2):
        _bar(layer, k * 6.0, top, k * 6.0 + 0.4, stage.horizon, edge)
    _bar(
        layer,
        -1,
        top - 1.1,
        stage.across + 1,
        top + 0.3,
        indoors(stage, varied(WOOD, 0, 0.9, 1.2), 0.9),
    )
    canvas.lay(layer, grain=0.12, opacity=0.95)
