"""Text from a file or from standard input, as it comes."""

import os
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from limner.backends.text.binary import BinaryGuard
from limner.backends.text.byte_reader import ByteReader
from limner.backends.text.decoding import TextDecoder
from limner.errors import SourceError


async def read_text(
    path: str | os.PathLike[str],
    *,
    on_bad_bytes: Callable[[int], None] | None = None,
    encoding: str | None = None,
) -> AsyncGenerator[str, None]:
    """The text of a file, or of standard input, in pieces of up to 64 KiB.

    A pipe gives its pieces as they arrive; the event loop is never blocked, and at most one piece
    is in memory. The text is UTF-8, or UTF-16 or UTF-32 with a byte order mark; line ends are kept
    as they are.

    Args:
        path: The file; ``"-"`` is standard input.
        on_bad_bytes: Called once, with the offset of the first byte that is no text, before the
            piece that holds its replacement. Such bytes become U+FFFD.
        encoding: What its characters are coded in, by a name that Python knows; by default UTF-8,
            or what its mark says.

    Yields:
        Text; never empty. An empty file gives nothing.

    Raises:
        SourceError: There is no such file, it is a directory, it may not be read, or it is no
            text. What had been read before was given out.

    Examples:
        >>> import asyncio
        >>> async def first():
        ...     async for text in read_text("/does/not/exist"):
        ...         return text
        >>> asyncio.run(first())
        Traceback (most recent call last):
            ...
        limner.errors.SourceError: cannot read /does/not/exist: there is no such file
    """
    source = os.fspath(path)
    guard, decoder = BinaryGuard(encoding), TextDecoder(encoding)
    warned = False
    async with ByteReader(source) as reader:
        while True:
            try:
                data = await reader.read()
            except (OSError, ValueError) as error:
                raise _unreadable(source, error) from error
            if what := guard.feed(data):
                raise SourceError(f"{_named(source)} is {what}, not text", source=source)
            text = decoder.feed(data) if data else decoder.finish()
            if decoder.bad_at is not None and not warned:
                warned = True
                if on_bad_bytes is not None:
                    on_bad_bytes(decoder.bad_at)
            if text:
                yield text
            if not data:
                return


def _named(source: str) -> str:
    return "standard input" if source == "-" else source


def _unreadable(source: str, error: Exception) -> SourceError:
    if isinstance(error, FileNotFoundError):
        why = f"there is no such file{_meant(source)}"
    elif isinstance(error, IsADirectoryError):
        why = "it is a directory"
    elif isinstance(error, PermissionError):
        why = "it may not be read (permission denied)"
    else:
        why = ((error.strerror if isinstance(error, OSError) else None) or str(error)).lower()
    return SourceError(f"cannot read {_named(source)}: {why}", source=source)


def _meant(source: str) -> str:
    """A file of nearly this name in its folder, which somebody may have meant; else nothing."""
    from difflib import get_close_matches  # only where something is not there

    path = Path(source)
    try:
        beside = [file.name for file in path.parent.iterdir()]
    except OSError:
        return ""
    near = get_close_matches(path.name, beside, n=1, cutoff=0.7)
    return f"; did you mean {path.with_name(near[0])}?" if near else ""
