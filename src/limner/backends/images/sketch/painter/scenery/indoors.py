"""A room with a window, and a cave with a mouth of light."""

from dataclasses import replace
from math import pi, sin

from limner.backends.images.sketch.brief import Place, Time, Weather
from limner.backends.images.sketch.painter.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.clouds import paint_clouds
from limner.backends.images.sketch.painter.colour import Colour, mix, rgb, varied
from limner.backends.images.sketch.painter.frame import Frame
from limner.backends.images.sketch.painter.hills import paint_hill, paint_range, rolling
from limner.backends.images.sketch.painter.lamplight import warm
from limner.backends.images.sketch.painter.layer import Layer, Point
from limner.backends.images.sketch.painter.plants import ground_colour
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.sky import paint_sky
from limner.backends.images.sketch.painter.stage import Stage
from limner.backends.images.sketch.painter.trees import Place as Spot
from limner.backends.images.sketch.painter.trees import plant

_WALLS = ("c98f6a", "b7a07a", "8fa08c", "a8848c", "7f93a3", "c2a266")
_WOOD = rgb("9a6a45")


def _room(stage: Stage, local: Colour, lit: float = 0.6) -> Colour:
    """A colour indoors: warm by lamp, dimmer by night."""
    dim = {Time.NIGHT: 0.52, Time.SUNSET: 0.78, Time.DAWN: 0.84}.get(stage.brief.time, 0.95)
    if stage.brief.weather in (Weather.STORM, Weather.RAIN):
        dim *= 0.85
    shade = mix((0.62, 0.52, 0.60), (1.04, 0.97, 0.86), lit)
    return (local[0] * shade[0] * dim, local[1] * shade[1] * dim, local[2] * shade[2] * dim)


def _room_back(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("room")
    wall = rgb(dice.choice(_WALLS))
    layer = Layer()
    layer.polygon([(-2, -2), (stage.across + 2, -2), (stage.across + 2, stage.horizon + 1), (-2, stage.horizon + 1)], _room(stage, wall, 0.75))
    canvas.lay(layer, fade=Fade(_room(stage, varied(wall, 0, 1.1, 0.72), 0.4), 0, stage.horizon, 0.7), grain=0.1)
    _pattern(canvas, stage, wall)
    _floor(canvas, stage)
    _window(canvas, stage)
    _furniture(canvas, stage)
    _rug(canvas, stage)
    _light(canvas, stage)


def _pattern(canvas: Canvas, stage: Stage, wall: Colour) -> None:
    """Stripes of wallpaper, and panels of wood below."""
    layer = Layer()
    light = _room(stage, varied(wall, 0.01, 0.95, 1.08), 0.8)
    for k in range(int(stage.across / 7) + 2):
        x = k * 7.0
        layer.polygon([(x, -1), (x + 2.4, -1), (x + 2.4, stage.horizon), (x, stage.horizon)], light, 0.5)
    panel, edge = _room(stage, _WOOD, 0.55), _room(stage, varied(_WOOD, 0, 1, 0.72), 0.3)
    top = stage.horizon - 13
    layer.polygon([(-1, top), (stage.across + 1, top), (stage.across + 1, stage.horizon), (-1, stage.horizon)], panel)
    for k in range(int(stage.across / 6) + 2):
        layer.polygon([(k * 6.0, top), (k * 6.0 + 0.4, top), (k * 6.0 + 0.4, stage.horizon), (k * 6.0, stage.horizon)], edge)
    layer.polygon([(-1, top - 1.1), (stage.across + 1, top - 1.1), (stage.across + 1, top + 0.3), (-1, top + 0.3)], _room(stage, varied(_WOOD, 0, 0.9, 1.2), 0.9))
    canvas.lay(layer, grain=0.12, opacity=0.95)


def _floor(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("floor")
    vx, vy = stage.across * 0.5, stage.horizon - 45
    layer = Layer()
    count = 17
    for k in range(count):
        a, b = -0.75 + 2.5 * k / count, -0.75 + 2.5 * (k + 1) / count
        quad = []
        for t, y in ((a, stage.down + 1), (b, stage.down + 1), (b, stage.horizon), (a, stage.horizon)):
            share = (y - vy) / (stage.down - vy)
            quad.append((vx + (t - 0.5) * stage.across * share, y))
        layer.polygon(quad, _room(stage, varied(_WOOD, dice.uniform(-0.01, 0.015), 0.9, dice.uniform(1.02, 1.28)), 0.65))
        edge = _room(stage, varied(_WOOD, 0, 1, 0.6), 0.2)
        layer.polygon([quad[0], (quad[0][0] + 0.35, quad[0][1]), (quad[3][0] + 0.15, quad[3][1]), quad[3]], edge)
    layer.polygon([(-1, stage.horizon - 1.6), (stage.across + 1, stage.horizon - 1.6), (stage.across + 1, stage.horizon + 0.2), (-1, stage.horizon + 0.2)], _room(stage, varied(_WOOD, 0, 0.9, 0.8), 0.4))
    canvas.lay(layer, grain=0.13)


def _window(canvas: Canvas, stage: Stage) -> None:
    """The world outside, in a frame with curtains."""
    if stage.window is None:
        return
    middle, top, width, height = stage.window
    box = canvas.box(middle - width / 2, top, middle + width / 2, top + height)
    if box is None:
        return
    left, up, right, low = box
    canvas.pixels[up:low, left:right] = _outside(canvas, stage, right - left, low - up)
    wood, dark = _room(stage, rgb("e9dcc3"), 0.9), _room(stage, rgb("b9a68a"), 0.4)
    layer = Layer()
    x0, x1, y1 = middle - width / 2, middle + width / 2, top + height
    for a, b, c, d in ((x0 - 1.6, top - 1.6, x1 + 1.6, top + 0.2), (x0 - 1.6, top, x0 + 0.2, y1), (x1 - 0.2, top, x1 + 1.6, y1), (middle - 0.5, top, middle + 0.5, y1), (x0, top + height * 0.42, x1, top + height * 0.42 + 0.9)):
        layer.polygon([(a, b), (c, b), (c, d), (a, d)], wood)
    layer.polygon([(x0 - 3.4, y1 - 0.2), (x1 + 3.4, y1 - 0.2), (x1 + 4, y1 + 1.7), (x0 - 4, y1 + 1.7)], wood)
    layer.polygon([(x0 - 4, y1 + 1.7), (x1 + 4, y1 + 1.7), (x1 + 3.2, y1 + 2.7), (x0 - 3.2, y1 + 2.7)], dark)
    canvas.lay(layer, grain=0.06)
    _curtains(canvas, stage)


def _outside(canvas: Canvas, stage: Stage, width: int, height: int) -> "object":
    frame = Frame(width, height)
    view = Canvas(frame, seed=canvas.seed + 5)
    sun = (frame.across * 0.68, frame.down * 0.3)
    brief = replace(stage.brief, place=Place.MEADOW, subjects=())
    outer = replace(stage, frame=frame, horizon=frame.down * 0.82, sun=sun, focus=frame.across * 0.4, placements=(), brief=brief)
    paint_sky(view, outer)
    paint_clouds(view, outer)
    dice = stage.dice("outside")
    paint_range(view, outer, outer.horizon - 4, 22, 0.9)
    paint_hill(view, outer, rolling(outer.horizon - 4, 5, 90, dice), ground_colour(outer), depth=0.6)
    layer = Layer()
    for _ in range(7):
        spot = Spot(dice.uniform(0, frame.across), outer.horizon + 6, dice.uniform(18, 34), 0.35)
        plant(layer, outer, spot, dice, needles=0.5)
    view.lay(layer)
    paint_hill(view, outer, rolling(outer.horizon + 5, 2, 80, dice), ground_colour(outer), depth=0.3)
    from limner.backends.images.sketch.painter.weather import paint_air

    paint_air(view, outer)
    return view.pixels


def _curtains(canvas: Canvas, stage: Stage) -> None:
    if stage.window is None:
        return
    middle, top, width, height = stage.window
    dice = stage.dice("curtains")
    cloth = rgb(dice.choice(("b5483f", "5f7f94", "c79a4a", "7a8f62", "94607e")))
    layer = Layer()
    for side in (-1, 1):
        edge = middle + side * (width / 2 + 4.5)
        for k in range(6):
            t = k / 6
            a, b = edge - side * t * 9.0, edge - side * (t + 1 / 6) * 9.0
            pull = 0.45
            low = top + height + 5
            points: list[Point] = [(a, top - 4), (b, top - 4), (b + side * (t + 0.17) * 9 * pull * 0.4, top + height * 0.5), (b + side * (t + 0.17) * 9 * pull, low), (a + side * t * 9 * pull, low), (a + side * t * 9 * pull * 0.4, top + height * 0.5)]
            layer.polygon(points, _room(stage, cloth, 0.85 if k % 2 == 0 else 0.35))
    layer.polygon([(middle - width / 2 - 7, top - 5), (middle + width / 2 + 7, top - 5), (middle + width / 2 + 7, top - 3.8), (middle - width / 2 - 7, top - 3.8)], _room(stage, rgb("6b4a30"), 0.5))
    canvas.lay(layer, grain=0.12)


def _furniture(canvas: Canvas, stage: Stage) -> None:
    """A shelf of books on the other side, and the table if one is needed."""
    if stage.window is None:
        return
    middle = stage.across - stage.window[0]
    layer = Layer()
    if not any(p.subject.stance.value == "wall" for p in stage.placements):
        _shelf(layer, stage, middle, stage.horizon * 0.34, min(34.0, stage.across * 0.24))
    table = stage.table
    if table is not None:
        _table(layer, stage, table.x, table.top, table.width)
    canvas.lay(layer, grain=0.12)


def _shelf(layer: Layer, stage: Stage, x: float, y: float, width: float) -> None:
    dice = stage.dice("shelf")
    for level in (0.0, 13.0):
        base = y + level
        px = x - width / 2 + 1
        while px < x + width / 2 - 2:
            thick, tall = dice.uniform(1.2, 2.5), dice.uniform(5.5, 9)
            if dice.random() < 0.12:
                layer.blob(px + 2, base - 2.2, 1.9, 2.2, _room(stage, rgb("c98f5a"), 0.7), dice, rough=0.04)
                px += 5
                continue
            code = dice.choice(("a8483c", "4f6f7f", "c79b4d", "6a7f56", "80566e", "d9c7a3"))
            colour = _room(stage, rgb(code), dice.uniform(0.45, 0.9))
            lean = dice.choice((0.0, 0.0, 0.0, 0.8))
            layer.polygon([(px, base), (px + thick, base), (px + thick + lean, base - tall), (px + lean, base - tall)], colour)
            px += thick + 0.15 + lean
        board, under = _room(stage, _WOOD, 0.75), _room(stage, varied(_WOOD, 0, 1, 0.6), 0.2)
        layer.polygon([(x - width / 2, base), (x + width / 2, base), (x + width / 2, base + 1.3), (x - width / 2, base + 1.3)], board)
        layer.polygon([(x - width / 2, base + 1.3), (x + width / 2, base + 1.3), (x + width / 2, base + 1.9), (x - width / 2, base + 1.9)], under)


def _table(layer: Layer, stage: Stage, x: float, top: float, width: float) -> None:
    half, floor = width / 2, min(stage.down - 2, top + 25)
    dark, mid, lit = _room(stage, varied(_WOOD, 0, 1.05, 0.72), 0.25), _room(stage, _WOOD, 0.6), _room(stage, varied(_WOOD, 0, 0.9, 1.3), 0.9)
    for side in (-1, 1):
        lx = x + side * half * 0.82
        layer.polygon([(lx - 1.4, top + 2), (lx + 1.4, top + 2), (lx + 1.0, floor), (lx - 1.0, floor)], dark if side != stage.light_side else mid)
    layer.polygon([(x - half * 0.92, top - 3), (x + half * 0.92, top - 3), (x + half, top + 2), (x - half, top + 2)], lit)
    layer.polygon([(x - half, top + 2), (x + half, top + 2), (x + half, top + 4.2), (x - half, top + 4.2)], mid)
    layer.polygon([(x - half * 0.9, top + 4.2), (x + half * 0.9, top + 4.2), (x + half * 0.9, top + 7), (x - half * 0.9, top + 7)], dark)


def _rug(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("rug")
    x = stage.across * 0.5 if stage.table is None else stage.across - stage.table.x
    y, rx = stage.ground(0.55), min(44.0, stage.across * 0.34)
    ry = min(9.5, (stage.down - stage.horizon) * 0.3)
    base = rgb(dice.choice(("a8443c", "4a6a80", "6f7f4f", "8a5070")))
    layer = Layer()
    cream = _room(stage, rgb("eeddb8"), 0.8)
    for share, colour in ((1.0, _room(stage, varied(base, 0, 1, 0.7), 0.5)), (0.95, cream), (0.88, _room(stage, base, 0.7)), (0.62, cream), (0.57, _room(stage, varied(base, 0.04, 0.9, 1.15), 0.7)), (0.3, cream), (0.24, _room(stage, base, 0.6))):
        layer.ellipse(x, y, rx * share, ry * share, colour)
    canvas.lay(layer, grain=0.15)


def _light(canvas: Canvas, stage: Stage) -> None:
    """Daylight that falls in, or a lamp's warmth after dark."""
    if stage.window is None:
        return
    middle, top, width, height = stage.window
    if stage.brief.time is Time.NIGHT or stage.brief.lights:
        warm(canvas, stage.focus, stage.horizon * 0.75, 70, 0.55 if stage.brief.time is Time.NIGHT else 0.25)
        return
    lean = -stage.light_side * 16
    layer = Layer()
    low = stage.ground(0.35)
    layer.polygon([(middle - width / 2, top + height), (middle + width / 2, top + height), (middle + width * 0.62 + lean, stage.ground(0.85)), (middle - width * 0.45 + lean, low + 14)], stage.tones.glow)
    canvas.lay(layer, opacity=0.16, soft=2.2, grain=0.0)
    canvas.glow(middle, top + height / 2, 55, stage.tones.glow, 0.3)


INTERIOR = Scenery(_room_back)


def _cave_back(canvas: Canvas, stage: Stage) -> None:
    """The outside seen through the mouth, then the walls around it."""
    paint_sky(canvas, stage)
    dice = stage.dice("cave")
    paint_range(canvas, stage, stage.horizon - 2, 18, 0.9)
    paint_hill(canvas, stage, rolling(stage.horizon - 4, 3, 70, dice), ground_colour(stage), depth=0.6)
    x, y = stage.across * (0.5 - (0.12 if stage.focus > stage.across / 2 else -0.12)), stage.horizon * 0.66
    for k, (rx, ry, tone) in enumerate(((26, 30, 0.62), (36, 39, 0.4), (50, 49, 0.22))):
        _rock_ring(canvas, stage, x, y, rx, ry, tone, k)
    canvas.glow(x, stage.horizon - 6, 60, stage.tones.glow, 0.5)
    _cave_floor(canvas, stage, x)
    _dripstones(canvas, stage)
    if stage.brief.mood == "magic" or stage.dice("crystals").random() < 0.5:
        _crystals(canvas, stage)


def _rock_ring(canvas: Canvas, stage: Stage, x: float, y: float, rx: float, ry: float, tone: float, k: int) -> None:
    """A wall of rock with a hole in it: drawn as two halves."""
    dice = stage.dice(f"rock ring {k}")
    colour = mix(rgb("2b2530"), mix(rgb("7a665a"), stage.tones.glow, 0.15), tone)
    top, bottom = -3.0, stage.down + 3
    arc = [(1 + dice.uniform(-0.10, 0.10)) for _ in range(25)]
    from math import cos

    rim = [(x + rx * arc[j] * cos(pi * j / 24), y - ry * arc[j] * sin(pi * j / 24)) for j in range(25)]
    layer = Layer()
    layer.polygon([(stage.across + 3, bottom), (x + rx * 1.05, bottom), *rim, (x - rx * 1.05, bottom), (-3, bottom), (-3, top), (stage.across + 3, top)], colour)
    canvas.lay(layer, grain=0.2)


def _cave_floor(canvas: Canvas, stage: Stage, x: float) -> None:
    dice = stage.dice("cave floor")
    line = rolling(stage.horizon, 1.5, 60, dice)
    near, far = rgb("3a3038"), mix(rgb("8a7666"), stage.tones.glow, 0.3)
    layer = Layer()
    step = 2.0
    layer.polygon([(k * step - 2, line(k * step)) for k in range(int(stage.across / step) + 4)] + [(stage.across + 2, stage.down + 2), (-2, stage.down + 2)], far)
    canvas.lay(layer, fade=Fade(near, stage.horizon, stage.down, 0.92), grain=0.2)
    canvas.glow(x, stage.horizon + 8, 46, stage.tones.glow, 0.4, flat=0.4)


def _dripstones(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("dripstones")
    layer = Layer()
    for _ in range(13):
        x, long = dice.uniform(0, stage.across), dice.uniform(6, 22)
        half = long * 0.13
        dark = mix(rgb("1d1822"), rgb("4a3d44"), dice.random())
        layer.polygon([(x - half, -1), (x + half, -1), (x + half * 0.2, long), (x, long + 1.5), (x - half * 0.3, long * 0.8)], dark)
        side = stage.light_side * half
        layer.polygon([(x + side * 0.2, -1), (x + side, -1), (x + side * 0.15, long * 0.9)], mix(dark, stage.tones.glow, 0.2))
    for side_ in (-1, 1):
        for _ in range(3):
            x = stage.across * (0.5 + side_ * dice.uniform(0.34, 0.5))
            tall = dice.uniform(8, 18)
            base = stage.ground(dice.uniform(0.1, 0.7))
            layer.polygon([(x - tall * 0.24, base), (x - tall * 0.05, base - tall), (x + tall * 0.05, base - tall * 0.96), (x + tall * 0.26, base)], mix(rgb("2a232c"), rgb("5a4a4c"), dice.random() * 0.6))
    canvas.lay(layer, grain=0.18)


def _crystals(canvas: Canvas, stage: Stage) -> None:
    dice = stage.dice("crystal")
    hue = rgb(dice.choice(("7fd6e8", "b48cf0", "8ce8b4")))
    for side in (-1, 1):
        x = stage.across * (0.5 + side * dice.uniform(0.3, 0.42))
        base = stage.ground(dice.uniform(0.2, 0.5))
        layer = Layer()
        for k in range(5):
            lean, tall = (k - 2) * 0.28, dice.uniform(5, 11)
            tx, half = x + (k - 2) * 1.6, 0.9
            tip = (tx + lean * tall, base - tall)
            layer.polygon([(tx - half, base), (tip[0] - half * 0.9, tip[1] + 2), tip, (tip[0] + half * 0.9, tip[1] + 2), (tx + half, base)], varied(hue, 0, 1, 0.75))
            layer.polygon([(tx, base), (tip[0], tip[1] + 2), tip, (tip[0] + half * 0.9, tip[1] + 2), (tx + half, base)], mix(hue, (1.0, 1.0, 1.0), 0.35))
        canvas.lay(layer, grain=0.05)
        canvas.glow(x, base - 5, 24, hue, 0.55)


CAVE = Scenery(_cave_back)
