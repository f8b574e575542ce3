"""Colour words: a drawing re-recoloured in the colour its prompt names."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Channel = npt.NDArray[np.floating[Any]]
"""One channel of a picture, 0 to 1."""


_HUES = {
    "red": 0.0,
    "scarlet": 0.0,
    "crimson": 0.97,
    "orange": 0.075,
    "brown": 0.065,
    "amber": 0.11,
    "gold": 0.125,
    "golden": 0.125,
    "yellow": 0.145,
    "lime": 0.22,
    "green": 0.34,
    "emerald": 0.40,
    "teal": 0.48,
    "turquoise": 0.49,
    "cyan": 0.51,
    "blue": 0.60,
    "azure": 0.57,
    "indigo": 0.68,
    "purple": 0.77,
    "violet": 0.76,
    "magenta": 0.86,
    "pink": 0.93,
    "rose": 0.95,
}
_GREYS = {"white": 1.35, "silver": 1.12, "grey": 0.9, "gray": 0.9, "black": 0.34, "dark": 0.5}


def recoloured(drawing: Image.Image, word: str | None) -> Image.Image:
    """The drawing in another colour; details that are nearly black or white keep theirs.

    Args:
        drawing: The drawing (mode ``RGBA``).
        word: A colour word; an unknown one or ``None`` changes nothing.
    """
    name = (word or "").lower()
    if name not in _HUES and name not in _GREYS:
        return drawing
    alpha = drawing.getchannel("A")
    h, s, v = (
        np.asarray(c, np.float32) / 255 for c in drawing.convert("RGB").convert("HSV").split()
    )
    if name in _GREYS:
        light = np.clip(v * _GREYS[name] + (0.12 if name == "white" else 0.0), 0, 1)
        channels: tuple[Channel, Channel, Channel] = (
            h,
            s * (0.12 if name != "dark" else 0.7),
            light,
        )
    else:
        turned, strong = _turned(h, s, v, np.asarray(alpha, np.float32) > 128, _HUES[name])
        channels = (turned, strong, v * (0.72 if name == "brown" else 1.0))
    bands = [Image.fromarray((c * 255).astype(np.uint8)) for c in channels]
    result = Image.merge("HSV", bands).convert("RGB").convert("RGBA")
    result.putalpha(alpha)
    return result


def _turned(
    h: Channel, s: Channel, v: Channel, solid: npt.NDArray[np.bool_], hue: float
) -> tuple[Channel, Channel]:
    """Hue and saturation with the main colour turned to another hue; `solid` is the drawing."""
    vivid = solid & (s > 0.25)
    main = float(np.median(h[vivid])) if vivid.any() else 0.0
    near = np.abs((h - main + 0.5) % 1 - 0.5) < 0.13
    body = near & (s > 0.18) if vivid.sum() > 0.3 * solid.sum() else solid & (v > 0.2)
    turned = np.where(body, (hue + ((h - main + 0.5) % 1 - 0.5) * 0.3) % 1, h)
    return turned, np.where(body, np.clip(np.maximum(s, 0.45) * 1.05, 0, 1), s)
