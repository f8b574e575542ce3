"""The deck of a ship at sea: planks, a rail, a mast with its ropes."""

from limner.backends.images.sketch.painter.land.water import (
    SEA,
    paint_glitter,
    paint_ripples,
    paint_water,
    paint_waves,
)
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.scenery.waters.coast import rough
from limner.backends.images.sketch.painter.sky.lightning import paint_lightning
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer, box, curve
from limner.backends.images.sketch.scene import Weather

_PLANK, _RAIL, _ROPE = rgb("a87a4c"), rgb("7a5030"), rgb("cdb58a")
_EDGE = 0.34
"""How far down from the horizon the deck begins, as a share of the ground."""


def _deck_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    if stage.scene.weather is Weather.STORM:
        paint_lightning(canvas, stage)
    low = stage.ground(0.6)
    paint_water(canvas, stage, stage.horizon, low, SEA, mirror=0.35)
    if rough(stage):
        paint_waves(canvas, stage, stage.horizon, low)
    else:
        paint_ripples(canvas, stage, stage.horizon, low, count=90)
        paint_glitter(canvas, stage, stage.horizon, low)
    _rigging(canvas, stage)
    _planks(canvas, stage)
    _rail(canvas, stage)


def _planks(canvas: Canvas, stage: Stage) -> None:
    """Boards that run to the bow."""
    rng = stage.rng("planks")
    top, low = stage.ground(_EDGE), stage.down + 2
    middle, count = stage.across / 2, 18
    layer = Layer()
    for k in range(count):
        a, b = k / count - 0.5, (k + 1) / count - 0.5
        board = [
            (middle + a * stage.across * 1.15, top),
            (middle + b * stage.across * 1.15, top),
            (middle + b * stage.across * 2.1, low),
            (middle + a * stage.across * 2.1, low),
        ]
        tone = varied(_PLANK, rng.uniform(-0.01, 0.012), 0.95, rng.uniform(0.92, 1.12))
        layer.polygon(board, stage.seen(tone, lit=0.75))
        seam = [board[0], (board[0][0] + 0.25, top), (board[3][0] + 0.6, low), board[3]]
        layer.polygon(seam, stage.seen(varied(_PLANK, 0, 1, 0.55), lit=0.3))
    canvas.lay(layer, fade=Fade(stage.seen(_PLANK, lit=0.35), top, low, 0.35), grain=0.12)


def _rail(canvas: Canvas, stage: Stage) -> None:
    """Posts and two beams along the edge."""
    foot, tall = stage.ground(_EDGE) + 0.6, 0.17 * stage.down
    dark, lit = stage.seen(_RAIL, lit=0.3), stage.seen(varied(_RAIL, 0, 0.95, 1.3), lit=0.85)
    layer = Layer()
    step = stage.across / 9
    for k in range(11):
        x = k * step - step * 0.5
        layer.polygon(
            [(x - 0.9, foot - tall), (x + 0.9, foot - tall), (x + 1.1, foot), (x - 1.1, foot)],
            dark,
        )
    for high, thick in ((1.0, 2.0), (0.52, 1.2), (0.04, 2.0)):
        y = foot - tall * high
        ends = [(-2.0, y), (stage.across + 2, y)]
        under = [(stage.across + 2, y + thick), (-2.0, y + thick)]
        layer.polygon([*ends, *under], lit)
        layer.polygon([(-2.0, y + thick * 0.6), (stage.across + 2, y + thick * 0.6), *under], dark)
    canvas.lay(layer, grain=0.1)


def _rigging(canvas: Canvas, stage: Stage) -> None:
    """A mast at the side that nobody stands on, its sail furled, its ropes."""
    side = -1 if stage.focus > stage.across / 2 else 1
    x, foot = stage.across * (0.5 + side * 0.3), stage.ground(_EDGE) + 1
    wood, shade = stage.seen(_RAIL, lit=0.7), stage.seen(_RAIL, lit=0.25)
    cloth = stage.seen(rgb("efe4cb"), lit=0.85)
    layer = Layer()
    layer.polygon([(x - 2.2, -2), (x + 2.2, -2), (x + 2.8, foot), (x - 2.8, foot)], wood)
    layer.polygon([(x + 0.6, -2), (x + 2.2, -2), (x + 2.8, foot), (x + 0.8, foot)], shade)
    yard, half = stage.horizon * 0.2, 0.2 * stage.across
    furled = [(-1.0, 1.0), (-0.5, 6.4), (0.0, 4.6), (0.5, 6.4), (1.0, 1.0)]
    layer.polygon(curve([(x + half * a, yard + y) for a, y in furled], 4), cloth)
    layer.polygon(box(x, yard - 0.8, 2 * half + 4, 2.0), wood)
    rope = stage.seen(_ROPE, lit=0.5)
    for k in range(4):
        end = x - side * (8 + 7.5 * k)
        layer.stroke([(x, yard * 0.4), (end, foot - 2)], 0.35, 0.35, rope)
    for k in range(5):
        share = 0.35 + 0.13 * k
        y = yard * 0.4 + (foot - yard * 0.4) * share
        layer.stroke([(x - side * 8 * share, y), (x - side * 30.5 * share, y)], 0.3, 0.3, rope)
    canvas.lay(layer, grain=0.08)


DECK = Scenery(_deck_back)
