"""What holds a subject in its place: stumps, snow over the feet, grass before them, foam."""

from math import sin

from limner.backends.images.sketch.painter.land.plants import SNOW, blades, bush, stone, tuft
from limner.backends.images.sketch.painter.layout.stage import Placement, Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import Colour, mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Place, Stance

_GRASSY = (
    Place.MEADOW,
    Place.FOREST,
    Place.MOUNTAINS,
    Place.VILLAGE,
    Place.LAKE,
    Place.RIVER,
    Place.WATERFALL,
)
_SANDY = (Place.DESERT, Place.SHORE, Place.UNDERWATER)


def pedestal(canvas: Canvas, stage: Stage, p: Placement) -> float:
    """A stump or a flat stone under a small thing outdoors; returns how high it lifts."""
    if p.subject.stance is not Stance.TABLE or stage.table is not None:
        return 0.0
    if stage.scene.place not in (*_GRASSY, Place.SNOWFIELD) or is_picnic(stage):
        return 0.0
    rng = stage.rng(f"stump {p.x:.1f}")
    half, tall = p.width * 0.42 + 2.5, 4.6
    layer = Layer()
    bark, wood = rgb("7a5740"), rgb("d9b88a")
    x, foot = p.x, p.foot + 1.5
    layer.polygon(
        [
            (x - half, foot - tall),
            (x + half, foot - tall),
            (x + half * 1.12, foot),
            (x + half * 0.4, foot + 0.7),
            (x - half * 0.5, foot + 0.6),
            (x - half * 1.15, foot),
        ],
        stage.seen(bark, lit=0.35),
    )
    side = stage.light_side
    layer.polygon(
        [
            (x + side * half * 0.25, foot - tall),
            (x + side * half, foot - tall),
            (x + side * half * 1.1, foot),
            (x + side * half * 0.3, foot),
        ],
        stage.seen(bark, lit=0.95),
    )
    layer.ellipse(x, foot - tall, half, half * 0.26, stage.seen(wood, lit=0.8))
    layer.ellipse(
        x, foot - tall, half * 0.62, half * 0.15, stage.seen(varied(wood, 0, 1.1, 0.86), lit=0.7)
    )
    layer.ellipse(x, foot - tall, half * 0.5, half * 0.12, stage.seen(wood, lit=0.8))
    if stage.snowy:
        layer.blob(
            x,
            foot - tall - 0.2,
            half * 0.96,
            half * 0.24,
            stage.seen(SNOW, lit=0.9),
            rng,
            rough=0.06,
        )
    canvas.lay(layer, grain=0.1)
    cover_feet(canvas, stage, Placement(p.subject, x, foot, tall, half * 2.1))
    return tall - 1.5 + half * 0.05


def is_picnic(stage: Stage) -> bool:
    """Several small things lie about outdoors: they get one cloth instead of stumps."""
    laid = [p for p in stage.placements if p.subject.stance is Stance.TABLE and not p.carried]
    grassy = stage.scene.place in (*_GRASSY, Place.SHORE)
    return stage.table is None and len(laid) > 1 and grassy


def picnic_cloth(canvas: Canvas, stage: Stage) -> None:
    """A checked cloth under what lies about."""
    if not is_picnic(stage):
        return
    laid = [p for p in stage.placements if p.subject.stance is Stance.TABLE and not p.carried]
    left, right = min(p.box[0] for p in laid) - 7, max(p.box[2] for p in laid) + 7
    foot = sum(p.foot for p in laid) / len(laid)
    top, low, lean = foot - 6, min(stage.down - 1, foot + 6), 7
    red, cream = stage.seen(rgb("c4544a"), lit=0.7), stage.seen(rgb("f6ecd8"), lit=0.85)
    layer = Layer()
    layer.polygon(
        [(left + lean, top), (right - lean, top), (right + lean, low), (left - lean, low)], cream
    )
    count = 11
    for k in range(count):
        a, b = (k + 0.15) / count, (k + 0.6) / count
        upper, lower = right - left - 2 * lean, right - left + 2 * lean
        layer.polygon(
            [
                (left + lean + upper * a, top),
                (left + lean + upper * b, top),
                (left - lean + lower * b, low),
                (left - lean + lower * a, low),
            ],
            red,
            0.55,
        )
    for k in range(3):
        y = top + (low - top) * (k + 0.25) / 3
        edge = lean - 2 * lean * (y - top) / (low - top)
        layer.polygon(
            [(left + edge, y), (right - edge, y), (right - edge, y + 1.6), (left + edge, y + 1.6)],
            red,
            0.55,
        )
    canvas.lay(layer, grain=0.08)


def shoulders(canvas: Canvas, stage: Stage, p: Placement, colour: Colour) -> None:
    """A body below a head that is all the drawing shows."""
    rng = stage.rng(f"shoulders {p.x:.1f}")
    layer = Layer()
    wide = p.width * 0.42
    base, top = p.foot + p.height * 0.14, p.foot - p.height * 0.30
    for share, lit, shift in ((1.0, 0.25, 0.0), (0.8, 0.7, 0.12)):
        layer.blob(
            p.x + stage.light_side * wide * shift,
            (base + top) / 2 + 1,
            wide * share,
            (base - top) / 2 * share,
            stage.seen(colour, depth=p.depth, lit=lit),
            rng,
            rough=0.05,
        )
    canvas.lay(layer, grain=0.08)


def cover_feet(canvas: Canvas, stage: Stage, p: Placement) -> None:
    """Something of the ground in front of the feet."""
    scene = stage.scene
    if scene.place in (Place.INTERIOR, Place.CITY, Place.SPACE, Place.CAVE, Place.SEA):
        return
    rng = stage.rng(f"bury {p.x:.2f} {p.foot:.2f}")
    layer = Layer()
    half = p.width / 2
    if p.subject.stance is Stance.FACE:
        _hide(layer, stage, p)
    elif stage.snowy:
        _heap(canvas, p, min(1.5, 0.045 * p.height + 0.2))
        for _ in range(3):
            x = p.x + rng.uniform(-1, 1) * half
            tuft(layer, x, p.foot + 1, 1.6 * (1 - p.depth), blades(stage, p.depth), rng)
    elif scene.place in _SANDY and p.subject.stance is not Stance.SWIMS:
        _heap(canvas, p, 0.7)
    elif scene.place in _GRASSY:
        tall = max(0.9, min(3.2, p.height * 0.1)) * (1.1 - 0.6 * p.depth)
        if p.subject.height > 4:
            for edge in (-1, 1):
                bush(
                    layer,
                    stage,
                    p.x + edge * half * rng.uniform(0.75, 1.0),
                    p.foot + 0.6,
                    3.2,
                    p.depth,
                    rng,
                )
        for k in range(int(p.width / 1.1) + 2):
            x = p.x - half + k * 1.1 + rng.uniform(-0.5, 0.5)
            tuft(
                layer,
                x,
                p.foot + 0.5 + rng.uniform(0, 0.5),
                tall * rng.uniform(0.5, 1.0),
                blades(stage, p.depth),
                rng,
            )
    canvas.lay(layer, grain=0.05)


def _heap(canvas: Canvas, p: Placement, thick: float) -> None:
    """Loose ground over the feet, in the colour the ground has just there."""
    colour = canvas.sample(p.x, p.foot + thick + 1.2, p.width * 0.6)
    half, y = p.width * 0.56, p.foot + thick * 0.4
    top = []
    for k in range(13):
        t = k / 6 - 1
        top.append((p.x + half * t, y - thick * (1 - t * t) * (0.8 + 0.3 * sin(k * 2.1 + p.x))))
    layer = Layer()
    layer.polygon(
        [*top, (p.x + half, y + thick * 0.6), (p.x, y + thick), (p.x - half, y + thick * 0.6)],
        colour,
    )
    canvas.lay(layer, grain=0.05, soft=0.22)


def _hide(layer: Layer, stage: Stage, p: Placement) -> None:
    """The hillock or the bush a head looks out from."""
    rng = stage.rng(f"hide {p.x:.1f}")
    half = p.width * 0.62
    if stage.scene.place in _SANDY or stage.snowy:
        stone(layer, stage, p.x, p.foot + p.height * 0.2, half, 0.0, rng)
        return
    for k in (-0.62, 0.62, 0.0):
        bush(
            layer, stage, p.x + k * half * 1.2, p.foot + p.height * 0.16, half * 0.72, p.depth, rng
        )
    for k in range(int(half * 2)):
        tuft(layer, p.x - half * 1.3 + k * 1.3, p.foot + p.height * 0.18, 3.0, blades(stage), rng)


def waterline(canvas: Canvas, stage: Stage, p: Placement) -> None:
    """Foam and ripples where a thing enters the water."""
    rng = stage.rng(f"waterline {p.x:.2f}")
    layer = Layer()
    light = mix(stage.tones.cloud_lit, rgb("ffffff"), 0.35)
    dark = stage.seen(rgb("2d6078"), depth=p.depth * 0.6, lit=0.25)
    half = p.width / 2
    for k in range(16):
        x = p.x + (k / 15 - 0.5) * p.width * 1.1 + rng.uniform(-0.6, 0.6)
        long = rng.uniform(0.07, 0.16) * p.width
        y = p.foot + rng.uniform(-0.15, 0.5)
        colour = light if rng.random() < 0.6 else dark
        layer.polygon([(x - long, y), (x, y - 0.28), (x + long, y), (x, y + 0.24)], colour, 0.85)
    for k in range(3):
        y = p.foot + 0.6 + k * 0.9
        reach = half * (0.9 - 0.2 * k)
        x = p.x + rng.uniform(-1, 1)
        layer.polygon([(x - reach, y), (x, y - 0.16), (x + reach, y), (x, y + 0.16)], light, 0.35)
    canvas.lay(layer, grain=0.0, soft=0.05)
