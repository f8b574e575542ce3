"""`limner gc`: giving back the room of what was deleted."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.shared.library_place import LibraryOption
from limner.cli.wording import counted

if TYPE_CHECKING:
    from limner.storage import Bounded, CleanUp

DAY = 86400.0

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")]
KeepDeleted = Annotated[
    float,
    typer.Option(
        "--keep-deleted",
        metavar="DAYS",
        min=0,
        help="Leave what was deleted less than so many days ago, so that it can come back.",
    ),
]


def gc(
    dry_run: DryRun = False, keep_deleted: KeepDeleted = 30, library: LibraryOption = None
) -> int:
    """Remove for good what was deleted long ago, and files that nothing refers to.

    Before that, pictures that are more than the settings keep of an owner's (keep.bytes_per_owner,
    keep.days). Files younger than an hour are left alone. Exit codes: 0 done, also if there was
    nothing to remove; 2 wrong usage or a library that cannot be cleaned.
    """
    return asyncio.run(_gc(library, keep_deleted * DAY, dry_run))


async def _gc(given: str | None, keep_deleted: float, dry_run: bool) -> ExitCode:
    from limner.cli.shared.library_place import library_place
    from limner.cli.shared.options import settings_with
    from limner.composition import open_library
    from limner.composition.library import bound_of
    from limner.storage import keep_within

    settings = settings_with(library=given)
    bound = bound_of(settings)
    async with open_library(library_place(settings), settings) as library:
        if bound is not None:
            for one in await keep_within(library, bound, dry_run=dry_run):
                typer.echo(_too_much(one, dry_run))
        removed = await library.gc(keep_deleted=keep_deleted, dry_run=dry_run)
    typer.echo(_told(removed, dry_run))
    return ExitCode.OK


def _told(removed: "CleanUp", dry_run: bool) -> str:
    """What was removed, in words.

    Examples:
        >>> from limner.storage import CleanUp
        >>> _told(CleanUp(messages=2, pictures=1, bytes=2048), dry_run=True)
        'would remove 2 messages, 1 picture (2.0 KiB)'
        >>> _told(CleanUp(), dry_run=False)
        'nothing to remove'
    """
    counts = {
        "chat": removed.chats,
        "message": removed.messages,
        "picture": removed.pictures,
        "thumbnail": removed.thumbnails,
        "half-written file": removed.half_written,
    }
    words = [counted(n, name) for name, n in counts.items() if n]
    if not words:
        return "nothing to remove"
    verb = "would remove" if dry_run else "removed"
    return f"{verb} {', '.join(words)} ({size(removed.bytes)})"


def _too_much(bounded: "Bounded", dry_run: bool) -> str:
    """Of whose pictures there were too many, in words.

    Examples:
        >>> from limner.storage import Bounded
        >>> _too_much(Bounded(owner="ann", pictures=3, shown=1, bytes=2048), dry_run=False)
        'removed 3 pictures of ann, more than are kept, 1 of them shown (2.0 KiB)'
    """
    verb = "would remove" if dry_run else "removed"
    whose = f" of {bounded.owner}" if bounded.owner else ""
    pictures = counted(bounded.pictures, "picture")
    shown = f"{bounded.shown} of them shown" if bounded.shown else "none of them shown"
    return f"{verb} {pictures}{whose}, more than are kept, {shown} ({size(bounded.bytes)})"


def size(count: int) -> str:
    """A number of bytes for people.

    Examples:
        >>> size(999), size(2048), size(3 * 1024**2)
        ('999 bytes', '2.0 KiB', '3.0 MiB')
    """
    amount = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            return f"{count} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError("the last unit takes everything")
