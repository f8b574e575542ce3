"""The panels of a timeline: slots with their bars, curves under a scale of time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from limner.simulation.cluster.death import Death
from limner.simulation.curve import Floats, StepCurve
from limner.simulation.picture import Picture
from limner.simulation.seconds import clock, in_words
from limner.simulation.timeline.lanes import Bar
from limner.simulation.timeline.markup import element, text, title
from limner.simulation.timeline.ticks import Scale, nice_ceiling

MOST_LANES = 300
"""Lanes drawn; what runs in others is only counted."""

MOST_TOLD = 8
"""Deaths that one mark tells of."""

FEELERS = 96
"""Stretches of a curve that tell their figure when pointed at."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a panel is."""

    top: float
    height: float

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height


def lane_height(lanes: int) -> float:
    """Return how high each of so many lanes is."""
    for most, height in ((8, 26.0), (16, 20.0), (32, 14.0), (80, 8.0), (160, 5.0)):
        if lanes <= most:
            return height
    return 3.0


def lane_gap(height: float) -> float:
    """Return how much of a lane's height is left free below it."""
    return 3.0 if height >= 14 else 1.0 if height > 3 else 0.0


def lane_panel(scale: Scale, top: float, lanes: int) -> Iterator[str]:
    """Draw an empty lane for each slot."""
    height = lane_height(lanes)
    gap = lane_gap(height)
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100) if n * height >= 13)
    for lane in range(lanes):
        y = top + lane * height
        yield element(
            "rect", x=scale.left, y=y, width=scale.right - scale.left, height=height - gap,
            class_="lane",
        )  # fmt: skip
        if lane == 0 or (lane + 1) % every == 0:
            yield text(
                f"slot {lane + 1}", scale.left - 8, y + (height - gap) / 2 + 4, "mark",
                text_anchor="end",
            )  # fmt: skip


def bar_mark(bar: Bar, colour: str, told: str, scale: Scale, y: float, height: float) -> str:
    """Draw a bar in its lane; a failed attempt is only an outline."""
    left, right = scale.place(bar.began), scale.place(bar.ended)
    room = 1.0 if right - left > 4 else 0.3
    inset = 0.0 if bar.good else 0.65  # an outline is drawn around its line
    return element(
        "rect",
        title(told),
        x=left + inset,
        y=y + inset,
        width=max(right - left - room - 2 * inset, 0.5),
        height=max(height - 2 * inset, 0.5),
        rx=min(2.5, height / 5),
        class_=f"bar {colour}" + ("" if bar.good else " bad"),
    )


def bar_title(bar: Bar, picture: Picture, name: Callable[[int], str]) -> str:
    """Return what a bar says of itself when it is pointed at."""
    whose = "several users" if bar.owner is None else shortened(name(bar.owner))
    if bar.count > 1:
        return f"{bar.count} pictures of {whose}"
    lines = [f"{whose} · picture {bar.picture + 1}"]
    if bar.attempt:
        lines.append(f"attempt {bar.attempt + 1}")
    else:
        lines.append(
            f"asked for at {clock(picture.requested, step=0.1)}, "
            f"waited {in_words(picture.wait or 0)}"
        )
    lines.append(f"{'drawn in' if bar.good else 'failed after'} {in_words(bar.ended - bar.began)}")
    if by := picture.attempts[bar.attempt].by:
        lines[-1] += f" by {by}"
    return "\n".join(lines)


def shortened(name: str, most: int = 28) -> str:
    """Return a name that is not too long for a legend."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def time_axis(scale: Scale, top: float, bottom: float) -> Iterator[str]:
    """Draw lines across the panels at round instants, and below them what they are."""
    step, instants = scale.ticks()
    for instant in instants:
        x = scale.place(instant)
        yield element("line", x1=x, x2=x, y1=top, y2=bottom, class_="grid")
        yield text(clock(instant, step=step), x, bottom + 15, "mark", text_anchor="middle")


def curve_panel(curve: StepCurve, scale: Scale, box: Box, *, unit: str) -> Iterator[str]:
    """Draw a curve of counts as an area, with its own scale on the left.

    Each unit of the drawing's width shows the greatest value in it: a peak that lasts for an
    instant is seen.
    """
    edges = np.linspace(scale.begin, scale.end, int(scale.right - scale.left) + 1)
    peaks = curve.peaks(edges)
    top = nice_ceiling(float(peaks.max(initial=0.0)))
    for value in (0, top // 2, top):
        y = box.bottom - value / top * box.height
        yield element("line", x1=scale.left, x2=scale.right, y1=y, y2=y, class_="grid")
        yield text(f"{value:,}", scale.left - 8, y + 4, "mark", text_anchor="end")
    yield element("path", d=_area(peaks, edges, scale, box, top), class_="queue")
    yield from _feelers(curve, scale, box, unit)


def busy_panel(curve: StepCurve, scale: Scale, box: Box, slots: int) -> Iterator[str]:
    """Draw the mean number of slots in use, below a line for all of them."""
    edges = np.linspace(scale.begin, scale.end, int(scale.right - scale.left) // 2 + 1)
    top = max(slots, 1)
    yield element("path", d=_area(curve.means(edges), edges, scale, box, top), class_="busy")
    yield element("line", x1=scale.left, x2=scale.right, y1=box.top, y2=box.top, class_="most")
    yield text(f"{top:,}", scale.left - 8, box.top + 4, "mark", text_anchor="end")
    yield text("0", scale.left - 8, box.bottom + 4, "mark", text_anchor="end")


def _area(values: Floats, edges: Floats, scale: Scale, box: Box, top: float) -> str:
    """The outline of columns, one between each two edges; equal neighbours are one."""
    path = [f"M{scale.left:.1f} {box.bottom:.1f}"]
    before = -1.0
    for value, edge in zip(values, edges[:-1], strict=True):
        if value != before:
            height = box.bottom - min(value / top, 1.0) * box.height
            path.append(f"H{scale.place(float(edge)):.1f}V{height:.1f}")
            before = value
    return "".join([*path, f"H{scale.right:.1f}V{box.bottom:.1f}Z"])


def _feelers(curve: StepCurve, scale: Scale, box: Box, unit: str) -> Iterator[str]:
    edges = np.linspace(scale.begin, scale.end, FEELERS + 1)
    step = (scale.end - scale.begin) / FEELERS
    for value, begin, end in zip(curve.peaks(edges), edges[:-1], edges[1:], strict=True):
        left, right = scale.place(float(begin)), scale.place(float(end))
        span = f"{clock(float(begin), step=step)} to {clock(float(end), step=step)}"
        yield element(
            "rect", title(f"{span}: up to {int(value):,} {unit}"),
            x=left, y=box.top, width=right - left, height=box.height, class_="feel",
        )  # fmt: skip


def drops(pictures: Sequence[Picture], scale: Scale, y: float) -> Iterator[str]:
    """Mark where pictures were dropped, with one mark for each few units of width."""
    counts: dict[int, int] = {}
    for picture in pictures:
        if picture.outcome == "dropped" and scale.begin <= picture.ended <= scale.end:
            place = int(scale.place(picture.ended) // 6)
            counts[place] = counts.get(place, 0) + 1
    for place, count in sorted(counts.items()):
        x = place * 6 + 3
        yield element(
            "path", title(f"{count:,} dropped"), d=f"M{x - 3.5} {y}h7l-3.5 7z", class_="drop"
        )


def cross(x: float, y: float) -> str:
    """The path of a small cross around a point."""
    return f"M{x - 3.5:.1f} {y - 3.5:.1f}l7 7m0 -7l-7 7"


def deaths(died: Sequence[Death], scale: Scale, y: float) -> Iterator[str]:
    """Mark where nodes died, with one mark for each few units of width."""
    marks: dict[int, list[Death]] = {}
    for death in died:
        if scale.begin <= death.at <= scale.end:
            marks.setdefault(int(scale.place(death.at) // 6), []).append(death)
    for place, there in sorted(marks.items()):
        told = "\n".join(
            f"{death.node} died at {clock(death.at, step=0.1)}, drawing {death.drew}"
            for death in there[:MOST_TOLD]
        )
        if len(there) > MOST_TOLD:
            told += f"\nand {len(there) - MOST_TOLD:,} more"
        yield element("path", title(told), d=cross(place * 6 + 3, y), class_="death")
