"""One drawing by its id: its SVG source, and which way it looks."""

import functools
import gzip
from importlib import resources
from typing import Literal

import msgspec

from limner.errors import LimnerError

Facing = Literal["left", "right", "front"]
"""Which way a drawing looks; mirror it to make it look the other way."""


class UnknownArt(LimnerError, LookupError):
    """There is no drawing of that id.

    Attributes:
        id: The id that was asked for.
    """

    def __init__(self, id: str) -> None:  # noqa: A002 - the field's own name
        self.id = id
        super().__init__(f"there is no drawing {id!r}; limner's art.ids() lists all there are")


class Drawing(msgspec.Struct, frozen=True):
    """What the art file keeps of one drawing.

    Attributes:
        facing: Which way it looks.
        box: The view box: exactly the painted part, so that the feet are at its lower edge.
        body: What stands between the SVG's root tags.
    """

    facing: Facing
    box: str
    body: str


@functools.cache
def drawings() -> dict[str, Drawing]:
    """All drawings by id; the file is read once a process."""
    packed = (resources.files("limner.backends.images.sketch.art") / "art.json.gz").read_bytes()
    return msgspec.json.decode(gzip.decompress(packed), type=dict[str, Drawing])


def drawing(art_id: str) -> Drawing:
    """The drawing of that id."""
    try:
        return drawings()[art_id]
    except KeyError:
        raise UnknownArt(art_id) from None


def ids() -> frozenset[str]:
    """The ids of all drawings.

    >>> "dragon" in ids()
    True
    """
    return frozenset(drawings())


def svg(art_id: str) -> str:
    """The SVG source of a drawing.

    Its ``viewBox`` is the painted part and nothing more, of any shape: what stands has its feet at
    the lower edge. ``width`` and ``height`` are those of the view box, to be overridden when it is
    rendered.

    Raises:
        UnknownArt: There is no drawing of that id.

    >>> svg("dragon")[:38]
    '<svg xmlns="http://www.w3.org/2000/svg'
    """
    found = drawing(art_id)
    _, _, width, height = found.box.split()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' viewBox="{found.box}" width="{width}" height="{height}">{found.body}</svg>'
    )


def facing(art_id: str) -> Facing:
    """Which way a drawing looks.

    Raises:
        UnknownArt: There is no drawing of that id.

    >>> facing("dragon")
    'left'
    """
    return drawing(art_id).facing
