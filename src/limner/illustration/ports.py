"""The seams of the illustration layer: what it needs from backends, models and storage."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from limner.illustration.model.change import Change
from limner.illustration.model.cost import PICTURES, Cost, summed
from limner.illustration.model.image import Image, ImageRequest
from limner.illustration.model.message import Message
from limner.illustration.model.reference import ReferencePicture
from limner.illustration.model.slot import Slot, SlotId


class ImageBackend(Protocol):
    """Something that draws pictures.

    What it may be able to do besides is in `limner.illustration.capabilities`: only the pictures
    of backends that have an ``identity`` are kept for identical requests.
    """

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture.

        Cancelling the call must reach the server-side work, and the call must not end before
        that work has stopped or has been given up.

        Raises:
            limner.errors.BackendError: With the reason, in words that help.
        """
        ...


class TextModel(Protocol):
    """A language model that answers at once, for prompts that a model writes or refines."""

    async def complete(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The whole answer to a conversation of ``{"role": ..., "content": ...}`` entries.

        Raises:
            limner.errors.BackendError: With the reason.
        """
        ...


class TagWriter(Protocol):
    """What puts tags into a text that has ended, such as `limner.illustration.PromptWriter`."""

    async def write(self, text: str, *, context: Sequence[Mapping[str, Any]] = ()) -> str:
        """The text with tags in it; as it is if no picture belongs there.

        Args:
            text: The whole text.
            context: What was said before it, oldest first.

        Raises:
            Exception: No tags could be written. The text stays as it is.
        """
        ...


class MessageStore(Protocol):
    """Where messages are kept. Each call is atomic; messages are immutable snapshots.

    Raises:
        limner.errors.StorageError: From every call: it cannot be read or written, and why.
    """

    @property
    def pace(self) -> float:
        """Seconds over which text that streams in is gathered before it is kept; 0: it is not.

        A crash may lose so much of a text that is being written. Slots and pictures never wait.
        """
        ...

    async def load(self, message_id: str, variant: int | None = None) -> Message | None:
        """One of the message's alternative answers as last saved; by default the one selected.

        ``None`` if there is none, or the message was deleted.
        """
        ...

    async def variants(self, message_id: str) -> tuple[int, ...]:
        """The numbers of the message's alternative answers, in order; empty if it is not there."""
        ...

    async def select_variant(self, message_id: str, variant: int) -> bool:
        """Show another of the alternative answers; tells whether there is such a one."""
        ...

    async def save(self, message: Message) -> None:
        """Keep this snapshot of one answer in the place of its former one, whole or not at all.

        An answer that is new becomes the selected one. A message that was deleted comes back.
        Changes of slots that the answer has no more are forgotten.
        """
        ...

    def append_text(self, message_id: str, variant: int, text: str) -> Awaitable[bool]:
        """Keep more of an answer that is being written; tells whether it is there.

        A store that gives a `asyncio.Future` and no coroutine spares every stream a task.
        """
        ...

    async def save_slots(self, *slots: Slot, change: Change | None = None) -> bool:
        """Keep these slots of one answer in the place of their former selves, all or none.

        A slot whose ordinal follows the last one is added. Tells whether the message is there;
        if it is not (it was deleted meanwhile), nothing is kept.

        Args:
            *slots: Slots of one answer.
            change: What was done, if it can be undone. It forgets what could be done again.
        """
        ...

    async def undo(self, message_id: str) -> Change | None:
        """Take the last change back that was not taken back yet, if there is one.

        Only what the change touched returns to what it was; ``pending`` drawings and ``attempts``
        stay as they are now.
        """
        ...

    async def redo(self, message_id: str) -> Change | None:
        """Make the change again that was taken back last, if there is one."""
        ...

    async def delete(self, message_id: str) -> bool:
        """Delete the message with all its answers; tells whether there was one."""
        ...

    async def restore(self, message_id: str) -> bool:
        """Bring a deleted message back, if it was not cleaned up yet; tells whether it is there."""
        ...

    async def message_ids(self, chat_id: str) -> list[str]:
        """The ids of a conversation's messages, in order, without deleted ones."""
        ...

    async def unfinished(self) -> list[SlotId]:
        """The slots that wait for pictures, the one asked for first before all others.

        Those are the slots with pending drawings. A slot without any that is still queued or
        being drawn stands before them: its picture was made, but nobody came to show it.
        """
        ...

    async def writing(self) -> list[tuple[str, int]]:
        """Message and variant of every answer whose text is still being written."""
        ...

    async def picture(self, request_key: str) -> Image | None:
        """A picture that was kept for an identical request, if there is one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingRecord:
    """A drawing that was begun, for budgets and their report.

    Attributes:
        at: When, in seconds since the epoch.
        owner: For whom.
        message_id: For which message.
        id: Its own, by which it is settled; ``""``: it never is.
        costs: What it is expected to cost, or has cost.
    """

    at: float
    owner: str
    message_id: str
    id: str = ""
    costs: tuple[Cost, ...] = ()

    def cost(self, unit: str) -> int:
        """How much it costs of a unit, in millionths; it is one picture."""
        return 1_000_000 if unit == PICTURES else summed(self.costs, unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingLimit:
    """How many drawings there may be, or what they may cost, in the eyes of a ledger.

    Attributes:
        most: How much, in the unit.
        since: Those before this instant do not count.
        owner: Whose count; ``None``: everybody's.
        message_id: For which message; ``None``: for all.
        unit: ``"pictures"``, ``"seconds"``, or what is paid with.
    """

    most: float
    since: float = 0.0
    owner: str | None = None
    message_id: str | None = None
    unit: str = PICTURES

    def allows(self, drawing: DrawingRecord, used: int) -> bool:
        """Whether a drawing still fits, where so many millionths of the unit are used."""
        most = round(self.most * 1_000_000)
        return used < most and used + drawing.cost(self.unit) <= most


@runtime_checkable
class ReferenceShelf(Protocol):
    """Where people's reference pictures are kept by their names."""

    async def reference(self, name: str, owner: str) -> ReferencePicture | None:
        """A reference picture; ``None``: there is none of that name for them.

        Args:
            name: What it is called.
            owner: For whom; what was kept for everybody is there for them as well.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        ...


@runtime_checkable
class DrawingLedger(Protocol):
    """Remembers how many pictures were drawn for whom, and what they cost.

    What was deleted since still counts.
    """

    async def record(self, drawing: DrawingRecord) -> None:
        """Remember a drawing."""
        ...

    async def admit(self, drawing: DrawingRecord, limits: Sequence[DrawingLimit]) -> int | None:
        """Remember a drawing, unless a limit is reached: looking and remembering are one step.

        So it is for all processes that share the ledger: together they never go beyond a limit.

        Returns:
            ``None``: it is remembered; else the place of the first limit that is reached.
        """
        ...

    async def settle(self, drawing: DrawingRecord) -> None:
        """Put what a drawing really cost in place of what was expected. Again is fine."""
        ...

    async def count(
        self, *, since: float = 0.0, owner: str | None = None, message_id: str | None = None
    ) -> int:
        """How many drawings were begun since an instant, of one owner or message or of all."""
        ...

    async def spent(
        self,
        unit: str,
        *,
        since: float = 0.0,
        owner: str | None = None,
        message_id: str | None = None,
    ) -> int:
        """What these cost, or will, in millionths of a unit; drawings are counted as pictures."""
        ...

    async def oldest(
        self, *, since: float, owner: str | None = None, unit: str = PICTURES
    ) -> float | None:
        """When the first was begun that cost something; ``None`` if there is none."""
        ...
