"""One sheet of opaque shapes, drawn together and laid on the picture at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageDraw

from limner.backends.images.sketch.painter.surface.colour import Colour, as_bytes
from limner.backends.images.sketch.painter.surface.frame import Frame

Point = tuple[float, float]

FINER = 2
"""Shapes are drawn this many times larger and then reduced, which smooths their edges."""


@dataclass(slots=True)
class Layer:
    """Shapes in scene units, in the order they were added.

    Shapes of one layer replace each other where they overlap, alpha included.
    """

    shapes: list[tuple[Sequence[Point], tuple[int, int, int, int]]] = field(default_factory=list)

    def polygon(self, points: Sequence[Point], colour: Colour, alpha: float = 1.0) -> None:
        """Fill the area the points enclose."""
        self.shapes.append((points, (*as_bytes(colour), round(255 * min(1.0, max(0.0, alpha))))))

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: float = 1.0
    ) -> None:
        """Fill an upright ellipse around ``(x, y)``."""
        count = 10 if max(rx, ry) < 1 else 28
        self.polygon(ring(x, y, rx, ry, count), colour, alpha)

    def blob(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        colour: Colour,
        rng: Random,
        *,
        rough: float = 0.14,
        alpha: float = 1.0,
    ) -> None:
        """Fill an ellipse with an uneven edge, as a loaded brush leaves it."""
        count = 18
        reach = [1 + rng.uniform(-rough, rough) for _ in range(count)]
        self.polygon(
            [
                (
                    x + rx * reach[k] * cos(2 * pi * k / count),
                    y + ry * reach[k] * sin(2 * pi * k / count),
                )
                for k in range(count)
            ],
            colour,
            alpha,
        )

    def stroke(
        self, points: Sequence[Point], width: float, end: float, colour: Colour, alpha: float = 1.0
    ) -> None:
        """A line through the points that goes from `width` to `end` units thick."""
        left: list[Point] = []
        right: list[Point] = []
        last = len(points) - 1
        for k, (x, y) in enumerate(points):
            x0, y0 = points[max(0, k - 1)]
            x1, y1 = points[min(last, k + 1)]
            length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 or 1.0
            half = (width + (end - width) * k / last) / 2
            nx, ny = -(y1 - y0) / length * half, (x1 - x0) / length * half
            left.append((x + nx, y + ny))
            right.append((x - nx, y - ny))
        self.polygon(left + right[::-1], colour, alpha)

    def bounds(self, frame: Frame, margin: float = 0.0) -> tuple[int, int, int, int] | None:
        """The pixels the shapes touch (left, top, right, bottom), or ``None`` if none."""
        points = [p for shape, _ in self.shapes for p in shape]
        if not points:
            return None
        unit = frame.unit
        left = int((min(p[0] for p in points) - margin) * unit) - 1
        top = int((min(p[1] for p in points) - margin) * unit) - 1
        right = int((max(p[0] for p in points) + margin) * unit) + 2
        bottom = int((max(p[1] for p in points) + margin) * unit) + 2
        left, top = max(0, left), max(0, top)
        right, bottom = min(frame.width, right), min(frame.height, bottom)
        return (left, top, right, bottom) if left < right and top < bottom else None

    def render(self, frame: Frame, box: tuple[int, int, int, int]) -> Image.Image:
        """The shapes inside a box of pixels, alpha premultiplied (mode ``RGBa``)."""
        left, top, right, bottom = box
        scale = frame.unit * FINER
        dx, dy = left * FINER, top * FINER
        image = Image.new("RGBA", ((right - left) * FINER, (bottom - top) * FINER))
        draw = ImageDraw.Draw(image)
        for points, fill in self.shapes:
            draw.polygon([(x * scale - dx, y * scale - dy) for x, y in points], fill=fill)
        return image.convert("RGBa").reduce(FINER)


def box(x: float, top: float, width: float, height: float) -> list[Point]:
    """The corners of an upright rectangle; `x` is its middle."""
    return [
        (x - width / 2, top),
        (x + width / 2, top),
        (x + width / 2, top + height),
        (x - width / 2, top + height),
    ]


def ring(x: float, y: float, rx: float, ry: float, count: int = 28) -> list[Point]:
    """Points on an upright ellipse."""
    return [
        (x + rx * cos(2 * pi * k / count), y + ry * sin(2 * pi * k / count)) for k in range(count)
    ]


def curve(points: Sequence[Point], steps: int = 6) -> list[Point]:
    """A smooth line through the points (uniform Catmull-Rom spline)."""
    line: list[Point] = []
    ends = [points[0], *points, points[-1]]
    for k in range(1, len(ends) - 2):
        line.extend(_piece(ends[k - 1 : k + 3], steps))
    line.append(points[-1])
    return line


def _piece(knots: Sequence[Point], steps: int) -> Iterable[Point]:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = knots
    for k in range(steps):
        t = k / steps
        a, b = -t + 2 * t * t - t**3, 2 - 5 * t * t + 3 * t**3
        c, d = t + 4 * t * t - 3 * t**3, t**3 - t * t
        yield (
            (a * ax + b * bx + c * cx + d * dx) / 2,
            (a * ay + b * by + c * cy + d * dy) / 2,
        )
