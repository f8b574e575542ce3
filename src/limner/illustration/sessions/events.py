"""What happens while a message is illustrated, one frozen event each, in the order it happens."""

from dataclasses import dataclass, field
from typing import TypeAlias

from limner.illustration.illustrated import Illustrated
from limner.illustration.model.image import Image
from limner.illustration.model.slot import Slot


@dataclass(frozen=True, slots=True)
class TextChunk:
    """Text to show to the reader: what came, without the tags."""

    text: str


@dataclass(frozen=True, slots=True)
class TextRewritten:
    """The source took back what it had said. Only sources of whole texts do that.

    Attributes:
        text: All that is to be shown now, without the tags, in the place of what was shown.
    """

    text: str


@dataclass(frozen=True, slots=True)
class PromptFound:
    """A tag was closed; its slot is in the queue."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class PromptGone:
    """The source took back a tag: its slot is deleted, and no picture of it follows."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class ImageStarted:
    """The limiter let a picture start."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class ImageProgress:
    """A picture is partly made.

    Attributes:
        slot: Its slot.
        fraction: How far it is, 0 to 1.
        preview: An encoded picture of it so far, where the backend has one.
    """

    slot: Slot
    fraction: float
    preview: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ImageReady:
    """A picture is made (and, in insert mode ``live``, already committed to its message)."""

    slot: Slot
    image: Image


@dataclass(frozen=True, slots=True)
class ImageFailed:
    """A picture could not be made; the slot keeps the reason and can be tried again."""

    slot: Slot
    error: BaseException


@dataclass(frozen=True, slots=True)
class Finished:
    """The message is finished and committed. Always the last event, and there is always one."""

    result: Illustrated


Event: TypeAlias = (
    TextChunk
    | TextRewritten
    | PromptFound
    | PromptGone
    | ImageStarted
    | ImageProgress
    | ImageReady
    | ImageFailed
    | Finished
)
"""Anything of this: what to match on."""
