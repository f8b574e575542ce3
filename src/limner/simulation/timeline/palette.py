"""The colours of the owners' bars."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from limner.simulation.timeline.lanes import Bar

COLOURS = 6
"""Owners with a colour of their own. More could not be told apart at a glance, least of all by
readers who see few colours; the six are Paul Tol's "bright" scheme, and its grey is all others."""

OTHERS = "o"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one drawing.

    Attributes:
        colours: The style class of each owner that has a colour, the most drawn first.
        others: How many owners share the grey.
    """

    colours: Mapping[int, str]
    others: int

    def of(self, owner: int | None) -> str:
        """Return an owner's style class; ``None`` is several owners."""
        return OTHERS if owner is None else self.colours.get(owner, OTHERS)


def palette(bars: Iterable[Bar]) -> Palette:
    """Give a colour to those owners whose pictures take the most of what is shown.

    Examples:
        >>> palette([Bar(0, 0.0, 4.0, 7, 0, 0, True)]).of(7)
        'c0'
    """
    times: dict[int, float] = defaultdict(float)
    for bar in bars:
        if bar.owner is not None:
            times[bar.owner] += bar.ended - bar.began
    largest = sorted(times, key=lambda owner: (-times[owner], owner))
    shown = largest[:COLOURS]
    return Palette({owner: f"c{i}" for i, owner in enumerate(shown)}, len(largest) - len(shown))
