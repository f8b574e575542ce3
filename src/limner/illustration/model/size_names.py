"""Names for sizes of pictures, as tags and commands use them."""

import math
import re

AREA = 768 * 512
"""Pixels of a size that is given by its shape, about."""

_SHAPES = {
    "portrait": (2, 3),
    "landscape": (3, 2),
    "square": (1, 1),
    "wide": (16, 9),
    "tall": (9, 16),
    "panorama": (21, 9),
}
_RATIO = re.compile(r"(\d{1,2})\s*[:/]\s*(\d{1,2})")
_STEP = 64


def named_size(name: str) -> tuple[int, int] | None:
    """The size that a name or a ratio stands for; ``None``: it stands for none.

    Args:
        name: ``portrait``, ``landscape``, ``square``, ``wide``, ``tall``, ``panorama``, or a ratio
            such as ``4:3``.

    Examples:
        >>> named_size("portrait"), named_size("Wide"), named_size("1:1"), named_size("huge")
        ((512, 768), (832, 448), (640, 640), None)
    """
    wanted = name.strip().casefold()
    found = _RATIO.fullmatch(wanted)
    across, down = _SHAPES.get(wanted) or ((int(found[1]), int(found[2])) if found else (0, 0))
    if not across or not down or not 1 / 4 <= across / down <= 4:
        return None
    width = math.sqrt(AREA * across / down)
    return _stepped(width), _stepped(width * down / across)


def _stepped(side: float) -> int:
    return max(_STEP, round(side / _STEP) * _STEP)


NAMES = (*_SHAPES,)
"""The names there are."""
