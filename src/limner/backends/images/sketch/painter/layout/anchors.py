"""Where drawings carry others: seats, heads and necks, from the table ``anchors.toml``."""

import functools
from importlib import resources

import msgspec

_TOP = (0.5, 0.06)
"""The seat of what the table does not list: on top of its middle."""


class Anchors(msgspec.Struct, frozen=True):
    """The table.

    Attributes:
        seat: Across and down.
        head: Across, the crown, the head's width, the neck.
    """

    seat: dict[str, tuple[float, float]]
    head: dict[str, tuple[float, float, float, float]]


@functools.cache
def anchors() -> Anchors:
    """The table; it is read once a process."""
    path = resources.files("limner.backends.images.sketch.painter.layout") / "anchors.toml"
    return msgspec.toml.decode(path.read_text(encoding="utf-8"), type=Anchors)


def seat_of(art: str) -> tuple[float, float]:
    """Where somebody sits on a drawing, as shares of its width and height.

    >>> seat_of("horse")
    (0.5, 0.42)
    """
    return anchors().seat.get(art, _TOP)


def head_of(art: str) -> tuple[float, float, float, float]:
    """Where a beast's head is: across, crown, width, neck, as shares of the drawing."""
    return anchors().head.get(art, (0.5, 0.05, 0.5, 0.5))
