"""`limner export`: a kept chat as a page, a book, Markdown or JSON."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.shared.library_place import ChatArgument, LibraryOption, command_line
from limner.cli.story.imprint import Imprint
from limner.cli.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from limner.cli.shared.document import ChatDocument
    from limner.storage import Library

ExportFormat = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help="html, md, epub, pdf or json; else by -o's ending."
    ),
]
Out = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="OUT",
        help="Where to write; - is standard output.",
    ),
]
Embed = Annotated[
    bool,
    typer.Option("--embed", help="Put the pictures into the JSON, in base64."),
]


def export(
    chat: ChatArgument,
    format: ExportFormat = None,  # noqa: A002 - the option's name
    output: Out = None,
    embed: Embed = False,
    library: LibraryOption = None,
) -> int:
    """Write a chat that a library keeps as one file; by default a page named after its title.

    JSON names pictures by their SHA-256 unless --embed puts them in. Exit codes: 0 all pictures
    are in it; 1 some are missing because they failed, or their files are gone (it is written all
    the same); 2 wrong usage, no such chat, or a library that cannot be read.
    """
    return asyncio.run(_export(chat, format, output, embed, library))


async def _export(
    name: str,
    format: str | None,  # noqa: A002 - the option's name
    output: str | None,
    embed: bool,
    given: str | None,
) -> ExitCode:
    from limner.cli.shared.library_place import kept_library, the_chat
    from limner.cli.shared.output import EXPORTS, choose_output, write_document
    from limner.illustration.rendering import without_missing

    async with kept_library(given, to_read=True) as library:
        chat = await the_chat(library, name)
        usual = f"{_file_name(chat.title or chat.id)}.{(format or 'html').lower()}"
        to = choose_output(output or usual, format, None, known=EXPORTS)
        if embed and to.format != "json":
            raise typer.BadParameter("only JSON needs it: the others hold their pictures anyway")
        document = await _document(library, chat.id, every=to.format == "json", embed=embed)
        shown, missing = await asyncio.to_thread(without_missing, document.messages)
        if to.format != "json":
            document = replace(document, messages=shown)
        write_document(to, document, unfinished=[])
        hidden = missing if to.format != "json" else 0
    return _summarise(document, to.path, given, missing=missing, hidden=hidden)


def _summarise(
    document: "ChatDocument",
    written: "Path | None",
    library: str | None,
    *,
    missing: int,
    hidden: int,
) -> ExitCode:
    """Tell what was written; of the missing pictures, `hidden` stand in the document as failed."""
    from limner.illustration import SlotState

    slots = [slot for message in document.messages for slot in message.slots]
    failed = sum(slot.state is SlotState.FAILED for slot in slots) - hidden
    made = sum(slot.image is not None for slot in slots)
    if written is not None:
        told = f"{counted(len(document.messages), 'message')}, {counted(made, 'picture')}"
        typer.echo(f"{written}: {told}{f', {failed} failed' if failed else ''}", err=True)
    if missing:
        what = "1 picture is" if missing == 1 else f"{missing} pictures are"
        typer.echo(
            f"limner: {what} missing: the files are gone or damaged;"
            f" `{command_line('repair', library=library)}` draws them again",
            err=True,
        )
    return ExitCode.INCOMPLETE if failed or missing else ExitCode.OK


async def _document(
    library: "Library", chat_id: str, *, every: bool, embed: bool
) -> "ChatDocument":
    from limner.cli.shared.document import ChatDocument
    from limner.cli.story.known_story import story_of_chat

    known = await story_of_chat(library, chat_id)
    imprint = known.imprint if known is not None else Imprint()
    chat = await library.chat(chat_id)
    assert chat is not None  # noqa: S101 - it was found a moment ago
    messages = await library.messages(chat_id)
    answers = [
        [
            answer
            for variant in await library.variants(message.id)
            if (answer := await library.load(message.id, variant)) is not None
        ]
        for message in (messages if every else ())
    ]
    return ChatDocument(chat=chat, messages=messages, answers=answers, embed=embed, imprint=imprint)


def _file_name(title: str) -> str:
    """The title as the beginning of a file's name.

    Examples:
        >>> _file_name("The Fox & the Owl!")
        'the-fox-the-owl'
    """
    words = "".join(c if c.isalnum() else " " for c in title.lower()).split()
    return "-".join(words)[:60].strip("-") or "chat"
