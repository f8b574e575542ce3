"""Small things that make a view a place: birds, a far sail."""

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import mix, rgb
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Place, Time, Weather

_AIRLESS = (Place.INTERIOR, Place.CAVE, Place.SPACE, Place.UNDERWATER)


def paint_birds(canvas: Canvas, stage: Stage) -> None:
    """A loose flock far away, in most skies by daylight."""
    scene = stage.scene
    rng = stage.rng("birds")
    if scene.place in _AIRLESS or scene.time is Time.NIGHT or rng.random() < 0.35:
        return
    if scene.weather not in (Weather.CLEAR, Weather.WIND, Weather.CLOUDY):
        return
    colour = mix(stage.tones.shadow, stage.tones.haze, 0.35)
    x = stage.across * rng.uniform(0.3, 0.7)
    y = stage.horizon * rng.uniform(0.25, 0.5)
    layer = Layer()
    for _ in range(rng.randint(3, 6)):
        bx, by = x + rng.gauss(0, 9), y + rng.gauss(0, 4)
        size, lift = rng.uniform(0.8, 1.6), rng.uniform(0.35, 0.6)
        for side in (-1, 1):
            wing = [
                (bx, by),
                (bx + side * size * 0.5, by - size * lift),
                (bx + side * size, by - size * lift * 0.7),
            ]
            layer.stroke(wing, 0.3, 0.08, colour)
    canvas.lay(layer, opacity=0.8, grain=0.0)


def paint_sail(canvas: Canvas, stage: Stage) -> None:
    """A small boat near the horizon, when nothing else is on the water."""
    if stage.placements or stage.scene.weather is Weather.STORM:
        return
    rng = stage.rng("sail")
    x = stage.across - stage.sun[0] + rng.uniform(-6, 6)
    y, size = stage.ground(0.08), 5.0
    hull = stage.seen(rgb("7a4f3a"), depth=0.6, lit=0.4)
    cloth = stage.seen(rgb("f6ead2"), depth=0.45, lit=0.95)
    shade = stage.seen(rgb("d9c3a0"), depth=0.45, lit=0.5)
    layer = Layer()
    layer.polygon(
        [
            (x - size * 0.5, y - size * 0.14),
            (x + size * 0.55, y - size * 0.14),
            (x + size * 0.36, y),
            (x - size * 0.36, y),
        ],
        hull,
    )
    layer.polygon(
        [(x, y - size * 1.15), (x + size * 0.48, y - size * 0.2), (x, y - size * 0.2)], cloth
    )
    layer.polygon(
        [
            (x - size * 0.06, y - size),
            (x - size * 0.38, y - size * 0.2),
            (x - size * 0.06, y - size * 0.2),
        ],
        shade,
    )
    for k in range(5):
        reach = size * (0.45 - 0.06 * k)
        layer.polygon(
            [
                (x - reach, y + 0.5 + k * 0.7),
                (x, y + 0.35 + k * 0.7),
                (x + reach, y + 0.5 + k * 0.7),
                (x, y + 0.7 + k * 0.7),
            ],
            cloth,
            0.35,
        )
    canvas.lay(layer, grain=0.04)
