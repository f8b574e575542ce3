"""The figures of a report in words, for tables of every kind."""

from collections.abc import Callable, Mapping, Sequence

from limner.simulation.limit_set import LimitSet
from limner.simulation.report import OfNodes, Report
from limner.simulation.seconds import in_short, in_words


def _per_minute(throughput: float) -> str:
    rate = throughput * 60
    return f"{rate:,.0f}" if rate >= 99.95 else f"{rate:.3g}"


def _nodes(report: Report) -> OfNodes:
    return report.nodes or OfNodes(0, 0, 0.0)


Seconds = Callable[[float], str]
"""How a span of time is written."""

FIGURES: Mapping[str, tuple[str, Callable[[Report, Seconds], str]]] = {
    "pictures": ("pictures asked for", lambda r, _: f"{r.pictures:,}"),
    "made": ("made", lambda r, _: f"{r.made:,}"),
    "failed": ("failed", lambda r, _: f"{r.failed:,}"),
    "dropped": ("dropped", lambda r, _: f"{r.dropped:,}"),
    "mean wait": ("mean wait for a slot", lambda r, span: span(r.wait.mean)),
    "p50": ("half wait at most", lambda r, span: span(r.wait.p50)),
    "p95": ("95 of 100 wait at most", lambda r, span: span(r.wait.p95)),
    "p99": ("99 of 100 wait at most", lambda r, span: span(r.wait.p99)),
    "max": ("longest wait", lambda r, span: span(r.wait.maximum)),
    "a user's": ("mean wait of the median user", lambda r, span: span(r.typical_wait)),
    "to picture": ("mean time from tag to picture", lambda r, span: span(r.delay.mean)),
    "its p95": ("95 of 100 pictures are there in", lambda r, span: span(r.delay.p95)),
    "busy": ("slots in use", lambda r, _: f"{r.utilisation:.0%}"),
    "a minute": ("pictures made a minute", lambda r, _: _per_minute(r.throughput)),
    "queue": ("longest queue", lambda r, _: f"{r.longest_queue:,}"),
    "fairness": ("fairness", lambda r, _: f"{r.fairness:.3f}"),
    "died": ("nodes that died", lambda r, _: f"{_nodes(r).died:,}"),
    "cut off": ("drawings that died with them", lambda r, _: f"{_nodes(r).cut:,}"),
    "back": ("longest until they were begun again", lambda r, span: span(_nodes(r).back)),
    "all done": ("all done after", lambda r, span: span(r.makespan)),
}
"""By the short name that heads a column: the long name, and how the figure is written."""


OF_NODES = ("died", "cut off", "back")
"""The figures that only a cluster has."""


def sheet(report: Report) -> list[list[str]]:
    """Return every figure of one report with its long name."""
    return [
        [name, write(report, in_words)]
        for short, (name, write) in FIGURES.items()
        if short not in OF_NODES or report.nodes is not None
    ]


def compared(runs: Sequence[tuple[LimitSet, Report]]) -> tuple[list[str], list[list[str]]]:
    """Return the headings and rows of a table with a row for each of several runs.

    The limits come first, as far as they differ. Pictures that were made, failed and dropped have
    a column only where not all were made.
    """
    differing = _differing([limits for limits, _ in runs])
    shown = [name for name in FIGURES if _tells(name, [report for _, report in runs])]
    rows = [
        [_value(limits, name) for name in differing]
        + [FIGURES[name][1](report, in_short) for name in shown]
        for limits, report in runs
    ]
    return [*(name.replace("_", " ") for name in differing), *shown], rows


def _differing(limits: Sequence[LimitSet]) -> list[str]:
    names = dict.fromkeys(name for each in limits for name in each.options)
    return [name for name in names if len({each.words().get(name) for each in limits}) > 1]


def _value(limits: LimitSet, name: str) -> str:
    words = limits.words().get(name, "")
    return {name: "yes", f"not {name}": "no"}.get(words, words.removeprefix(f"{name} "))


def _tells(name: str, reports: Sequence[Report]) -> bool:
    if name in OF_NODES:
        return any(report.nodes is not None for report in reports)
    if name in ("failed", "dropped"):
        return any(getattr(report, name) for report in reports)
    return name != "made" or any(report.made != report.pictures for report in reports)
