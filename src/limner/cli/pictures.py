"""`limner pictures`: the pictures of a kept story, numbered."""

import asyncio
import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.shared.library_place import LibraryOption

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.illustration import Slot
    from limner.storage import Library

Story = Annotated[
    str,
    typer.Argument(
        metavar="STORY",
        help="The file that was illustrated, or a chat: its id, how that begins, or words of "
        "its title.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One picture a line, as a JSON object.")]


def pictures(story: Story, json: Json = False, library: LibraryOption = None) -> int:
    """Show the pictures of a story: number, state, prompt, and why one failed.

    The numbers are those of `limner illustrate --redraw`.
    """
    return asyncio.run(_pictures(story, str(Path(story).resolve()), json, library))


async def _pictures(story: str, file: str, as_json: bool, given: str | None) -> int:
    from limner.cli.exit_code import ExitCode
    from limner.cli.shared.library_place import kept_library

    async with kept_library(given, to_read=True) as library:
        messages = [await library.load(one) for one in await _message_ids(library, story, file)]
    slots = [slot for message in messages if message is not None for slot in message.slots]
    for number, slot in enumerate(slots, 1):
        typer.echo(_line(number, slot, as_json))
    if not slots:
        typer.echo("limner: it has no pictures", err=True)
    return ExitCode.OK


async def _message_ids(library: "Library", story: str, file: str) -> list[str]:
    """The messages of a story: of a file that one it became, of a chat all."""
    from limner.cli.shared.library_place import the_chat
    from limner.cli.story.known_story import known_story

    known = await known_story(library, file)
    if known is not None and await library.chat(known.chat_id) is not None:
        return [known.message_id]
    return await library.message_ids((await the_chat(library, story)).id)


def _line(number: int, slot: "Slot", as_json: bool) -> str:
    reason = slot.failure.reason if slot.failure is not None else None
    if as_json:
        about = {
            "number": number,
            "state": str(slot.state),
            "prompt": slot.prompt,
            "alternatives": len(slot.alternatives),
            "reason": reason,
        }
        return json_format.dumps(about, ensure_ascii=False)
    words = " ".join(slot.prompt.split())
    return f"{number}\t{slot.state}\t{words}{f'	({reason})' if reason else ''}"
