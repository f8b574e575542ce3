"""A slot: the place in a message where one picture belongs."""

from dataclasses import dataclass
from enum import StrEnum

from limner.illustration.image import Image
from limner.prompts import PromptTag


class SlotState(StrEnum):
    """Where a slot stands. It ends in `READY`, `FAILED` or `DELETED`, and in one of them only."""

    QUEUED = "queued"
    DRAWING = "drawing"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, order=True)
class SlotId:
    """Which occurrence of a tag this is: never its text, never a list index.

    Attributes:
        message_id: The message it stands in.
        variant: Which of the message's alternative answers, from 0.
        ordinal: Which tag of that answer, from 0, in reading order.
    """

    message_id: str
    variant: int
    ordinal: int

    def __str__(self) -> str:
        return f"{self.message_id}/{self.variant}/{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a slot has no picture.

    Attributes:
        kind: The error's class name, for code (``"BackendTimeout"``).
        reason: One sentence for people.
    """

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """One picture of a slot, with the prompt that made it.

    Attributes:
        image: The picture.
        prompt: The prompt it was drawn from, even if the slot's prompt was edited since.
    """

    image: Image
    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The place of one picture, as it stands at one moment.

    Attributes:
        id: Its identity, which never changes.
        tag: The tag as it stands in the message's text, with its position.
        prompt: What is to be drawn now (the tag's prompt unless it was edited).
        state: See `SlotState`.
        alternatives: Every picture made for it and kept, oldest first.
        selected: Index of the alternative that is shown, or ``None``.
        failure: Why the last attempt failed, if it did.
    """

    id: SlotId
    tag: PromptTag
    prompt: str
    state: SlotState = SlotState.QUEUED
    alternatives: tuple[Alternative, ...] = ()
    selected: int | None = None
    failure: Failure | None = None

    @property
    def shown(self) -> Alternative | None:
        """The alternative that is shown, if there is one."""
        return None if self.selected is None else self.alternatives[self.selected]

    @property
    def image(self) -> Image | None:
        """The picture that is shown, if there is one."""
        return self.shown.image if self.shown else None
