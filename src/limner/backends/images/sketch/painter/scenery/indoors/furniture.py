"""Shelf, table and rug."""

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.scenery.indoors.light import WOOD, indoors
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb, varied
from limner.backends.images.sketch.painter.surface.layer import Layer


def draw_shelf(layer: Layer, stage: Stage, x: float, y: float, width: float) -> None:
    """Two boards with books and a few pots."""
    rng = stage.rng("shelf")
    for level in (0.0, 13.0):
        base = y + level
        px = x - width / 2 + 1
        while px < x + width / 2 - 2:
            thick, tall = rng.uniform(1.2, 2.5), rng.uniform(5.5, 9)
            if rng.random() < 0.12:
                layer.blob(
                    px + 2,
                    base - 2.2,
                    1.9,
                    2.2,
                    indoors(stage, rgb("c98f5a"), 0.7),
                    rng,
                    rough=0.04,
                )
                px += 5
                continue
            code = rng.choice(("a8483c", "4f6f7f", "c79b4d", "6a7f56", "80566e", "d9c7a3"))
            colour = indoors(stage, rgb(code), rng.uniform(0.45, 0.9))
            lean = rng.choice((0.0, 0.0, 0.0, 0.8))
            layer.polygon(
                [
                    (px, base),
                    (px + thick, base),
                    (px + thick + lean, base - tall),
                    (px + lean, base - tall),
                ],
                colour,
            )
            px += thick + 0.15 + lean
        board, under = indoors(stage, WOOD, 0.75), indoors(stage, varied(WOOD, 0, 1, 0.6), 0.2)
        layer.polygon(
            [
                (x - width / 2, base),
                (x + width / 2, base),
                (x + width / 2, base + 1.3),
                (x - width / 2, base + 1.3),
            ],
            board,
        )
        layer.polygon(
            [
                (x - width / 2, base + 1.3),
                (x + width / 2, base + 1.3),
                (x + width / 2, base + 1.9),
                (x - width / 2, base + 1.9),
            ],
            under,
        )


def draw_table(layer: Layer, stage: Stage, x: float, top: float, width: float) -> None:
    """A table seen from the front, its top at `top`."""
    half, floor = width / 2, min(stage.down - 2, top + 25)
    dark, mid, lit = (
        indoors(stage, varied(WOOD, 0, 1.05, 0.72), 0.25),
        indoors(stage, WOOD, 0.6),
        indoors(stage, varied(WOOD, 0, 0.9, 1.3), 0.9),
    )
    for side in (-1, 1):
        lx = x + side * half * 0.82
        layer.polygon(
            [(lx - 1.4, top + 2), (lx + 1.4, top + 2), (lx + 1.0, floor), (lx - 1.0, floor)],
            dark if side != stage.light_side else mid,
        )
    layer.polygon(
        [
            (x - half * 0.92, top - 3),
            (x + half * 0.92, top - 3),
            (x + half, top + 2),
            (x - half, top + 2),
        ],
        lit,
    )
    layer.polygon(
        [(x - half, top + 2), (x + half, top + 2), (x + half, top + 4.2), (x - half, top + 4.2)],
        mid,
    )
    layer.polygon(
        [
            (x - half * 0.9, top + 4.2),
            (x + half * 0.9, top + 4.2),
            (x + half * 0.9, top + 7),
            (x - half * 0.9, top + 7),
        ],
        dark,
    )


def paint_rug(canvas: Canvas, stage: Stage) -> None:
    """A round rug on the floor."""
    rng = stage.rng("rug")
    x = stage.across * 0.5 if stage.table is None else stage.across - stage.table.x
    y, rx = stage.ground(0.55), min(44.0, stage.across * 0.34)
    ry = min(9.5, (stage.down - stage.horizon) * 0.3)
    base = rgb(rng.choice(("a8443c", "4a6a80", "6f7f4f", "8a5070")))
    layer = Layer()
    cream = indoors(stage, rgb("eeddb8"), 0.8)
    for share, colour in (
        (1.0, indoors(stage, varied(base, 0, 1, 0.7), 0.5)),
        (0.95, cream),
        (0.88, indoors(stage, base, 0.7)),
        (0.62, cream),
        (0.57, indoors(stage, varied(base, 0.04, 0.9, 1.15), 0.7)),
        (0.3, cream),
        (0.24, indoors(stage, base, 0.6)),
    ):
        layer.ellipse(x, y, rx * share, ry * share, colour)
    canvas.lay(layer, grain=0.15)
