"""What `limner simulate` does: read, run, print, draw."""

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from limner.backends.images.learning import LearnedLimits
from limner.cli.exit_code import ExitCode
from limner.errors import ConfigError, OutputError
from limner.simulation import LimitSet, Report, report, simulate_nodes
from limner.simulation.figures import compared, sheet
from limner.simulation.scenario import Scenario, read_table, scenario_from
from limner.simulation.seconds import seconds_from
from limner.simulation.timeline import Timeline, timeline_page, timeline_svg

OPTIONS = {
    "users.count": "--users",
    "answers.writing_time": "--writing-time",
    "pictures.time": "--picture-time",
    "limits.rates": "--rate",
    "nodes.width": "--worker-width",
    "server.width": "--server-width",
    "server.away": "--server-away",
    "server.quota": "--server-quota",
    "server.bad": "--server-bad",
    "server.refusal": "--server-refusal",
}
"""Options that are not called as what they set."""

Run = tuple[LimitSet, Report, Timeline | None]


@dataclass(frozen=True, slots=True)
class SimulationRequest:
    """What the user asked for.

    Attributes:
        file: The workload file, if there is one.
        given: What the options say, by the names in the file: ``{"users.count": "7"}``.
        output: Where to draw it, if anywhere.
        begin, end: The part to draw in detail, as they were written.
        json: Whether the figures are for a program.
    """

    file: Path | None
    given: Mapping[str, Any]
    output: Path | None
    begin: str | None
    end: str | None
    json: bool


def simulate_and_show(wanted: SimulationRequest) -> int:
    """Do it, and return the exit code.

    Raises:
        limner.errors.ConfigError: The workload or a limit is wrong.
        limner.errors.OutputError: The drawing cannot be written.
    """
    scenario = _scenario(wanted)
    part = _instant("--from", wanted.begin), _instant("--to", wanted.end)
    _check_output(wanted, scenario)
    runs = []
    for limits in scenario.limits:
        with _spinner(limits.label):
            runs.append(_run(scenario, limits, part, keep=wanted.output is not None))
    # Drawn before anything is printed: a part that is not there is an error and no result.
    drawn = _drawn(wanted.output, scenario, runs) if wanted.output is not None else None
    if wanted.json:
        _print_json(scenario, runs)
    else:
        _print_table(scenario, runs)
    if wanted.output is not None and drawn is not None:
        _write(wanted.output, drawn)
        sys.stderr.write(f"drawn in {wanted.output}\n")
    return ExitCode.OK


def _scenario(wanted: SimulationRequest) -> Scenario:
    table: dict[str, Any] = {} if wanted.file is None else read_table(wanted.file)
    for name, value in wanted.given.items():
        section, dot, key = name.rpartition(".")
        place = table.setdefault(section, {}) if dot else table
        if not isinstance(place, dict):
            raise ConfigError(f"{section} must be a table, not {place!r}")
        place[key] = value
        for other in _INSTEAD.get(key, ()):
            if f"{section}.{other}" not in wanted.given:
                place.pop(other, None)
    options = {name: OPTIONS.get(name, _option(name)) for name in wanted.given}
    return scenario_from(table, options=options)


_INSTEAD = {
    "answers_per_hour": ("answers_per_day", "chats_per_day"),
    "answers_per_day": ("answers_per_hour", "chats_per_day"),
    "chats_per_day": ("answers_per_hour", "answers_per_day"),
    "weights": ("count", "spread"),
    "count": ("weights",),
    "spread": ("weights",),
}
"""An option also takes the place of what the file says of the same in other words."""


def _option(name: str) -> str:
    return "--" + name.rpartition(".")[2].replace("_", "-")


def _instant(option: str, written: str | None) -> float | None:
    try:
        return None if written is None else seconds_from(written)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from None


def _run(
    scenario: Scenario,
    limits: LimitSet,
    part: tuple[float | None, float | None],
    *,
    keep: bool,
) -> Run:
    lived = simulate_nodes(scenario.workload, limits, steered=LearnedLimits)
    pictures, nodes = lived.pictures, scenario.workload.nodes
    figures = report(pictures, limits.slots, lived=None if nodes is None else lived)
    name = scenario.workload.users.name
    begin, end = part
    drawing = Timeline(
        pictures, figures, limits.label, name, begin=begin, end=end, deaths=lived.deaths
    )
    return limits, figures, drawing if keep else None


def _spinner(label: str) -> AbstractContextManager[object]:
    console = Console(stderr=True)
    if not console.is_terminal:
        return nullcontext()
    return console.status(f"simulating {label}", spinner="dots")


def _print_json(scenario: Scenario, runs: Sequence[Run]) -> None:
    for limits, figures, _ in runs:
        told = asdict(figures)
        if figures.nodes is None:
            del told["nodes"]
        line = {"limits": dict(limits.options), "seed": scenario.workload.seed, **told}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def _print_table(scenario: Scenario, runs: Sequence[Run]) -> None:
    headings: list[str] = []
    about = str(scenario.workload)
    if len(runs) == 1:
        rows = sheet(runs[0][1])
        about += f"\n{runs[0][0].label}"
    else:
        headings, rows = compared([(limits, figures) for limits, figures, _ in runs])
    console = Console()
    if not console.is_terminal:
        sys.stdout.write(f"{about}\n\n{plain_table(headings, rows)}")
        return
    console.print(about, markup=False, highlight=False)
    if headings and _width(headings, rows) > console.width:
        # Too narrow for a row each: the figures go down, the runs side by side.
        turned = [list(column) for column in zip(headings, *rows, strict=True)]
        headings, rows = turned[0], turned[1:]
    console.print(_rich_table(headings, rows))


def _width(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How wide the table is with its frame, which needs three characters a column, and one."""
    return len(plain_table(headings, rows).partition("\n")[0]) + len(headings) + 3


def _rich_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(show_header=bool(headings), header_style="bold")
    for index in range(len(rows[0])):
        heading = Text(headings[index] if headings else "")
        table.add_column(heading, justify="right" if index else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def plain_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text: the first column to the left, the others to the right.

    Examples:
        >>> print(plain_table(["fair", "wait"], [["no", "15.9 s"], ["yes", "2 s"]]), end="")
        fair    wait
        no    15.9 s
        yes      2 s
    """
    lines = [*([headings] if headings else []), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    )


def _drawn(output: Path, scenario: Scenario, runs: Sequence[Run]) -> str:
    drawings = [(limits, drawing) for limits, _, drawing in runs if drawing is not None]
    if output.suffix.lower() == ".svg":
        return timeline_svg(drawings[0][1])
    return timeline_page(drawings, heading="Simulated limits", traffic=str(scenario.workload))


def _check_output(wanted: SimulationRequest, scenario: Scenario) -> None:
    """Find out before the work is done, not after it."""
    path = wanted.output
    if path is None:
        if wanted.begin or wanted.end:
            raise ConfigError("--from and --to choose what is drawn; say where with -o")
        return
    if path.suffix.lower() not in (".html", ".htm", ".svg"):
        raise OutputError(f"cannot draw {path}: it must end in .html or .svg", path=str(path))
    if path.suffix.lower() == ".svg" and len(scenario.limits) > 1:
        raise OutputError(
            f"{path} holds one timeline, and {len(scenario.limits)} limits are compared; "
            "write a .html page",
            path=str(path),
        )
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a directory", path=str(path))
    if not path.parent.is_dir():
        raise OutputError(
            f"cannot write {path}: the directory {path.parent} does not exist", path=str(path)
        )


def _write(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all."""
    data = text.encode("utf-8", "replace")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a device or a pipe: it must not be replaced by a file
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(data)
                file.flush()
                mask = os.umask(0)
                os.umask(mask)
                temporary.chmod(0o666 & ~mask)  # as readable as any other new file
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write {path}: {reason}", path=str(path)) from error
