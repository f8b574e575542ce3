"""The last pass over a picture: brush texture, paper, a quiet edge."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import rgb
from limner.backends.images.sketch.painter.surface.noise import Field, cloudy, smoothstep

PAPER = rgb("f7f1e3")


def finish(canvas: Canvas, stage: Stage) -> Image.Image:
    """The finished plate."""
    _wobble(canvas)
    _brush(canvas)
    _depth_of_colour(canvas, stage)
    _paper(canvas)
    _margin(canvas)
    return canvas.image()


def _wobble(canvas: Canvas) -> None:
    """Shift pixels a little along smooth noise, so that no edge is straight as a ruler."""
    frame = canvas.frame
    shape = (frame.height, frame.width)
    extent = (frame.down / 3.6, frame.across / 3.6)
    reach = 0.24 * frame.unit
    if reach < 0.4:
        return
    coarse = max(2, round(frame.unit / 2))
    dy = cloudy(shape, extent, seed=canvas.seed + 21, octaves=1, coarse=coarse) * reach
    dx = cloudy(shape, extent, seed=canvas.seed + 22, octaves=1, coarse=coarse) * reach
    y = np.clip(
        np.arange(frame.height)[:, None] + np.rint(dy).astype(np.int32), 0, frame.height - 1
    )
    x = np.clip(np.arange(frame.width)[None, :] + np.rint(dx).astype(np.int32), 0, frame.width - 1)
    flat = canvas.pixels.reshape(-1, 3)
    canvas.pixels = np.take(flat, y * frame.width + x, axis=0)


def _calmest(
    mean: npt.NDArray[np.floating[Any]], unrest: Field, half: int
) -> npt.NDArray[np.floating[Any]]:
    """The mean of the calmest of the four patches round each pixel."""
    best = np.full(unrest.shape, np.inf, np.float32)
    out = mean.copy()
    for dy in (-half, half):
        for dx in (-half, half):
            moved = np.roll(unrest, (dy, dx), (0, 1))
            calmer = moved < best
            np.copyto(best, moved, where=calmer)
            np.copyto(out, np.roll(mean, (dy, dx), (0, 1)), where=calmer[..., None])
    return out


def _brush(canvas: Canvas) -> None:
    """Turn pixels into dabs: each takes the calmest of the four patches it lies in (Kuwahara)."""
    frame = canvas.frame
    radius = max(1, round(0.36 * frame.unit))
    if min(frame.width, frame.height) < 6 * radius:
        return
    rough = canvas.pixels * (1 + 0.022 * canvas.mottle + 0.018 * canvas.streaks)[..., None]
    image = Image.fromarray((np.clip(rough, 0, 1) * 255).astype(np.uint8))
    mean = np.asarray(image.filter(ImageFilter.BoxBlur(radius / 2)), dtype=np.float32) / 255
    grey = image.convert("L")
    light = np.asarray(grey, dtype=np.float32)
    average = _box(light, radius)
    unrest = _box(light * light, radius) - average * average
    out = _calmest(mean, unrest, (radius + 1) // 2)
    share = (0.8 - 0.4 * canvas.detail)[..., None]
    canvas.pixels += share * (out - canvas.pixels)


def _box(field: Field, size: int) -> Field:
    """The mean over squares with sides of about `size` pixels."""
    half = max(1, size // 2)
    span = 2 * half + 1
    padded = np.pad(field, half + 1, mode="edge")[:-1, :-1]
    total = padded.cumsum(0, dtype=np.float64).cumsum(1)
    rows, columns = field.shape
    area = (
        total[span : span + rows, span : span + columns]
        - total[:rows, span : span + columns]
        - total[span : span + rows, :columns]
        + total[:rows, :columns]
    )
    means: Field = (area / span**2).astype(np.float32)
    return means


def _depth_of_colour(canvas: Canvas, stage: Stage) -> None:
    """Local contrast as in pooled pigment, then a gentle darkening towards the corners."""
    frame = canvas.frame
    small = (max(2, frame.width // 8), max(2, frame.height // 8))
    image = Image.fromarray((np.clip(canvas.pixels, 0, 1) * 255).astype(np.uint8))
    wide = (
        np.asarray(
            image.resize(small, Image.Resampling.BOX)
            .filter(ImageFilter.GaussianBlur(0.5 * frame.unit))
            .resize((frame.width, frame.height), Image.Resampling.BICUBIC),
            dtype=np.float32,
        )
        / 255
    )
    canvas.pixels += 0.16 * (canvas.pixels - wide)
    x = canvas.columns / frame.across - 0.5
    y = canvas.rows / frame.down - 0.5
    corner = np.clip((x[None, :] ** 2 + y[:, None] ** 2) * 2, 0, 1) ** 1.5
    canvas.pixels *= (1 - 0.24 * corner)[..., None]


def _paper(canvas: Canvas) -> None:
    """The tooth of the paper, which takes a little less paint on its heights."""
    frame = canvas.frame
    tooth = cloudy(
        (frame.height, frame.width),
        (frame.down / 0.55, frame.across / 0.55),
        seed=canvas.seed + 31,
        octaves=2,
        coarse=1 if frame.unit < 9 else 2,
    )
    canvas.pixels *= (1 + 0.028 * tooth)[..., None]


def _margin(canvas: Canvas) -> None:
    """An uneven painted edge on a narrow strip of bare paper."""
    frame = canvas.frame
    if min(frame.width, frame.height) < 160:
        return
    edge_x = np.minimum(canvas.columns, frame.across - canvas.columns)
    edge_y = np.minimum(canvas.rows, frame.down - canvas.rows)
    near = np.minimum(edge_x[None, :], edge_y[:, None])
    shape = (frame.height, frame.width)
    rough = cloudy(
        shape, (frame.down / 8, frame.across / 8), seed=canvas.seed + 41, octaves=3, coarse=2
    )
    painted = smoothstep(1.15, 1.75, near + 0.5 * rough)
    rim = smoothstep(3.6, 1.6, near + 0.5 * rough) * painted
    canvas.pixels *= (1 - 0.13 * rim)[..., None]
    canvas.pixels *= painted[..., None]
    canvas.pixels += (1 - painted)[..., None] * np.array(PAPER, np.float32)
