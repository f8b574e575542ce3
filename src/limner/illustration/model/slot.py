"""A slot: the place in a message where one picture belongs."""

import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum

from limner.errors import UnknownSlot
from limner.illustration.model.image import Image
from limner.illustration.model.prompt_tree import PromptTree
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
        id: Its identity, by which it is found again when others were added or deleted.
        version: Which version of the slot's prompt that was.
        request_key: Fingerprint of the whole request, by which an identical one is answered
            without drawing; ``None`` if it cannot be repeated.
        made_at: When it was made, in seconds since the epoch; ``None``: nobody knows.
    """

    image: Image
    prompt: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    version: int = 0
    request_key: str | None = None
    made_at: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingDrawing:
    """A picture of a slot that was asked for and is not made yet: what a restart has to redo.

    Attributes:
        attempt: Which drawing of the slot it is, from 0; never used twice for one slot.
        version: Which version of the slot's prompt is to be drawn.
        replaces: The id of the alternative whose place the picture takes; ``None`` adds it.
        requested_at: When it was asked for, in seconds since the epoch.
        reference: Reference pictures in place of those that the tag names; ``""``: the tag's.
        size: Its size as a tag would say it, in place of what the tag says; ``""``: the tag's.
        seed: Its seed, in place of one of its own.
    """

    attempt: int
    version: int = 0
    replaces: str | None = None
    requested_at: float = 0.0
    reference: str = ""
    size: str = ""
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The place of one picture, as it stands at one moment.

    Attributes:
        id: Its identity, which never changes.
        tag: The tag as it stands in the message's text, with its position.
        prompts: All versions of what is to be drawn; the first is what the tag says.
        state: See `SlotState`.
        alternatives: Every picture made for it and kept, oldest first.
        selected: Index of the alternative that is shown, or ``None``.
        failure: Why the last attempt failed, if it did.
        attempts: How many drawings were asked for so far.
        pending: Those of them that have not ended.
        revision: Which of its states was read. A store of several processes refuses to put a
            changed one in the place of a state that nobody has seen
            (`limner.errors.SlotOvertaken`). ``None``: it is put there whatever it is.
    """

    id: SlotId
    tag: PromptTag
    prompts: PromptTree
    state: SlotState = SlotState.QUEUED
    alternatives: tuple[Alternative, ...] = ()
    selected: int | None = None
    failure: Failure | None = None
    attempts: int = 0
    pending: tuple[PendingDrawing, ...] = ()
    revision: int | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, slot_id: SlotId, tag: PromptTag) -> "Slot":
        """The slot of a tag that was just found."""
        return cls(id=slot_id, tag=tag, prompts=PromptTree.of(tag.prompt))

    @property
    def prompt(self) -> str:
        """What is to be drawn now (the tag's prompt unless it was changed)."""
        return self.prompts.text

    @property
    def shown(self) -> Alternative | None:
        """The alternative that is shown, if there is one."""
        return None if self.selected is None else self.alternatives[self.selected]

    @property
    def image(self) -> Image | None:
        """The picture that is shown, if there is one."""
        return self.shown.image if self.shown else None

    def as_it_was(self, now: "Slot") -> "Slot":
        """This former self, brought into the present: what is being drawn now, goes on.

        A former self that still waited for its first picture cannot come back: nobody would draw
        it any more. Of it only the prompt returns.
        """
        if self.state not in (SlotState.QUEUED, SlotState.DRAWING):
            former = replace(
                self,
                tag=now.tag,
                attempts=now.attempts,
                pending=now.pending,
                revision=now.revision,
            )
        else:
            former = replace(now, prompts=self.prompts)
        # What is drawn knows its prompt by a number, which must not become that of another one.
        used = [drawing.version for drawing in former.pending]
        used += [picture.version for picture in former.alternatives]
        return replace(former, prompts=self.prompts.brought_back(now.prompts, used))

    def alternative(self, which: int | str) -> int:
        """The index of one of its pictures, given by that index or by its id.

        Raises:
            UnknownSlot: There is no such picture.
        """
        for index, made in enumerate(self.alternatives):
            if which in (index, made.id) and not isinstance(which, bool):
                return index
        raise UnknownSlot(f"alternative {which} of slot {self.id}")
