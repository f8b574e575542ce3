"""Fields of smooth random numbers: the irregularity that makes a flat shape look painted."""

import numpy as np
import numpy.typing as npt
from PIL import Image
from pyfastnoiselite.pyfastnoiselite import FastNoiseLite, FractalType, NoiseType

Field = npt.NDArray[np.float32]
"""Single-precision numbers over the pixels of a picture, or a part of it."""


def cloudy(
    shape: tuple[int, int],
    extent: tuple[float, float],
    *,
    seed: int,
    octaves: int = 3,
    coarse: int = 1,
) -> Field:
    """Fractal noise over a rectangle, about -1 to 1 (OpenSimplex2, summed in octaves).

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
    source = FastNoiseLite(seed & 0x7FFFFFFF)
    source.noise_type = NoiseType.NoiseType_OpenSimplex2
    source.fractal_type = FractalType.FractalType_FBm
    source.fractal_octaves = octaves
    source.frequency = 1.0
    down = np.linspace(0, extent[0], rows, dtype=np.float32)
    across = np.linspace(0, extent[1], columns, dtype=np.float32)
    where = np.empty((2, rows * columns), np.float32)
    where[0] = np.tile(across, rows)
    where[1] = np.repeat(down, columns)
    field: Field = source.gen_from_coords(where).reshape(rows, columns)
    return field if (rows, columns) == shape else resized(field, shape)


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
