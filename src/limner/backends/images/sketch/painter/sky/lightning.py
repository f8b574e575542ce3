"""A bolt of lightning."""

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb
from limner.backends.images.sketch.painter.surface.layer import Layer, Point


def paint_lightning(canvas: Canvas, stage: Stage) -> None:
    """One forked bolt between the clouds and the horizon, on the side of the hidden sun."""
    rng = stage.rng("lightning")
    x, y = stage.sun[0], stage.horizon * 0.2
    canvas.glow(x, stage.horizon * 0.45, 46, rgb("cfdcff"), 0.5)
    main: list[Point] = [(x, y)]
    while main[-1][1] < stage.horizon - 2:
        px, py = main[-1]
        main.append((px + rng.uniform(-3.4, 3.4), py + rng.uniform(3, 6)))
    layer = Layer()
    for spread, colour, alpha in ((1.1, rgb("9fb6ff"), 0.35), (0.4, rgb("fdfcff"), 1.0)):
        layer.stroke(main, spread, spread * 0.4, colour, alpha)
    for k in (2, 3):
        if k + 1 >= len(main):
            break
        px, py = main[k]
        side = rng.choice((-1, 1))
        fork = [(px, py), (px + side * 4, py + 4), (px + side * 5.5, py + 8.5)]
        layer.stroke(fork, 0.3, 0.05, rgb("f3f4ff"))
    canvas.lay(layer, grain=0.0, soft=0.07)
