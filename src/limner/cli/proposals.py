"""Showing where pictures would be, and writing the text with their tags, without drawing any."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.shared.output import Output, write_text
from limner.cli.wording import counted
from limner.composition import Scenes, answers_folder, scene_writer
from limner.config import Settings
from limner.illustration import Message
from limner.prompts import PromptTag, find_prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """What to look through, and what to do with the places.

    Attributes:
        source: Makes the stream of text.
        settings: Say which model, and what form tags have.
        scenes: Who finds places, if somebody does.
        write_to: Where the text with its tags goes; ``None``: nowhere.
        show: Whether the places are shown.
        json: Whether as one JSON object a line.
        quiet: Whether to say nothing but errors.
    """

    source: Callable[[Sequence[Message]], AsyncIterator[str]]
    settings: Settings
    scenes: Scenes | None
    write_to: Output | None = None
    show: bool = True
    json: bool = False
    quiet: bool = False


def propose(wanted: Proposing) -> ExitCode:
    """Find the places of a text, show them and write them.

    Raises:
        limner.errors.LimnerError: The text cannot be read, the model failed, or the text with its
            tags cannot be written.
    """
    text = asyncio.run(_tagged(wanted))
    tags = find_prompts(text, wanted.settings.patterns)
    if wanted.write_to is not None:
        write_text(wanted.write_to, text)
        if not wanted.quiet:
            place = wanted.write_to.path or "standard output"
            typer.echo(f"{place}: {counted(len(tags), 'tag')}", err=True)
    if wanted.show:
        for line in _shown(text, tags, wanted.json):
            typer.echo(line)
    return ExitCode.OK


async def _tagged(wanted: Proposing) -> str:
    text = "".join([chunk async for chunk in wanted.source(())])
    if wanted.scenes is None or find_prompts(text, wanted.settings.patterns):
        return text
    writer = scene_writer(
        wanted.scenes,
        wanted.settings,
        (lambda _: None) if wanted.quiet else (lambda line: typer.echo(line, err=True)),
        answers=answers_folder(wanted.settings.library),
    )
    return await writer.write(text)


def _shown(text: str, tags: Sequence[PromptTag], as_json: bool) -> list[str]:
    lines = []
    for number, tag in enumerate(tags, 1):
        line = text.count("\n", 0, tag.start) + 1
        before = " ".join(text[max(0, tag.start - 200) : tag.start].split())[-40:]
        if as_json:
            about = {"number": number, "line": line, "after": before, "prompt": tag.prompt}
            lines.append(json.dumps(about, ensure_ascii=False))
        else:
            lines.append(f"{number}. line {line}, after “…{before}”:\n   {tag.prompt}")
    return lines
