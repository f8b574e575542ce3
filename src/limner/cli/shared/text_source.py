"""The text of `limner illustrate`: a file, standard input, or a model asked now."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import typer

from limner.backends.manuscripts import Manuscript
from limner.backends.text import replay
from limner.cli.story.peeked_text import PeekedText, file_begins
from limner.cli.story.same_story import Begin
from limner.composition import model_servers, text_model
from limner.config import Settings, UpstreamSettings
from limner.illustration import Message
from limner.prompts import META_PROMPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a model is asked.

    Attributes:
        server: Its server.
        settings: Say which of its models.
        ask: The words of the user.
        system: What the model is told before; ``None`` tells it how to ask for pictures.
    """

    server: UpstreamSettings
    settings: Settings
    ask: str
    system: str | None = None


async def ask_model(question: Question, before: Sequence[Message] = ()) -> AsyncIterator[str]:
    """The model's answer, as it comes.

    Args:
        question: What it is asked.
        before: What was said before, tags and all: so it goes on as it began.

    Raises:
        limner.errors.BackendError: The server cannot be reached, refuses, or stops half-way.
    """
    system = META_PROMPT if question.system is None else question.system
    messages = [{"role": "system", "content": system}] if system else []
    messages += ({"role": str(message.role), "content": message.text} for message in before)
    messages.append({"role": "user", "content": question.ask})
    async with text_model(question.server, question.settings) as chat:
        async for chunk in chat.stream(messages):
            yield chunk


class FileText:
    """The text of a file or of standard input, and how much of it has been read.

    Args:
        manuscript: What it is read from.
        speed: Characters a second to replay it at; ``None`` reads as fast as it comes.
        warn: Gets a sentence about damaged text.
    """

    def __init__(
        self, manuscript: Manuscript, *, speed: float | None, warn: Callable[[str], None]
    ) -> None:
        self._manuscript = manuscript
        self._source = manuscript.files[0]
        self._speed = speed
        self._warn = warn
        self._read = 0
        self._size = _size(self._source) if len(manuscript.files) == 1 else None

    async def chunks(self) -> AsyncIterator[str]:
        """The text in pieces.

        Raises:
            limner.errors.SourceError: It is not there, or is not text.
        """
        if not await self._manuscript.streams():
            self._size = None
        text = self._manuscript.pieces(self._tell)
        async for chunk in replay(text, speed=self._speed) if self._speed else text:
            self._read += len(chunk.encode("utf-8", "replace"))
            yield chunk

    def _tell(self, offset: int) -> None:
        name = "standard input" if self._source == "-" else self._source
        self._warn(
            f"{name} is not valid UTF-8 (first at byte {offset:,}); "
            "what cannot be read is shown as �"
        )

    def fraction(self) -> float | None:
        """How much of it has come, 0 to 1; ``None`` if its size is not known."""
        return min(self._read / self._size, 1.0) if self._size else None


def _size(source: str) -> int | None:
    if source == "-":
        return None
    try:
        return Path(source).stat().st_size or None
    except OSError:
        return None  # reading it will say what is wrong


class Source(NamedTuple):
    """A stream of text.

    Attributes:
        chunks: Begins the stream, from what was said in the chat before.
        fraction: How much of it has come, 0 to 1; ``None`` where nobody can know.
        files: The files it comes from, ``"-"`` for standard input; none for a model.
        title: What to call it, if it does not say itself.
        begins: Reads how it begins, for those texts that may be known already.
    """

    chunks: Callable[[Sequence[Message]], AsyncIterator[str]]
    fraction: Callable[[], float | None]
    files: tuple[str, ...]
    title: str | None
    begins: Begin | None = None

    @property
    def file(self) -> str | None:
        """The first file; ``None`` for a model."""
        return self.files[0] if self.files else None

    @property
    def identity(self) -> str | None:
        """What names these files, wherever a command is given; ``None``: there are none."""
        if not self.files or self.files == ("-",):
            return None
        return "\n".join(os.path.realpath(file) for file in self.files)


def choose_source(
    texts: Sequence[str],
    speed: float | None,
    settings: Settings,
    *,
    ask: str | None,
    system: str | None,
    encoding: str | None = None,
    conversation: str | None = None,
) -> Source:
    """The text that the options ask for.

    Args:
        texts: The files.
        speed: ``--speed``.
        settings: Say which model.
        ask: ``--ask``.
        system: ``--system``.
        encoding: ``--encoding``.
        conversation: ``--conversation``.

    Raises:
        typer.BadParameter: They contradict each other, or something is missing.
    """
    if ask is not None:
        return _asked(texts, settings, ask=ask, system=system)
    if not texts:
        if sys.stdin.isatty():
            raise typer.BadParameter("give a FILE, - for standard input, or --llm URL --ask TEXT")
        texts = ("-",)
    if len(texts) > 1 and "-" in texts:
        raise typer.BadParameter("standard input cannot be one of several files")
    _check_encoding(encoding)
    manuscript = Manuscript(
        files=tuple(texts), encoding=encoding, conversation=conversation, tell=warn
    )
    file = FileText(manuscript, speed=speed, warn=warn)
    if manuscript.files == ("-",):
        piped = PeekedText(file.chunks())
        return Source(lambda _: piped.chunks(), file.fraction, ("-",), None, piped.begins)
    name = title_of(texts[0])
    return Source(
        lambda _: file.chunks(),
        file.fraction,
        manuscript.files,
        name,
        lambda: file_begins(manuscript, name),
    )


def title_of(file: str) -> str:
    """What a text is called that does not say, after its file.

    Names of files are mostly written small; whoever wrote a capital letter meant all of them so.

    Examples:
        >>> title_of("tales/twelfth-night.txt"), title_of("the_Owl of the north.md")
        ('Twelfth Night', 'the Owl of the north')
    """
    words = Path(file).stem.replace("-", " ").replace("_", " ").split()
    small = not any(letter.isupper() for word in words for letter in word)
    return " ".join(word[:1].upper() + word[1:] if small else word for word in words)


def _check_encoding(name: str | None) -> None:
    if name is None:
        return
    try:
        b" ".decode(name)  # of nothing at all Python does not look the name up
    except UnicodeDecodeError:
        return  # a blank alone may be no text in it
    except (LookupError, ValueError):
        raise typer.BadParameter(
            f"{name!r} is no encoding, as utf-8, cp1252 or gb18030 are", param_hint="--encoding"
        ) from None


def _asked(texts: Sequence[str], settings: Settings, *, ask: str, system: str | None) -> Source:
    if texts:
        raise typer.BadParameter("give either a FILE or --ask, not both")
    servers = model_servers(settings)
    if not servers:
        raise typer.BadParameter("--ask needs a model: add --llm URL or set LIMNER_LLM_URL")
    question = Question(server=servers[0], settings=settings, ask=ask, system=system)
    return Source(lambda before: ask_model(question, before), lambda: None, (), None)


def warn(sentence: str) -> None:
    """Tell about something that is wrong but does not stop the work."""
    typer.echo(f"limner: {sentence}", err=True)
