"""The picture while it is being painted: floating-point pixels and ways to lay colour on them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageFilter

from limner.backends.images.sketch.painter.surface.colour import Colour
from limner.backends.images.sketch.painter.surface.frame import Frame
from limner.backends.images.sketch.painter.surface.layer import Layer
from limner.backends.images.sketch.painter.surface.noise import Field, cloudy, smoothstep


@dataclass(frozen=True, slots=True)
class Fade:
    """A layer dissolving downwards into a colour, as land does into mist.

    Attributes:
        colour: What it dissolves into.
        top: Where it begins, in scene units.
        bottom: Where it is strongest.
        share: How strong it is there, 0 to 1.
    """

    colour: Colour
    top: float
    bottom: float
    share: float


class Canvas:
    """Red, green and blue from 0 to 1 over a frame, starting black."""

    def __init__(self, frame: Frame, *, seed: int) -> None:
        self.frame = frame
        self.seed = seed
        self.pixels: Field = np.zeros((frame.height, frame.width, 3), np.float32)
        self.detail: Field = np.zeros((frame.height, frame.width), np.float32)
        """Where fine drawing must survive the brush, 0 to 1."""

    @cached_property
    def streaks(self) -> Field:
        """The marks of a broad brush drawn sideways, about -1 to 1."""
        return self._texture(self.frame.down / 2.2, self.frame.across / 8, self.seed + 11)

    @cached_property
    def mottle(self) -> Field:
        """Pigment that dried unevenly, about -1 to 1."""
        return self._texture(self.frame.down / 4.5, self.frame.across / 6.5, self.seed + 12)

    def _texture(self, down: float, across: float, seed: int) -> Field:
        frame = self.frame
        return cloudy(
            (frame.height, frame.width),
            (down, across),
            seed=seed,
            octaves=4,
            coarse=2 if frame.unit < 8 else 3,
        )

    @cached_property
    def columns(self) -> Field:
        """The horizontal place of each pixel column, in scene units."""
        return (np.arange(self.frame.width, dtype=np.float32) + 0.5) / self.frame.unit

    @cached_property
    def rows(self) -> Field:
        """The vertical place of each pixel row, in scene units."""
        return (np.arange(self.frame.height, dtype=np.float32) + 0.5) / self.frame.unit

    def box(
        self, left: float, top: float, right: float, bottom: float
    ) -> tuple[int, int, int, int] | None:
        """A rectangle in scene units as pixels inside the frame, or ``None`` if it is outside."""
        unit, frame = self.frame.unit, self.frame
        x0, y0 = max(0, int(left * unit)), max(0, int(top * unit))
        x1, y1 = min(frame.width, int(right * unit) + 1), min(frame.height, int(bottom * unit) + 1)
        return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

    def lay(
        self,
        layer: Layer,
        *,
        opacity: float = 1.0,
        grain: float = 0.07,
        fade: Fade | None = None,
        soft: float = 0.0,
    ) -> None:
        """Lay the shapes of a layer over the picture.

        Args:
            layer: What to lay.
            opacity: Of the whole layer, 0 to 1.
            grain: How much the pigment varies inside it.
            fade: What it dissolves into, if anything.
            soft: Radius by which it is blurred, in scene units.
        """
        box = layer.bounds(self.frame, margin=2.5 * soft)
        if box is None:
            return
        image = layer.render(self.frame, box)
        if soft:
            image = image.filter(ImageFilter.GaussianBlur(soft * self.frame.unit))
        self.put(image, box, opacity=opacity, grain=grain, fade=fade)

    def put(
        self,
        image: Image.Image,
        box: tuple[int, int, int, int],
        *,
        opacity: float = 1.0,
        grain: float = 0.0,
        fade: Fade | None = None,
    ) -> None:
        """Lay a premultiplied picture (mode ``RGBa``) over a box of exactly its size."""
        left, top, right, bottom = box
        paint = np.asarray(image, dtype=np.float32) * np.float32(1 / 255)
        colour, alpha = paint[..., :3], paint[..., 3:]
        if grain:
            pigment = 0.55 * self.streaks[top:bottom, left:right]
            pigment += self.mottle[top:bottom, left:right]
            colour *= (1 + grain * pigment)[..., None]
        if fade is not None:
            share = fade.share * smoothstep(fade.top, fade.bottom, self.rows[top:bottom])
            share = share[:, None, None]
            colour *= 1 - share
            colour += share * alpha * np.array(fade.colour, np.float32)
        if opacity < 1:
            colour *= opacity
            alpha = alpha * opacity
        target = self.pixels[top:bottom, left:right]
        target *= 1 - alpha
        target += colour

    def tint(self, mask: Field, colour: Colour, box: tuple[int, int, int, int]) -> None:
        """Mix a colour in where the mask (0 to 1, of the box's size) says so."""
        left, top, right, bottom = box
        target = self.pixels[top:bottom, left:right]
        share = mask[..., None]
        target *= 1 - share
        target += share * np.array(colour, np.float32)

    def glow(
        self,
        x: float,
        y: float,
        radius: float,
        colour: Colour,
        strength: float,
        *,
        flat: float = 1.0,
    ) -> None:
        """Add light around a point (screened, so that it never burns out).

        Args:
            x: Its place across, in scene units.
            y: Its place down.
            radius: Where the light has become faint.
            colour: Of the light.
            strength: At the centre, 0 to 1.
            flat: Height of the pool relative to its width.
        """
        box = self.box(x - radius, y - radius * flat, x + radius, y + radius * flat)
        if box is None:
            return
        left, top, right, bottom = box
        dx = (self.columns[left:right] - x) / radius
        dy = (self.rows[top:bottom] - y) / (radius * flat)
        near = np.clip(1 - np.sqrt(dx[None, :] ** 2 + dy[:, None] ** 2), 0, 1)
        light = (strength * near * near)[..., None] * np.array(colour, np.float32)
        target = self.pixels[top:bottom, left:right]
        target += light * (1 - np.clip(target, 0, 1))

    def sample(self, x: float, y: float, reach: float) -> Colour:
        """The mean colour around a place."""
        box = self.box(x - reach, y - reach / 3, x + reach, y + reach / 3)
        if box is None:
            return (0.5, 0.5, 0.5)
        left, top, right, bottom = box
        r, g, b = self.pixels[top:bottom, left:right].reshape(-1, 3).mean(0)
        return (float(r), float(g), float(b))

    def image(self) -> Image.Image:
        """The picture as eight-bit RGB."""
        return Image.fromarray((np.clip(self.pixels, 0, 1) * 255 + 0.5).astype(np.uint8))
