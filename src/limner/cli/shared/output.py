"""Where the result goes: one file, whole or not at all, and for Markdown its pictures beside it."""

import os
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from limner.cli.shared.document import Document, Link, OwnLink
from limner.cli.shared.printing import check_browser, printed
from limner.cli.standard_streams import OUTPUT, lead_nowhere
from limner.errors import OutputError
from limner.illustration import Image, Slot

SUFFIXES = {
    ".html": "html",
    ".htm": "html",
    ".md": "md",
    ".markdown": "md",
    ".epub": "epub",
    ".pdf": "pdf",
    ".json": "json",
}
FORMATS = "html", "md", "epub", "pdf"
EXPORTS = *FORMATS, "json"


@dataclass(frozen=True, slots=True)
class Output:
    """A checked place for the result.

    Attributes:
        path: The file, or ``None`` for standard output.
        format: ``"html"``, ``"md"``, ``"epub"``, ``"pdf"`` or ``"json"``.
    """

    path: Path | None
    format: str

    @property
    def pictures(self) -> Path | None:
        """The folder for the pictures of a Markdown file; none for other results."""
        if self.format != "md" or self.path is None:
            return None
        return self.path.with_name(f"{self.path.stem}-pictures")


def choose_output(
    out: str | None,
    format: str | None,  # noqa: A002 - the option's name
    source: str | None,
    *,
    known: Sequence[str] = FORMATS,
) -> Output:
    """Where to write what, from the options and the name of the input.

    Args:
        out: The ``-o`` option; ``"-"`` is standard output.
        format: The ``--format`` option.
        source: The input file; ``None`` or ``"-"`` if it is not a file.
        known: The formats there are.

    Raises:
        limner.errors.OutputError: The format is unknown, the place cannot be written to, or it is
            the input itself.
    """
    chosen = _format(out, format, known)
    if chosen == "pdf":
        check_browser(out or "")
    if out == "-":
        return Output(None, chosen)
    path = Path(out) if out else _usual_name(chosen, source)
    if source not in (None, "-") and path.exists() and path.samefile(source or ""):
        raise OutputError(f"{path} is the input itself; choose another -o", path=str(path))
    _check_writable(path)
    return Output(path, chosen)


def _format(out: str | None, format: str | None, known: Sequence[str]) -> str:  # noqa: A002 - as above
    told = ", ".join(known)
    if format is not None:
        chosen = SUFFIXES.get(f".{format.lower()}")
        if chosen is None or chosen not in known:
            raise OutputError(f"unknown format {format!r}; known: {told}", path=out or "")
        return chosen
    suffix = Path(out).suffix.lower() if out and out != "-" else ".html"
    if SUFFIXES.get(suffix) not in known:
        raise OutputError(
            f"cannot tell the format from {out!r}; add --format (known: {told})", path=out or ""
        )
    return SUFFIXES[suffix]


def _usual_name(format: str, source: str | None) -> Path:  # noqa: A002 - as above
    stem = Path(source).stem if source not in (None, "-") and source else "illustrated"
    if format == "md" and stem != "illustrated":
        stem += "-illustrated"
    return Path(f"{stem}.{format}")


def _check_writable(path: Path) -> None:
    """Find out now, not after all pictures are drawn, by making a file there and removing it."""
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a directory", path=str(path))
    if not path.parent.is_dir():
        raise OutputError(
            f"cannot write {path}: the directory {path.parent} does not exist", path=str(path)
        )
    try:
        if path.exists():
            with path.open("ab"):
                pass
        if path.exists() and not path.is_file():
            return
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write {path}: {reason}", path=str(path)) from error


def write_document(
    output: Output, document: Document, *, unfinished: list[Callable[[], None]]
) -> None:
    """Write a document to its place.

    A file appears whole, in one step, or not at all.

    Args:
        output: The place.
        document: What to write.
        unfinished: While files are being written, holds what takes them away.

    Raises:
        limner.errors.OutputError: It could not be written.
        limner.errors.PictureMissing: The file of one of its pictures is gone.
    """
    try:
        pieces = _pieces(output, document, unfinished)
        if output.path is None:
            _write_all(sys.stdout.buffer, pieces)
        else:
            with _open_whole(output.path, unfinished) as file:
                _write_all(file, pieces)
    except BrokenPipeError:
        raise
    except OSError as error:
        if output.path is None:
            lead_nowhere(sys.stdout)
        place = output.path or OUTPUT
        raise OutputError(
            f"cannot write {place}: {error.strerror or error}", path=str(place)
        ) from error


def _pieces(
    output: Output, document: Document, unfinished: list[Callable[[], None]]
) -> Iterator[str | bytes]:
    if output.format != "pdf":
        pieces = document.pieces(output.format, _linking(output, document, unfinished))
        if output.pictures is None or output.path is None:
            return pieces
        link = _own_linking(output.pictures, unfinished)
        return document.markdown_with_own(pieces, output.path.parent, link)
    page = document.pieces("html", None)
    return iter([printed(page, str(output.path or "-"), unfinished=unfinished)])


def write_text(output: Output, text: str) -> None:
    """Write a text to its place, whole or not at all.

    Raises:
        limner.errors.OutputError: It could not be written.
    """
    try:
        if output.path is None:
            _write_all(sys.stdout.buffer, iter([text]))
            return
        with _open_whole(output.path, []) as file:
            _write_all(file, iter([text]))
    except BrokenPipeError:
        raise
    except OSError as error:
        if output.path is None:
            lead_nowhere(sys.stdout)
        place = output.path or OUTPUT
        raise OutputError(
            f"cannot write {place}: {error.strerror or error}", path=str(place)
        ) from error


def _linking(
    output: Output, document: Document, unfinished: list[Callable[[], None]]
) -> Link | None:
    """What writes a picture beside the text and gives its address there."""
    folder = output.pictures
    if folder is None:
        return None

    def link(slot: Slot) -> str:
        image = slot.image
        if image is None:
            raise ValueError(f"slot {slot.id} has no picture to link to")
        folder.mkdir(exist_ok=True)
        name = document.picture_name(slot)
        with _whole_file(folder / name, unfinished) as file:
            file.write(image.data)
        return f"{folder.name}/{name}"

    return link


def _own_linking(folder: Path, unfinished: list[Callable[[], None]]) -> OwnLink:
    """What writes a picture of the text's own beside it and gives its address there."""

    def link(image: Image, number: int) -> str:
        folder.mkdir(exist_ok=True)
        name = f"own-{number:02d}.{image.media_type.rpartition('/')[2].replace('jpeg', 'jpg')}"
        with _whole_file(folder / name, unfinished) as file:
            file.write(image.data)
        return f"{quote(folder.name)}/{name}"

    return link


def _write_all(file: IO[bytes], pieces: Iterator[str | bytes]) -> None:
    with ExitStack() as stack:
        if isinstance(pieces, Generator):
            stack.callback(pieces.close)  # a book that is left ends now, not at the end of all
        _write_each(file, pieces)
    file.flush()


def _write_each(file: IO[bytes], pieces: Iterator[str | bytes]) -> None:
    for piece in pieces:
        # A model can send half of a surrogate pair, which UTF-8 cannot carry.
        file.write(piece.encode("utf-8", "replace") if isinstance(piece, str) else piece)


def _open_whole(
    path: Path, unfinished: list[Callable[[], None]]
) -> AbstractContextManager[IO[bytes]]:
    if path.exists() and not path.is_file():
        return path.open("wb")  # a device or a pipe: it must not be replaced by a file
    return _whole_file(path.resolve(), unfinished)


@contextmanager
def _whole_file(path: Path, unfinished: list[Callable[[], None]]) -> Iterator[IO[bytes]]:
    """A file that takes its name only when it is complete."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)

    def discard() -> None:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)

    unfinished.append(discard)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        # mkstemp makes private files; a result is as readable as any other new file.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    finally:
        discard()
        unfinished.remove(discard)
