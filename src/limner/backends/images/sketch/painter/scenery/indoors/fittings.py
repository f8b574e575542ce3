"""What makes a room a cafe, a hall, a bedroom, a school."""

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.indoors.light import WOOD, indoors
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import Colour, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Room


def paint_fittings(canvas: Canvas, stage: Stage, middle: float) -> bool:
    """What belongs to the room, round `middle` on the free wall; whether there is anything."""
    layer = Layer()
    room = stage.scene.room
    if room in (Room.CAFE, Room.TAVERN):
        _counter(layer, stage, middle)
        _lamps(canvas, layer, stage)
    elif room in (Room.HALL, Room.CHURCH):
        _columns(layer, stage)
        _banners(layer, stage) if room is Room.HALL else _rose(layer, stage, middle)
    elif room is Room.BEDROOM:
        _bed(layer, stage, middle)
    elif room is Room.SCHOOL:
        _blackboard(layer, stage, middle)
    elif room is Room.KITCHEN:
        _pots(layer, stage, middle)
    elif room is Room.WORKSHOP:
        _tools(layer, stage, middle)
    elif room is Room.BALLROOM:
        _chandelier(canvas, layer, stage)
    elif room is Room.TOWER:
        _torch(canvas, layer, stage, middle)
    elif room is not Room.LIBRARY:
        return False
    canvas.lay(layer, grain=0.1)
    return True


def _bar(layer: Layer, left: float, top: float, right: float, low: float, colour: Colour) -> None:
    layer.polygon([(left, top), (right, top), (right, low), (left, low)], colour)


def _counter(layer: Layer, stage: Stage, x: float) -> None:
    """Shelves with bottles or cups over a bar."""
    rng = stage.rng("counter")
    half = min(27.0, stage.across * 0.19)
    shelf = indoors(stage, varied(WOOD, 0, 1, 0.8), 0.5)
    for level in (0.26, 0.44):
        base = stage.horizon * level
        px = x - half + 2
        while px < x + half - 2:
            tall, wide = rng.uniform(3, 6.5), rng.uniform(1.6, 2.6)
            code = rng.choice(("7a9a6a", "b5643f", "d9c7a3", "6f8fa5", "e8e0d0", "8a5a6e"))
            _bar(layer, px, base - tall, px + wide, base, indoors(stage, rgb(code), 0.8))
            _bar(
                layer,
                px + wide * 0.3,
                base - tall - 1.4,
                px + wide * 0.7,
                base - tall,
                indoors(stage, rgb(code), 0.5),
            )
            px += wide + 0.9
        _bar(layer, x - half, base, x + half, base + 1.3, shelf)
    _bar_front(layer, stage, x, half)


def _bar_front(layer: Layer, stage: Stage, x: float, half: float) -> None:
    """The bar itself, with cups on it."""
    top = stage.horizon - 17
    _bar(
        layer,
        x - half - 2,
        top,
        x + half + 2,
        stage.horizon + 5,
        indoors(stage, varied(WOOD, 0, 1, 0.75), 0.5),
    )
    for k in range(5):
        left = x - half + 1 + k * (2 * half - 2) / 5
        _bar(
            layer,
            left,
            top + 4,
            left + (2 * half - 2) / 5 - 1.6,
            stage.horizon + 3,
            indoors(stage, varied(WOOD, 0, 1, 0.92), 0.6),
        )
    _bar(
        layer,
        x - half - 3.4,
        top - 1.8,
        x + half + 3.4,
        top + 0.8,
        indoors(stage, varied(WOOD, 0, 0.9, 1.25), 0.9),
    )
    for k in range(3):
        cx = x - half * 0.5 + k * half * 0.5
        _bar(layer, cx - 1.4, top - 4.4, cx + 1.4, top - 1.8, indoors(stage, rgb("f0e9da"), 0.9))


def _lamps(canvas: Canvas, layer: Layer, stage: Stage) -> None:
    for k in range(3):
        x = stage.across * (0.2 + 0.3 * k)
        low = stage.horizon * 0.16
        _bar(layer, x - 0.2, -1, x + 0.2, low, indoors(stage, rgb("3b3230"), 0.4))
        layer.polygon(
            [(x - 1.2, low), (x + 1.2, low), (x + 4, low + 3.6), (x - 4, low + 3.6)],
            indoors(stage, rgb("b5483f"), 0.8),
        )
        layer.ellipse(x, low + 3.8, 2.4, 1.1, rgb("ffe9ae"))
        canvas.glow(x, low + 6, 24, rgb("ffcf80"), 0.4)


def _columns(layer: Layer, stage: Stage) -> None:
    for share in (0.06, 0.94):
        x = stage.across * share
        stone = rgb("a39c92")
        _bar(layer, x - 5, -1, x + 5, stage.horizon + 4, indoors(stage, stone, 0.7))
        _bar(layer, x + 1.5, -1, x + 5, stage.horizon + 4, indoors(stage, stone, 0.35))
        _bar(layer, x - 6.5, stage.horizon, x + 6.5, stage.horizon + 5, indoors(stage, stone, 0.8))
        _bar(layer, x - 6.5, -1, x + 6.5, 4, indoors(stage, stone, 0.8))


def _banners(layer: Layer, stage: Stage) -> None:
    rng = stage.rng("banners")
    code = rng.choice(("a3303a", "3c5a9a", "4f7f4a", "6d4a8a"))
    for share in (0.2, 0.5, 0.8):
        x, low = stage.across * share, stage.horizon * 0.5
        if stage.window is not None and abs(x - stage.window[0]) < stage.window[2] * 0.62:
            continue
        cloth, gold = indoors(stage, rgb(code), 0.75), indoors(stage, rgb("dcb24e"), 0.9)
        layer.polygon([(x - 6, 3), (x + 6, 3), (x + 6, low), (x, low + 6), (x - 6, low)], cloth)
        layer.polygon(
            [(x, low * 0.25), (x + 3.4, low * 0.5), (x, low * 0.78), (x - 3.4, low * 0.5)], gold
        )
        _bar(layer, x - 7.4, 2, x + 7.4, 3.6, gold)


def _rose(layer: Layer, stage: Stage, x: float) -> None:
    """Tall windows of coloured glass."""
    for dx in (-13.0, 0.0, 13.0):
        _glass(layer, stage, x + dx)


def _glass(layer: Layer, stage: Stage, x: float) -> None:
    rng = stage.rng(f"glass {x:.0f}")
    top, low, half = stage.horizon * 0.16, stage.horizon * 0.72, 4.2
    frame = indoors(stage, rgb("55504e"), 0.5)
    layer.ellipse(x, top + half, half + 1, half + 1, frame)
    _bar(layer, x - half - 1, top + half, x + half + 1, low + 1, frame)
    layer.ellipse(x, top + half, half, half, rgb("e8c35a"))
    tall = (low - top - half) / 6
    for k in range(12):
        y, left = top + half + k // 2 * tall, x - half * (k % 2)
        code = rng.choice(("c8483f", "3f74b5", "e8c35a", "5c9a5e", "8a5fb5", "e08a3a"))
        _bar(layer, left + 0.2, y + 0.2, left + half - 0.2, y + tall - 0.2, rgb(code))


def _bed(layer: Layer, stage: Stage, x: float) -> None:
    if any(p.subject.name in ("bed", "sleeping child") for p in stage.placements):
        return
    half, floor = min(26.0, stage.across * 0.18), stage.ground(0.24)
    wood = indoors(stage, varied(WOOD, 0, 1, 0.8), 0.6)
    head = x + half if x > stage.across / 2 else x - half
    foot = 2 * x - head
    _bar(layer, head - 1.4, floor - 24, head + 1.4, floor, wood)
    _bar(layer, foot - 1.2, floor - 12, foot + 1.2, floor, wood)
    _bedding(layer, stage, head, foot, floor)


def _bedding(layer: Layer, stage: Stage, head: float, foot: float, floor: float) -> None:
    """Mattress, cover and pillow."""
    rng = stage.rng("bed")
    cover = rgb(rng.choice(("5f7fa8", "a85a5f", "6f8f6a", "8a6a9a")))
    wood = indoors(stage, varied(WOOD, 0, 1, 0.8), 0.6)
    side, half = (1 if head > foot else -1), abs(head - foot) / 2
    left, right = sorted((head, foot))
    _bar(layer, left, floor - 9, right, floor - 3, wood)
    layer.polygon(
        [(head, floor - 14), (foot, floor - 12.5), (foot, floor - 6), (head, floor - 6)],
        indoors(stage, cover, 0.75),
    )
    layer.polygon(
        [
            (head, floor - 14.5),
            (head - side * half * 0.55, floor - 14),
            (head - side * half * 0.5, floor - 8),
            (head, floor - 8),
        ],
        indoors(stage, rgb("f0e8d8"), 0.85),
    )
    layer.ellipse(head - side * 7, floor - 15.5, 6.2, 2.8, indoors(stage, rgb("faf4e6"), 0.95))


def _blackboard(layer: Layer, stage: Stage, x: float) -> None:
    half, top, low = min(28.0, stage.across * 0.19), stage.horizon * 0.16, stage.horizon * 0.58
    _bar(layer, x - half - 1.4, top - 1.4, x + half + 1.4, low + 1.6, indoors(stage, WOOD, 0.7))
    _bar(layer, x - half, top, x + half, low, indoors(stage, rgb("2f4a3f"), 0.7))
    chalk = indoors(stage, rgb("e6ead8"), 0.9)
    for k in range(4):
        y = top + 4 + k * (low - top - 6) / 4
        layer.stroke(
            [(x - half * 0.8, y), (x - half * 0.8 + half * (1.4 - 0.25 * k), y + 0.3)],
            0.45,
            0.35,
            chalk,
            0.8,
        )


def _pots(layer: Layer, stage: Stage, x: float) -> None:
    """Pans on hooks over a stove."""
    rail = stage.horizon * 0.24
    copper = rgb("b5703f")
    _bar(layer, x - 22, rail, x + 22, rail + 0.8, indoors(stage, rgb("4a4040"), 0.5))
    for k in range(5):
        px, size = x - 17 + k * 8.5, 3.4 - 0.3 * (k % 3)
        _bar(layer, px - 0.3, rail, px + 0.3, rail + 5, indoors(stage, rgb("4a4040"), 0.4))
        layer.ellipse(px, rail + 5 + size, size, size, indoors(stage, copper, 0.6))
        layer.ellipse(
            px - 0.6, rail + 4.6 + size, size * 0.66, size * 0.66, indoors(stage, copper, 0.95)
        )
    _stove(layer, stage, x)


def _stove(layer: Layer, stage: Stage, x: float) -> None:
    top = stage.horizon - 16
    _bar(layer, x - 20, top, x + 20, stage.horizon + 3, indoors(stage, rgb("5a5f66"), 0.5))
    _bar(layer, x - 21, top - 1.4, x + 21, top + 0.8, indoors(stage, rgb("8f959c"), 0.8))
    _bar(layer, x - 9, top + 4, x + 9, stage.horizon, indoors(stage, rgb("2f2d30"), 0.5))
    _bar(layer, x - 7.4, top + 6, x + 7.4, stage.horizon - 2, rgb("d8762f"))
    layer.ellipse(x + 12, top - 4, 5, 3.4, indoors(stage, rgb("3f5f7f"), 0.7))


def _tools(layer: Layer, stage: Stage, x: float) -> None:
    """Tools on a board over a bench."""
    dark, steel = indoors(stage, rgb("5a4636"), 0.4), indoors(stage, rgb("b4bac2"), 0.85)
    top = stage.horizon * 0.18
    _bar(layer, x - 22, top, x + 22, top + 22, dark)
    for k in range(6):
        px = x - 18 + k * 7
        _bar(layer, px - 0.6, top + 5, px + 0.6, top + 17, indoors(stage, WOOD, 0.9))
        if k % 2:
            _bar(layer, px - 2.6, top + 3.4, px + 2.6, top + 6.4, steel)
        else:
            layer.polygon(
                [
                    (px - 2, top + 12),
                    (px + 2, top + 12),
                    (px + 0.6, top + 19),
                    (px - 0.6, top + 19),
                ],
                steel,
            )
    _bench(layer, stage, x)


def _bench(layer: Layer, stage: Stage, x: float) -> None:
    bench = stage.horizon - 15
    _bar(layer, x - 26, bench, x + 26, bench + 2.6, indoors(stage, varied(WOOD, 0, 0.9, 1.2), 0.9))
    for px in (-22, 20):
        _bar(
            layer,
            x + px,
            bench + 2.6,
            x + px + 3,
            stage.horizon + 5,
            indoors(stage, varied(WOOD, 0, 1, 0.7), 0.4),
        )


def _chandelier(canvas: Canvas, layer: Layer, stage: Stage) -> None:
    x, y = stage.across / 2, stage.horizon * 0.2
    gold = indoors(stage, rgb("dcb24e"), 0.9)
    _bar(layer, x - 0.3, -1, x + 0.3, y, gold)
    for level, half in ((y, 10.0), (y + 4.5, 16.0)):
        layer.stroke(
            [(x - half, level - 2.4), (x, level + 1.2), (x + half, level - 2.4)], 1.0, 1.0, gold
        )
        for k in range(5):
            px = x - half + k * half / 2
            _bar(layer, px - 0.5, level - 6, px + 0.5, level - 2, rgb("fbf3dc"))
            layer.ellipse(px, level - 7, 0.8, 1.3, rgb("ffd880"))
    canvas.glow(x, y, 60, rgb("ffd890"), 0.5)


def _torch(canvas: Canvas, layer: Layer, stage: Stage, x: float) -> None:
    y = stage.horizon * 0.42
    layer.polygon(
        [(x - 1.6, y), (x + 1.6, y), (x + 0.7, y + 10), (x - 0.7, y + 10)],
        indoors(stage, rgb("4a3628"), 0.5),
    )
    layer.polygon(
        [(x - 2, y), (x - 1.6, y - 3.5), (x + 0.3, y - 8), (x + 2, y - 3.4), (x + 1.8, y)],
        rgb("f7952c"),
    )
    layer.polygon([(x - 1, y), (x, y - 4.6), (x + 1, y)], rgb("ffe07a"))
    canvas.glow(x, y - 3, 40, rgb("ffb45a"), 0.6)
