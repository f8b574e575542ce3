"""What the tools tell: once for programs, and once in words for a model."""

from dataclasses import dataclass, field

from pydantic import Field

from limner.illustration import Image, SlotState
from limner.server.schemas import Schema
from limner.server.schemas.schema import ReadableText


class PictureFacts(Schema):
    """A picture, or the place that has none."""

    picture: str = Field(description="Its name for redraw: MESSAGE/ANSWER/NUMBER.")
    chat: str = Field(description="The conversation it is in.")
    prompt: ReadableText
    state: str = Field(description="ready, failed, queued, drawing or deleted.")
    width: int | None = Field(None, description="In pixels.")
    height: int | None = None
    resource: str | None = Field(None, description="What to read for the whole picture.")
    url: str | None = Field(None, description="Where a browser finds it.")
    file: str | None = Field(None, description="Where it is on this machine; not to be changed.")
    failure: ReadableText | None = Field(None, description="Why the last drawing failed.")

    def words(self) -> str:
        """All of it in a line."""
        size = f", {self.width}x{self.height}" if self.width else ""
        where = self.url or self.file or self.resource
        parts = [
            f"{self.picture} ({self.state}{size}): {' '.join(self.prompt.split())[:200]}",
            *([f"at {where}"] if where else []),
            *([f"failed: {self.failure}"] if self.failure else []),
        ]
        return "; ".join(parts)


class DrawnPictures(Schema):
    """What was drawn, and what could not be."""

    message: str = Field(description="The message the pictures are in.")
    pictures: list[PictureFacts]


class IllustratedText(DrawnPictures):
    """A text with its pictures."""

    text: ReadableText | None = Field(
        None,
        description="The text as Markdown, with its pictures as links; none: it is too long to be "
        "repeated.",
    )
    notes: list[ReadableText] = Field(description="What else there is to know.")


class ListedPictures(Schema):
    """Pictures, the newest first."""

    pictures: list[PictureFacts]
    next: int | None = Field(None, description="What to go on after; none: that was all.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture to be handed over.

    Attributes:
        facts: What is told of it.
        image: The picture itself.
    """

    facts: PictureFacts
    image: Image = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer of a tool.

    Attributes:
        told: For programs.
        words: For a model.
        pictures: Those to be handed over.
        side: Longer side of their small copies, in pixels; 0: none are made.
        failed: Whether nothing came of it.
    """

    told: Schema
    words: str
    pictures: tuple[Shown, ...] = ()
    side: int = 0
    failed: bool = False


def counted(pictures: list[PictureFacts]) -> str:
    """How many pictures were made.

    Examples:
        >>> counted([])
        'No pictures were asked for.'
    """
    if not pictures:
        return "No pictures were asked for."
    ready = sum(one.state == SlotState.READY for one in pictures)
    are = "picture is" if len(pictures) == 1 else "pictures are"
    return f"{ready} of {len(pictures)} {are} ready."
