"""The seam between the proxy and whatever draws: a sink for requests, tickets for pictures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from limner.errors import LimnerError
from limner.illustration import Image, Slot, StopWhat
from limner.prompts import PromptTag
from limner.server.proxy.history.chat_lookup import Asked
from limner.server.proxy.history.question import said_before
from limner.server.proxy.live.board import LiveBoard
from limner.server.proxy.pictures.answer_scanner import AnswerScanner
from limner.server.proxy.recalled_picture import RecalledPicture


class AnswerState(StrEnum):
    """How the text of an answer ended."""

    COMPLETE = "complete"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class PictureTicket:
    """A picture that was asked for and may not be drawn yet.

    Attributes:
        id: Hexadecimal and not to be guessed: who knows it may see the picture.
        url: Its absolute address.
        page: The address of its own page, if the picture is to lead there; else ``""``.
    """

    id: str
    url: str
    page: str = ""

    def moved(self, said: bytes, to: "PictureTicket") -> bytes:
        """What was said with the addresses of this one, with those of another.

        Examples:
            >>> PictureTicket("1", "/a/1.png").moved(b"(/a/1.png)", PictureTicket("2", "/a/2.png"))
            b'(/a/2.png)'
        """
        said = said.replace(self.url.encode(), to.url.encode())
        return said.replace(self.page.encode(), to.page.encode()) if self.page else said


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerContext:
    """What is known of an answer before its first character.

    Attributes:
        model: The model that is asked, without our suffix.
        chat: The conversation, if the front-end tells; else ``None``.
        message: What the front-end calls the answer's message, if it tells; else ``None``.
        generation: What the answer is for, in SillyTavern's words, if the front-end tells.
        streamed: Whether it comes in pieces.
        user: Who asks, if the front-end tells; else ``None``.
        credential: What the client showed to be let in.
        shown: The messages of the request as the front-end sent them; ``None``: unreadable.
        restored: The same with tags in the place of our pictures.
        choices: How many answers are wanted.
        story: Whether they are one text without turns, which goes on.
        previous: What the model server calls the answer that was given before them, where the
            request tells that instead of all that was said.
        followed: Whether the server remembers the answer, so that it may be told so.
    """

    model: str = ""
    chat: str | None = None
    message: str | None = None
    generation: str | None = None
    streamed: bool = True
    user: str | None = None
    credential: str | None = field(default=None, repr=False)
    shown: Any = field(default=None, repr=False)
    restored: Any = field(default=None, repr=False)
    choices: int = 1
    story: bool = False
    previous: str | None = field(default=None, repr=False)
    followed: bool = True


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A picture that was drawn for a client that asked for nothing else."""

    ticket: PictureTicket
    image: Image = field(repr=False)


@dataclass(frozen=True, slots=True)
class DrawnPictures:
    """What became of several that were asked for at once.

    Attributes:
        made: Those that are there.
        failed: Why the others are not.
    """

    made: Sequence[DrawnPicture]
    failed: Sequence[LimnerError] = ()


class PictureSink(Protocol):
    """Takes the text and the pictures of one answer, of all its choices.

    No method but `recognised`, `conversation`, `kept` and `ready` may wait.
    """

    async def recognised(self) -> None:
        """Wait until it is known what the answer goes on from; at once if it begins anew."""
        ...

    async def conversation(self) -> str | None:
        """Wait until the conversation of the answer is known; ``None``: it has none."""
        ...

    @property
    def unseen(self) -> str:
        """What the client does not have of the text that goes on: an open tag; else ``""``.

        It is known when the answer is `recognised`.
        """
        ...

    def scanner(self, choice: int) -> AnswerScanner:
        """What finds the tags of a choice, before its first text; asked for once."""
        ...

    def text(
        self, choice: int, chunk: str, tags: Mapping[int, PromptTag], held: int
    ) -> Mapping[int, PictureTicket]:
        """The model wrote this: have the tags drawn that it closed.

        Args:
            choice: The index of the choice.
            chunk: The text, tags included.
            tags: The tags that are complete since, as the choice's scanner found them.
            held: Characters at the end of the text so far that may still become part of a tag.

        Returns:
            Where the picture of each tag will be.
        """
        ...

    def said(self, choice: int) -> str:
        """All the text of a choice so far, tags and what it goes on from included."""
        ...

    def named(self, answer_id: str) -> None:
        """The model server calls the answer so; it may say so several times."""
        ...

    def finished(self, choice: int, state: AnswerState) -> None:
        """No more text comes for this choice. Its pictures are drawn all the same."""
        ...

    def on_stop(self, handler: Callable[[], None]) -> None:
        """Have a function called when somebody stops the answer at this server."""
        ...

    @property
    def in_session(self) -> bool:
        """Whether the answer is a session of the illustrator, which is stopped there."""
        ...

    @property
    def chat(self) -> str | None:
        """The conversation of the answer, where that is known by now."""
        ...

    def stop(self, what: StopWhat) -> None:
        """Stop what is to come of an answer that is no session yet: the text is the asker's."""
        ...

    def show(self, ticket: PictureTicket) -> None:
        """The client is told of this picture: it is drawn to its end, whatever happens."""
        ...

    def cancel(self) -> None:
        """The client has gone away: stop every picture that it was not shown."""
        ...

    async def kept(self, ticket: PictureTicket) -> None:
        """Wait until a crash cannot lose the picture's place any more, or nobody can keep it."""
        ...

    def placed(self, ticket: PictureTicket) -> PictureTicket:
        """The picture as a client is told of it.

        Of an answer that is not recognised yet a ticket is only a promise; what it is then, is to
        stand in its place. Asked before that, the answer has its place by itself.
        """
        ...

    async def ready(self, ticket: PictureTicket) -> bool:
        """Wait until the picture is there, or never will be; tells which."""
        ...


class PictureService(Protocol):
    """Draws pictures and keeps them."""

    def open(self, context: AnswerContext) -> PictureSink:
        """Take the pictures of one answer, whose model is not asked yet."""
        ...

    async def image(self, picture_id: str) -> Image | None:
        """The picture, as soon as it is there; ``None`` if it failed or is unknown.

        May wait for as long as it is drawn; cancelling the call does not stop the drawing.
        """
        ...

    async def slot(self, picture_id: str) -> Slot | None:
        """The slot of a picture as it is kept now; ``None`` if it is unknown."""
        ...

    @property
    def board(self) -> LiveBoard:
        """Knows how far pictures are."""
        ...

    async def recall(self, picture_ids: Sequence[str]) -> dict[str, RecalledPicture]:
        """What the known ones of these pictures were drawn for."""
        ...

    async def draw(self, prompt: str, *, count: int, size: str | None) -> DrawnPictures:
        """Draw a prompt by itself, `count` times.

        Args:
            prompt: What to draw.
            count: How many.
            size: ``WIDTHxHEIGHT``; ``None``: the usual size.

        Raises:
            limner.errors.LimnerError: None of them could be drawn, and why the first could not.
        """
        ...


def asked_of(
    context: AnswerContext,
    owner: str | None,
    reads: str | None,
    patterns: Sequence[str] | None,
) -> Asked:
    """The question of a request.

    Args:
        context: The request.
        owner: For whom it is.
        reads: Whose pictures it may name; ``None``: everybody's.
        patterns: Tag patterns in place of the defaults.
    """
    said, continuing = said_before(
        context.shown, context.restored, generation=context.generation, patterns=patterns
    )
    return Asked(
        said=said,
        # Whoever has a name here is that, however often the key is changed.
        scope=(owner, None if owner else context.credential, context.user, context.chat),
        owner=owner,
        reads=reads,
        choices=context.choices,
        continuing=continuing,
        message=context.message,
        story=context.story,
        previous=context.previous,
    )
