"""A village: cottages on two slopes, smoke, a fence."""

from limner.backends.images.sketch.painter.buildings.houses import LAMP, cottage, smoke
from limner.backends.images.sketch.painter.land.ground import (
    paint_grass,
    paint_path,
    paint_plain,
    paint_verge,
)
from limner.backends.images.sketch.painter.land.hills import paint_hill, paint_range, rolling
from limner.backends.images.sketch.painter.land.plants import bush, ground_colour
from limner.backends.images.sketch.painter.land.trees import TreeSpot, plant
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.country.meadow import paint_heavens
from limner.backends.images.sketch.painter.scenery.scenery import Scenery
from limner.backends.images.sketch.painter.surface.canvas import Canvas, Fade
from limner.backends.images.sketch.painter.surface.colour import mix, rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.scene import Time


def _village_back(canvas: Canvas, stage: Stage) -> None:
    paint_heavens(canvas, stage)
    rng = stage.rng("village")
    grass = ground_colour(stage)
    paint_range(canvas, stage, stage.horizon - 4, rng.uniform(10, 18), 0.94)
    paint_hill(
        canvas,
        stage,
        rolling(stage.horizon - 9, 3.5, 80, rng),
        varied(grass, 0.04, 0.9, 0.9),
        depth=0.72,
    )
    _row(canvas, stage, stage.horizon - 4.5, 8.5, 0.58, 7)
    paint_hill(
        canvas,
        stage,
        rolling(stage.horizon - 2, 1.5, 90, rng),
        varied(grass, 0.02, 1, 0.95),
        depth=0.5,
    )
    _row(canvas, stage, stage.horizon + 1.5, 15.0, 0.36, 4)
    paint_plain(canvas, stage, rolling(stage.horizon + 2.5, 0.9, 110, rng), grass, far=0.4)
    earth = mix(rgb("d6b98c"), grass, 0.1 if not stage.snowy else 0.7)
    paint_path(
        canvas,
        stage,
        stage.across * (0.45 if stage.focus > stage.across / 2 else 0.55),
        earth,
        width=18,
    )


def _row(canvas: Canvas, stage: Stage, base: float, size: float, depth: float, count: int) -> None:
    """Cottages side by side, with trees between them and smoke from a few."""
    rng = stage.rng(f"houses {base:.1f}")
    layer = Layer()
    chimneys = []
    for k in range(count):
        x = stage.across * (k + rng.uniform(0.2, 0.8)) / count
        if rng.random() < 0.7:
            spot = TreeSpot(x + size * 0.75, base - 0.5, size * rng.uniform(0.8, 1.3), depth)
            plant(layer, stage, spot, rng, needles=0.3)
        chimneys.append(
            cottage(
                layer,
                stage,
                x,
                base + rng.uniform(-0.6, 0.9),
                size * rng.uniform(0.85, 1.15),
                depth,
                rng,
            )
        )
        bush(layer, stage, x - size * 0.6, base + 0.8, size * 0.2, depth, rng)
    canvas.lay(layer, grain=0.08, fade=Fade(stage.tones.haze, base - size, base + 1, 0.25))
    for x, y in chimneys[:: 2 if count < 6 else 3]:
        smoke(canvas, stage, x, y, size * 0.55)
    if stage.scene.time is Time.NIGHT:
        for x, y in chimneys:
            canvas.glow(x, y + size, size * 1.2, LAMP, 0.22)


def _village_middle(canvas: Canvas, stage: Stage) -> None:
    rng = stage.rng("village middle")
    side = 1 if stage.focus < stage.across / 2 else -1
    x = stage.across * (0.5 + side * 0.38)
    layer = Layer()
    if not any(p.back for p in stage.placements) and stage.free(x, 4):
        chimney = cottage(layer, stage, x, stage.ground(0.24), 27, 0.14, rng)
        for k in (-1.0, -0.55, 0.75):
            bush(layer, stage, x + k * 15, stage.ground(0.26), rng.uniform(2.5, 4), 0.14, rng)
        canvas.lay(layer, grain=0.1)
        smoke(canvas, stage, chimney[0], chimney[1], 11)
        if stage.scene.time is Time.NIGHT:
            canvas.glow(x, stage.ground(0.24) - 9, 24, LAMP, 0.35)
    _fence(canvas, stage, -side)
    paint_grass(canvas, stage, density=0.8)


def _fence(canvas: Canvas, stage: Stage, side: int) -> None:
    """A wooden fence along one edge."""
    rng = stage.rng("fence")
    wood, dark = stage.seen(rgb("b08d68"), lit=0.85), stage.seen(rgb("8a6a4c"), lit=0.3)
    layer = Layer()
    edge = stage.across * (0.5 + 0.5 * side)
    posts = []
    for k in range(6):
        t = k / 5
        x = edge - side * (28 * t - 3)
        posts.append((x, stage.ground(0.62 - 0.30 * t), 8.0 - 4.2 * t))
    for share in (0.35, 0.75):
        layer.stroke([(x, y - h * share) for x, y, h in posts], 1.0, 0.5, wood)
    for x, y, h in posts:
        if stage.free(x, 1):
            layer.polygon(
                [
                    (x - h * 0.08, y),
                    (x - h * 0.08, y - h),
                    (x, y - h * 1.1),
                    (x + h * 0.08, y - h),
                    (x + h * 0.08, y),
                ],
                dark if rng.random() < 0.5 else wood,
            )
    canvas.lay(layer, grain=0.12)


def _village_front(canvas: Canvas, stage: Stage) -> None:
    paint_verge(canvas, stage, flowers=0.6)


VILLAGE = Scenery(_village_back, _village_middle, _village_front)
