"""Looking over everything that is configured, and showing what was found."""

import json as json_text
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict, dataclass

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from limner.cli.shared.checkup import Finding, check_pictures, check_text
from limner.cli.shared.drawn_by import choose_backend
from limner.cli.shared.text_client import text_client
from limner.config import Settings
from limner.illustration import BackendAddress

MARKS = {True: ("✓", "green"), False: ("✗", "red")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patients:
    """What to look at.

    Attributes:
        backends: Picture backends, as they are named.
        llm: A text model's server, in place of the configured one.
        model: Which of its models.
        able: Whether to have a picture drawn and a word said.
    """

    backends: tuple[str, ...]
    llm: str | None = None
    model: str | None = None
    able: bool = True


async def look(settings: Settings, patients: Patients, *, json: bool) -> list[Finding]:
    """Look them over, one after the other.

    Args:
        settings: The settings, with the keys.
        patients: What to look at.
        json: Whether each finding is printed as a line of JSON.
    """
    console = Console(stderr=True)
    found: list[Finding] = []
    with console.status("looking…") if console.is_terminal and not json else _Quiet():
        async with aclosing(_findings(settings, patients)) as findings:
            async for finding in findings:
                found.append(finding)
                if json:
                    typer.echo(json_text.dumps(asdict(finding)))
    return found


class _Quiet:
    """Shows nothing, where nobody watches."""

    def __enter__(self) -> None: ...

    def __exit__(self, *exc: object) -> None: ...


async def _findings(settings: Settings, patients: Patients) -> AsyncGenerator[Finding, None]:
    for name in patients.backends:
        make = choose_backend(name, settings)
        shown = str(BackendAddress.parse(name))
        async for finding in check_pictures(shown, make, draw=patients.able):
            yield finding
    if patients.llm or settings.llm_url:
        model = patients.model or settings.llm_model
        async with text_client(settings, llm=patients.llm, model=model) as client:
            async for finding in check_text(client.server, client, model=model, ask=patients.able):
                yield finding


def print_findings(found: list[Finding]) -> None:
    """A coloured table on a terminal, plain lines elsewhere."""
    console = Console(highlight=False)
    if not console.is_terminal:
        for finding in found:
            typer.echo(_line(finding))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("", "server", "step", "found", "time"):
        table.add_column(name, overflow="fold")
    for finding in found:
        mark, colour = MARKS[finding.ok]
        said = finding.said + (f"\n→ {finding.advice}" if finding.advice else "")
        took = "" if finding.seconds is None else f"{finding.seconds:.1f} s"
        table.add_row(f"[{colour}]{mark}[/]", finding.server, finding.step, escape(said), took)
    console.print(table)


def _line(finding: Finding) -> str:
    took = "" if finding.seconds is None else f" ({finding.seconds:.1f} s)"
    advice = f"; {finding.advice}" if finding.advice else ""
    word = "ok" if finding.ok else "WRONG"
    return f"{word:5} {finding.server} {finding.step}: {finding.said}{took}{advice}"
