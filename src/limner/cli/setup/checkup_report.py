"""Looking over everything that is configured, and showing what was found."""

import json as json_text
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from limner.cli.shared.summary import nearly
from limner.cli.wording import counted
from limner.composition import (
    default_library,
    model_servers,
    open_library,
)
from limner.composition.checking.checkup import Finding
from limner.composition.checking.configured import picture_findings, text_findings
from limner.config import Settings
from limner.errors import StorageError
from limner.illustration import Message, MessageState, Role
from limner.illustration.rendering import told_pieces
from limner.prompts import PromptScanner

LATE_CHATS = 10
"""Conversations whose answers are looked through, the newest."""

NO_MODEL = (
    "no model is set: stories get their pictures by tags or by their words; --llm URL, "
    "LIMNER_LLM_URL or `limner init` names one"
)

MARKS = {True: ("✓", "green"), False: ("✗", "red")}


async def look(settings: Settings, *, able: bool, json: bool) -> list[Finding]:
    """Look every server over, one after the other.

    Args:
        settings: The settings, the command's options included.
        able: Whether to have a picture drawn and a word said.
        json: Whether each finding is printed as a line of JSON.
    """
    console = Console(stderr=True)
    found: list[Finding] = []
    with console.status("looking…") if console.is_terminal and not json else _Quiet():
        async with aclosing(_findings(settings, able)) as findings:
            async for finding in findings:
                found.append(finding)
                if json:
                    typer.echo(json_text.dumps(asdict(finding)))
    return found


class _Quiet:
    """Shows nothing, where nobody watches."""

    def __enter__(self) -> None: ...

    def __exit__(self, *exc: object) -> None: ...


async def _findings(settings: Settings, able: bool) -> AsyncGenerator[Finding, None]:
    async for finding in picture_findings(settings, able=able):
        yield finding
    if not model_servers(settings):
        yield Finding(server="text", step="model", ok=True, said=NO_MODEL)
    async for finding in text_findings(settings, able=able):
        yield finding
    async for finding in _kept_answers(settings):
        yield finding


async def _kept_answers(settings: Settings) -> AsyncGenerator[Finding, None]:
    """What models wrote lately that looks like a picture request and was not read as one."""
    place = settings.library or default_library()
    if "://" not in place and not (Path(place) / "limner.db").is_file():
        return
    seen = missed = 0
    try:
        async with open_library(place, settings, to_read=True) as library:
            for chat in await library.chats(limit=LATE_CHATS):
                for message in await library.messages(chat.id):
                    over = message.state is not MessageState.WRITING
                    if message.role is Role.ASSISTANT and over:
                        seen, missed = seen + 1, missed + near_misses(message, settings.patterns)
    except StorageError as error:
        yield Finding(server="library", step="tags", ok=False, said=str(error))
        return
    said = f"nothing in the last {counted(seen, 'answer')} looks like a picture request and is none"
    yield Finding(
        server="library", step="tags", ok=not missed, said=nearly(missed) if missed else said
    )


def near_misses(message: Message, patterns: Sequence[str] | None) -> int:
    """How often a message has something that seems meant to be a tag and is none.

    Where a text was cut off, its model did not come to finish the last one.
    """
    scanner = PromptScanner(patterns)
    cut = message.state is MessageState.CUT
    for piece in told_pieces(message) if cut else message.pieces():
        if isinstance(piece, str):
            scanner.feed(piece)
    scanner.finish()
    return scanner.near_misses


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
    word = "ok" if finding.ok else "WRONG"
    return f"{word:5} {finding.server} {finding.step}: {finding.told}{took}"
