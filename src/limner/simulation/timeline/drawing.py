"""The timeline of one run as an SVG picture."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from limner.simulation.cluster.death import Death
from limner.simulation.curve import StepCurve, drawing, waiting
from limner.simulation.picture import Picture
from limner.simulation.report import Report
from limner.simulation.seconds import clock, in_words
from limner.simulation.timeline.lanes import Bar, bars, thinned
from limner.simulation.timeline.markup import element, literal, text
from limner.simulation.timeline.palette import OTHERS, Palette, palette
from limner.simulation.timeline.panel import (
    MOST_LANES,
    Box,
    bar_mark,
    bar_title,
    busy_panel,
    cross,
    curve_panel,
    deaths,
    drops,
    lane_gap,
    lane_height,
    lane_panel,
    shortened,
    time_axis,
)
from limner.simulation.timeline.ticks import Scale
from limner.simulation.timeline.window import Window, chosen_window

WIDTH, LEFT, RIGHT = 1200.0, 66.0, 1166.0
MOST_BARS = 4000


@dataclass(frozen=True, slots=True)
class Timeline:
    """A run that is to be drawn.

    Attributes:
        pictures: The record of each picture.
        report: Their figures.
        heading: What to write above it.
        name: What to call an owner.
        begin, end: The part to show in detail, in seconds from the start; where ``None``, the
            busiest few minutes, or all of a short run.
        deaths: The nodes that died, if it was a cluster.
    """

    pictures: Sequence[Picture]
    report: Report
    heading: str
    name: Callable[[int], str] = lambda owner: f"user {owner + 1}"
    begin: float | None = None
    end: float | None = None
    deaths: Sequence[Death] = ()


def style() -> str:
    """The style sheet of the drawings, light and dark."""
    return files("limner.simulation.timeline").joinpath("style.css").read_text(encoding="utf-8")


def timeline_svg(timeline: Timeline, *, styled: bool = True, most_bars: int = MOST_BARS) -> str:
    """Draw a run: a lane for each slot, whose pictures are in it, and the queue below.

    A run too long to be read at once is shown twice: the whole of it as curves, and a part of it
    in full. The picture stands alone: it loads nothing, runs no script, and follows the reader's
    choice of light or dark. Its size is bounded (under 1.5 MB) whatever the length of the run.

    Args:
        timeline: The run.
        styled: Whether the style sheet is in it; without, the page around it must have it.
        most_bars: More bars than about so many are joined with their neighbours.

    Raises:
        limner.errors.ConfigError: There is nothing in the part that is to be shown.
    """
    sketch = _Sketch(timeline, most_bars)
    parts = list(sketch.parts())
    inside = element("style", style()) if styled else ""
    inside += element("title", literal(timeline.heading))
    inside += element("rect", width=WIDTH, height=sketch.bottom, class_="paper")
    return element(
        "svg",
        inside + "\n".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:g} {sketch.bottom:g}",
        class_="timeline",
        role="img",
    )


class _Sketch:
    """A drawing in the making: from the top to the bottom, one thing under the other."""

    def __init__(self, timeline: Timeline, most_bars: int) -> None:
        self.timeline = timeline
        self.bottom = 0.0
        self._queue = waiting(timeline.pictures)
        self._busy = drawing(timeline.pictures)
        self._window = _window(timeline, self._queue, self._busy)
        self._scale = Scale(self._window.begin, self._window.end, LEFT, RIGHT)
        laid = bars(timeline.pictures)
        self._lanes = _lanes(timeline.report, laid)
        inside = [
            bar
            for bar in laid
            if bar.ended >= self._window.begin and bar.began <= self._window.end
            if bar.lane < MOST_LANES
        ]
        self._palette = palette(inside)
        self._bars = thinned(inside, most=most_bars, shortest=1 / self._scale.second)

    def parts(self) -> Iterator[str]:
        yield from self._head()
        if self._window.end - self._window.begin < self.timeline.report.makespan * 0.999:
            yield from self._overview()
        yield from self._detail()

    def _head(self) -> Iterator[str]:
        yield text(shortened(self.timeline.heading, 110), 16, 32, "head")
        yield text(_told(self.timeline.report), 16, 54, "told")
        self.bottom = 66.0

    def _overview(self) -> Iterator[str]:
        scale = Scale(0.0, self.timeline.report.makespan, LEFT, RIGHT)
        busy = Box(self.bottom + 26, 36.0)
        queue = Box(busy.bottom + 28, 54.0)
        yield text("The whole run: slots in use, in the mean", LEFT, busy.top - 8, "name")
        yield from time_axis(scale, busy.top, queue.bottom)
        yield from busy_panel(self._busy, scale, busy, self.timeline.report.slots)
        yield text("and pictures waiting for one", LEFT, queue.top - 8, "name")
        yield from curve_panel(self._queue, scale, queue, unit="waiting")
        yield from deaths(self.timeline.deaths, scale, queue.bottom)
        left, right = scale.place(self._window.begin), scale.place(self._window.end)
        left = min(left, right - 2.5)
        yield element(
            "rect", x=left, y=busy.top - 4, width=right - left, height=queue.bottom - busy.top + 4,
            class_="focus", pointer_events="none",
        )  # fmt: skip
        self.bottom = queue.bottom + 52
        yield element(
            "path", class_="fan", pointer_events="none",
            d=f"M{left:.1f} {queue.bottom + 20:.1f}H{right:.1f}L{RIGHT:.1f} {self.bottom:.1f}"
            f"H{LEFT:.1f}Z",
        )  # fmt: skip

    def _detail(self) -> Iterator[str]:
        heading = "Each bar is a picture being drawn, in the colour of its owner"
        if self._window.end - self._window.begin < self.timeline.report.makespan * 0.999:
            begin, end = self._window.begin, self._window.end
            heading = f"From {clock(begin, step=1)} to {clock(end, step=1)}: {_lower(heading)}"
        hidden = self.timeline.report.slots - self._lanes
        if hidden > 0:
            heading += f" (the first {self._lanes} slots of {self.timeline.report.slots:,})"
        yield text(heading, LEFT, self.bottom + 18, "name")
        yield from self._legend(self.bottom + 40)
        step, _ = self._scale.ticks()
        lanes = Box(self.bottom + 54, self._lanes * lane_height(self._lanes))
        queue = Box(lanes.bottom + 34, 84.0)
        yield from lane_panel(self._scale, lanes.top, self._lanes)
        yield from time_axis(self._scale, lanes.top, queue.bottom)
        yield from self._bar_marks(lanes)
        yield text("Pictures waiting for a slot", LEFT, queue.top - 8, "name")
        yield from curve_panel(self._queue, self._scale, queue, unit="waiting")
        yield from drops(self.timeline.pictures, self._scale, queue.top - 3)
        yield from deaths(self.timeline.deaths, self._scale, lanes.bottom + 7)
        yield text(
            "time from the start, h:mm:ss" if step < 60 else "time from the start, h:mm",
            RIGHT,
            queue.bottom + 34,
            "mark",
            text_anchor="end",
        )
        self.bottom = queue.bottom + 48

    def _bar_marks(self, box: Box) -> Iterator[str]:
        height = lane_height(self._lanes)
        for bar in self._bars:
            told = bar_title(bar, self.timeline.pictures[bar.picture], self.timeline.name)
            yield bar_mark(
                bar, self._palette.of(bar.owner), told, self._scale,
                box.top + bar.lane * height, height - lane_gap(height),
            )  # fmt: skip

    def _legend(self, y: float) -> Iterator[str]:
        x = LEFT
        for kind, label in _legend(self._palette, self._bars, self.timeline):
            if kind == "death":
                yield element("path", d=cross(x + 4, y - 5), class_="death")
            elif kind == "drop":
                yield element("path", d=f"M{x} {y - 8}h9l-4.5 8z", class_="drop")
            else:
                yield element("rect", x=x, y=y - 10, width=13, height=11, rx=2.5, class_=kind)
            yield text(label, x + 19, y, "mark")
            x += 19 + 6.6 * len(label) + 18


def _window(timeline: Timeline, queue: StepCurve, busy: StepCurve) -> Window:
    report = timeline.report
    held = report.utilisation * report.slots * report.makespan
    return chosen_window(
        report.makespan,
        held / report.attempts if report.attempts else 0.0,
        queue,
        busy,
        begin=timeline.begin,
        end=timeline.end,
    )


def _lanes(report: Report, laid: Sequence[Bar]) -> int:
    """As many as there are slots; of very many, only those that were ever in use."""
    used = max((bar.lane + 1 for bar in laid), default=1)
    return min(max(report.slots, 1) if report.slots <= 40 else used, MOST_LANES)


def _legend(
    colours: Palette, shown: Sequence[Bar], timeline: Timeline
) -> Iterator[tuple[str, str]]:
    for owner, colour in colours.colours.items():
        yield f"bar {colour}", shortened(timeline.name(owner))
    if colours.others:
        yield f"bar {OTHERS}", f"{colours.others:,} other{'s' if colours.others > 1 else ''}"
    if not all(bar.good for bar in shown):
        yield f"bar {OTHERS} bad", "failed attempt"
    if timeline.report.dropped:
        yield "drop", "dropped"
    if timeline.deaths:
        yield "death", "a node died"


def _told(report: Report) -> str:
    """The run in a line."""
    parts = [f"{report.made:,} pictures made"]
    parts += [f"{report.failed:,} failed"] if report.failed else []
    parts += [f"{report.dropped:,} dropped"] if report.dropped else []
    parts += [
        f"waits: median {in_words(report.wait.p50)}, 95% within {in_words(report.wait.p95)}",
        f"slots in use {report.utilisation:.0%}",
        f"longest queue {report.longest_queue:,}",
        f"fairness {report.fairness:.2f}",
    ]
    return "  ·  ".join(parts)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
