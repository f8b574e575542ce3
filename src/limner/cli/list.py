"""`limner list`: what a library keeps."""

import asyncio
import json as json_format
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.shared.library_place import LibraryOption

if TYPE_CHECKING:
    from limner.illustration import Message
    from limner.storage import ChatSummary

Chat = Annotated[
    str | None,
    typer.Argument(metavar="[CHAT]", help="Show this chat's messages: its id, or its title."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]

CHAT_HEADINGS = "chat", "title", "changed", "messages", "pictures", "failed"
SHORTENED = frozenset(("chat", "title", "message", "text"))
"""The columns whose cells are cut where a terminal is narrow: their beginnings are enough."""
MESSAGE_HEADINGS = "message", "role", "text", "state", "pictures", "failed"


def list_(chat: Chat = None, json: Json = False, library: LibraryOption = None) -> int:
    """Show the chats a library keeps, the one changed last first; or the messages of one chat.

    Exit codes: 0 also if there is nothing; 2 wrong usage, no such chat, or no library.
    """
    return asyncio.run(_list(chat, json, library))


async def _list(name: str | None, json: bool, given: str | None) -> ExitCode:
    from limner.cli.shared.library_place import kept_library, the_chat
    from limner.cli.story.chats import all_chats

    async with kept_library(given, to_read=True) as library:
        if name is None:
            chats = await all_chats(library)
            _print(map(_chat_fields, chats), map(_chat_row, chats), CHAT_HEADINGS, json)
            nothing = not chats
        else:
            found = await library.messages((await the_chat(library, name)).id)
            _print(map(_message_fields, found), map(_message_row, found), MESSAGE_HEADINGS, json)
            nothing = not found
    if nothing and not json:
        what = "no chats yet" if name is None else "no messages yet"
        typer.echo(f"limner: there are {what} in {library.place}", err=True)
    return ExitCode.OK


def _print(
    objects: Iterable[dict[str, Any]],
    rows: Iterable[Sequence[str]],
    headings: Sequence[str],
    json: bool,
) -> None:
    if json:
        for fields in objects:
            typer.echo(json_format.dumps(fields))
    elif sys.stdout.isatty():
        _print_table(list(rows), headings)
    else:
        for row in rows:
            typer.echo("\t".join(row))


def _print_table(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        counted = heading in ("messages", "pictures", "failed")
        # A narrow terminal takes from those alone that may be wrapped; their cells never are.
        shortened = heading in SHORTENED
        table.add_column(
            heading,
            justify="right" if counted else "left",
            no_wrap=not shortened,
        )
    for row in rows:
        table.add_row(*(Text(cell, no_wrap=True, overflow="ellipsis") for cell in row))
    Console(highlight=False).print(table)


def _chat_fields(chat: "ChatSummary") -> dict[str, Any]:
    names = ("id", "title", "created_at", "updated_at", "messages", "pictures", "failed", "writing")
    return {name: getattr(chat, name) for name in names}


def _chat_row(chat: "ChatSummary") -> tuple[str, ...]:
    counts = (str(chat.messages), str(chat.pictures), str(chat.failed))
    changed = datetime.fromtimestamp(chat.updated_at).astimezone()
    return (chat.id, _one_line(chat.title or ""), f"{changed:%Y-%m-%d %H:%M}", *counts)


def _message_fields(message: "Message") -> dict[str, Any]:
    made, failed, pending = _counts(message)
    return {
        "id": message.id,
        "role": str(message.role),
        "variant": message.variant,
        "state": str(message.state),
        "characters": len(message.text),
        "slots": len(message.slots),
        "pictures": made,
        "failed": failed,
        "pending": pending,
        "begins": _one_line(message.text),
    }


def _message_row(message: "Message") -> tuple[str, ...]:
    made, failed, _ = _counts(message)
    text = _one_line(message.text)
    return message.id, str(message.role), text, str(message.state), str(made), str(failed)


def _counts(message: "Message") -> tuple[int, int, int]:
    from limner.illustration import SlotState

    made = sum(slot.image is not None for slot in message.slots)
    failed = sum(slot.state is SlotState.FAILED for slot in message.slots)
    pending = sum(slot.state in (SlotState.QUEUED, SlotState.DRAWING) for slot in message.slots)
    return made, failed, pending


def _one_line(text: str, room: int = 60) -> str:
    r"""The beginning of a text, without what could move a terminal's cursor.

    Examples:
        >>> _one_line("The fox\nand\x1b[2J the owl", room=12)
        'The fox and…'
    """
    begun = "".join(c if c.isprintable() else " " for c in text[: room * 4])
    words = " ".join(begun.split())
    return words if len(words) <= room else words[:room].rstrip() + "…"
