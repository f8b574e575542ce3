"""A story in files of whatever kind writers have, as one Markdown text."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from limner.backends.manuscripts.encoding import encoding_of
from limner.backends.manuscripts.kind import Kind, kind_of
from limner.backends.manuscripts.opening import converted
from limner.backends.text import read_text
from limner.errors import SourceError

LARGEST = 64 << 20
"""Bytes of a text; more than any book has."""

PIECE = 64 << 10
"""Characters of a converted text that are given out at once."""


@dataclass(slots=True, kw_only=True)
class Manuscript:
    """One or several files, read as one story.

    Markdown, and whatever has no other sign, is given out while it is read. Plain text, HTML, EPUB,
    Word documents and exports of chats are made into Markdown first; so are several files.

    Attributes:
        files: The files, in order; ``"-"`` is standard input, which is taken as it comes.
        encoding: What the files' characters are coded in; ``None``: UTF-8, or guessed.
        conversation: Words of the title of the one that is meant, of an export of several.
        tell: Gets a line about what had to be guessed, once.
    """

    files: tuple[str, ...]
    encoding: str | None = None
    conversation: str | None = None
    tell: Callable[[str], None] | None = None
    _made: str | None = field(default=None, init=False)
    _told: set[str] = field(default_factory=set, init=False)

    async def pieces(self, on_bad_bytes: Callable[[int], None]) -> AsyncGenerator[str, None]:
        """The text, in pieces.

        Args:
            on_bad_bytes: As for `limner.backends.text.read_text`.

        Raises:
            limner.errors.SourceError: A file is not there, too large, or of no kind that can be
                read.
        """
        if await self.streams():
            encoding = await self._encoding(self.files[0])
            taken, told = 0, False
            async for piece in read_text(
                self.files[0], on_bad_bytes=on_bad_bytes, encoding=encoding
            ):
                taken += len(piece)
                if taken > LARGEST:
                    raise _too_large(self.files[0])
                told = told or not piece.isspace()
                yield piece
            if not told:
                raise _no_text(self.files[0])
            return
        if self._made is None:
            self._made = await self._all()
            if not self._made.strip():
                raise _no_text(self.files[0])
        for at in range(0, len(self._made), PIECE):
            yield self._made[at : at + PIECE]

    async def streams(self) -> bool:
        """Whether the text can be given out while it is read.

        Raises:
            limner.errors.SourceError: The file is too large.
        """
        if len(self.files) > 1:
            return False
        return await asyncio.to_thread(self._kind, self.files[0]) is Kind.MARKDOWN

    def _kind(self, file: str) -> Kind:
        path = Path(file)
        try:
            if file == "-" or not path.is_file():
                return Kind.MARKDOWN  # whoever reads it says what is wrong
            if path.stat().st_size > LARGEST:
                raise _too_large(file)
            return kind_of(path)
        except OSError:
            return Kind.MARKDOWN

    async def _encoding(self, file: str) -> str | None:
        if self.encoding is not None:
            return self.encoding
        guessed = await asyncio.to_thread(encoding_of, file)
        if guessed is not None and self.tell is not None and file not in self._told:
            self._told.add(file)
            self.tell(f"{file} is not UTF-8: read as {guessed}; --encoding says it better")
        return guessed

    async def _all(self) -> str:
        texts = []
        for file in self.files:
            kind = await asyncio.to_thread(self._kind, file)
            encoding = self.encoding
            if kind in (Kind.MARKDOWN, Kind.PLAIN):
                encoding = await self._encoding(file)
                read = read_text(file, on_bad_bytes=lambda _: None, encoding=encoding)
                source = "".join([piece async for piece in read])
            else:
                source = ""
            texts.append(
                await asyncio.to_thread(converted, file, kind, source, encoding, self.conversation)
            )
        if len(texts) == 1:
            return texts[0]
        from limner.backends.manuscripts.several import as_one

        return as_one(texts)


def _too_large(file: str) -> SourceError:
    return SourceError(
        f"{_named(file)} is larger than {LARGEST >> 20} MB: no story is", source=file
    )


def _no_text(file: str) -> SourceError:
    return SourceError(f"{_named(file)} holds no text", source=file)


def _named(file: str) -> str:
    return "standard input" if file == "-" else file
