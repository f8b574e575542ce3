"""The page or book of a story, written anew where a command had written it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from limner.cli.kept.the_story import Story

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.storage import Library

GENERATED = ".html", ".htm", ".epub", ".pdf"
"""What nobody edits by hand. Markdown is left as somebody may have edited it."""


async def write_again(library: "Library", story: Story) -> Path | None:
    """Write it, if it is still there; gives its place, or ``None`` if there is nothing to write.

    Raises:
        limner.errors.OutputError: It cannot be written.
    """
    from limner.cli.shared.document import MessageDocument
    from limner.cli.shared.output import choose_output, write_document
    from limner.illustration.rendering import without_missing

    known = story.known
    path = Path(known.output) if known is not None and known.output is not None else None
    if known is None or path is None or path.suffix.lower() not in GENERATED:
        return None
    message = await library.load(known.message_id)
    if message is None or not await asyncio.to_thread(path.is_file):
        return None
    (shown,), _ = await asyncio.to_thread(without_missing, [message])
    document = MessageDocument(shown, known.title, known.imprint)
    await asyncio.to_thread(
        write_document, choose_output(str(path), None, None), document, unfinished=[]
    )
    return path
