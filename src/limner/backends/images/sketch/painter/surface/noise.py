"""Fields of smooth random numbers: the irregularity that makes a flat shape look painted."""

import numpy as np
import numpy.typing as npt
from PIL import Image

Field = npt.NDArray[np.float32]
"""Single-precision numbers over the pixels of a picture, or a part of it."""

_STEEP = np.float32(2.4)
"""Gradients are this long, so that the field fills -1 to 1."""

_CELLS = 1.5
"""Lattice cells to a feature: two neighbouring slopes make one hill."""


def cloudy(
    shape: tuple[int, int],
    extent: tuple[float, float],
    *,
    seed: int,
    octaves: int = 3,
    coarse: int = 1,
) -> Field:
    """Fractal noise over a rectangle, about -1 to 1 (gradient noise, summed in octaves).

    Args:
        shape: Rows and columns of the result.
        extent: How many features of the coarsest octave fit, down and across.
        seed: Chooses the field.
        octaves: How many times finer detail is added.
        coarse: Compute every n-th pixel only and interpolate the rest.

    Returns:
        The field, of exactly `shape`.

    >>> cloudy((4, 6), (1.0, 1.5), seed=1).shape
    (4, 6)
    """
    rows, columns = (max(2, -(-side // coarse)) for side in shape)
    down = np.linspace(0, extent[0] * _CELLS, rows, dtype=np.float32)
    across = np.linspace(0, extent[1] * _CELLS, columns, dtype=np.float32)
    field = np.zeros((rows, columns), np.float32)
    for octave in range(octaves):
        finer = np.float32(2**octave)
        field += _octave(down * finer, across * finer, seed + octave) / finer
    field /= np.float32(2 - 0.5 ** (octaves - 1))
    return field if (rows, columns) == shape else resized(field, shape)


def _octave(down: Field, across: Field, seed: int) -> Field:
    """Gradient noise (Perlin's) over the grid of two rows of places.

    Each lattice point has a slope; a pixel blends the four planes round it. As the places form a
    grid, the blend goes along the columns first, while there are few, and then along the rows.
    """
    y, low, ease_y = _cells(down)
    x, left, ease_x = _cells(across)
    slope_y, slope_x = _slopes(int(y[-1]) + 2, int(x[-1]) + 2, seed)
    above, below = (1 - ease_y)[:, None], ease_y[:, None]
    level = slope_y[y] * (above * low[:, None]) + slope_y[y + 1] * (below * (low - 1)[:, None])
    tilt = slope_x[y] * above + slope_x[y + 1] * below
    start = level[:, x] + tilt[:, x] * left
    end = level[:, x + 1] + tilt[:, x + 1] * (left - 1)
    start += (end - start) * ease_x
    return start


def _cells(places: Field) -> tuple[npt.NDArray[np.intp], Field, Field]:
    """Of each place: its lattice cell, how far it is into it, and the same eased at both ends."""
    cell = np.floor(places)
    into: Field = places - cell
    eased: Field = into * into * into * (into * (into * 6 - 15) + 10)
    return cell.astype(np.intp), into, eased


def _slopes(rows: int, columns: int, seed: int) -> tuple[Field, Field]:
    """A direction for each lattice point: it depends on the seed and the point alone."""
    hashed = np.arange(rows, dtype=np.uint32)[:, None] * np.uint32(0x9E3779B1)
    hashed = hashed ^ (np.arange(columns, dtype=np.uint32)[None, :] * np.uint32(0x85EBCA77))
    hashed = hashed ^ np.uint32(seed * 0x27D4EB2F & 0xFFFFFFFF)
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        hashed = (hashed ^ (hashed >> np.uint32(shift))) * np.uint32(factor)
    hashed ^= hashed >> np.uint32(15)
    angle = hashed.astype(np.float32) * np.float32(2 * np.pi / 2**32)
    return np.sin(angle) * _STEEP, np.cos(angle) * _STEEP


def resized(field: Field, shape: tuple[int, int]) -> Field:
    """The field stretched to rows and columns, smoothly."""
    image = Image.fromarray(field)
    return np.asarray(
        image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC), dtype=np.float32
    )


def smoothstep(low: float, high: float, value: Field) -> Field:
    """0 below `low`, 1 above `high`, a soft curve between (works with ``low > high`` too)."""
    t = np.clip((value - low) / (high - low), 0, 1)
    curve: Field = (t * t * (3 - 2 * t)).astype(np.float32, copy=False)
    return curve
