"""The slots of one answer while they are drawn: who waits, who is drawn, how each ended."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from limner.illustration.generation.failure import describe
from limner.illustration.model.pending import asked_for, given_up, made
from limner.illustration.model.slot import (
    Alternative,
    PendingDrawing,
    Slot,
    SlotId,
    SlotState,
)
from limner.prompts import PromptTag

ENDED = frozenset({SlotState.READY, SlotState.FAILED, SlotState.DELETED})


@dataclass(slots=True)
class Entry:
    """A slot in the queue, with the instants of its changes (seconds on the queue's clock).

    Attributes:
        slot: As it stands now.
        drawing: The drawing it waits for.
        found_at: When its tag was found.
        started_at: When its picture was begun.
        ended_at: When it ended.
        error: Why there is no picture.
        told: Whether those who watch were told that it is made.
    """

    slot: Slot
    drawing: PendingDrawing
    found_at: float
    started_at: float | None = None
    ended_at: float | None = None
    error: BaseException | None = None
    told: bool = False


class PromptQueue:
    """Keeps every slot of one answer in exactly one state.

    States only move forward: ``QUEUED → DRAWING → READY | FAILED``, and a queued slot may fail
    at once; any may be deleted, when its tag is taken back. Anything else is a mistake of the
    caller and raises.

    Args:
        message_id: The message the slots belong to.
        variant: Which of its alternative answers.
        clock: Gives the current instant in seconds.
        earlier: Slots that were there before; they are not drawn and count for nothing here.
    """

    def __init__(
        self,
        message_id: str,
        *,
        variant: int,
        clock: Callable[[], float],
        earlier: Sequence[Slot] = (),
    ) -> None:
        self.message_id = message_id
        self.variant = variant
        self._clock = clock
        self._earlier = list(earlier)
        self._entries: list[Entry] = []
        self._handed_over: set[SlotId] = set()

    def add(self, tag: PromptTag, *, at: float = 0.0) -> Slot:
        """Queue a picture for this occurrence of a tag. Equal tags get slots of their own.

        Args:
            tag: The tag.
            at: When it was found, in seconds since the epoch.
        """
        ordinal = len(self._earlier) + len(self._entries)
        slot = Slot.of(SlotId(self.message_id, self.variant, ordinal), tag)
        slot, drawing = asked_for(slot, at=at)
        self._entries.append(Entry(slot, drawing, self._clock()))
        return slot

    def skip_to(self, ordinal: int, *, place: int) -> list[Slot]:
        """The next slot is to have this ordinal; gives those left out, which are deleted.

        Args:
            ordinal: Which. One that is taken already changes nothing.
            place: Where in the text those that are left out would stand.
        """
        skipped = []
        while (left_out := len(self._earlier) + len(self._entries)) < ordinal:
            nothing = PromptTag(prompt="", source="", start=place, end=place)
            slot = Slot.of(SlotId(self.message_id, self.variant, left_out), nothing)
            slot = replace(slot, state=SlotState.DELETED)
            self._entries.append(Entry(slot, PendingDrawing(attempt=0), self._clock()))
            skipped.append(slot)
        return skipped

    def start(self, slot_id: SlotId) -> Slot:
        """The picture is being drawn from now on."""
        entry = self._expect(slot_id, SlotState.QUEUED)
        entry.slot = replace(entry.slot, state=SlotState.DRAWING)
        entry.started_at = self._clock()
        return entry.slot

    def finish(self, slot_id: SlotId, picture: Alternative) -> Slot:
        """The picture is there."""
        entry = self._expect(slot_id, SlotState.DRAWING)
        entry.slot = made(entry.slot, entry.drawing, picture)
        entry.ended_at = self._clock()
        return entry.slot

    def fail(self, slot_id: SlotId, error: BaseException) -> Slot:
        """There will be no picture, for this reason."""
        entry = self._expect(slot_id, SlotState.QUEUED, SlotState.DRAWING)
        entry.slot = given_up(entry.slot, entry.drawing, describe(error))
        entry.error = error
        entry.ended_at = self._clock()
        return entry.slot

    def leave(self, slot_id: SlotId) -> Slot:
        """It is not drawn now but later: it waits again."""
        entry = self._expect(slot_id, SlotState.QUEUED, SlotState.DRAWING)
        entry.slot = replace(entry.slot, state=SlotState.QUEUED)
        return entry.slot

    def move(self, slot_id: SlotId, tag: PromptTag) -> None:
        """The same tag stands somewhere else now."""
        self._put(replace(self.slot(slot_id), tag=tag))

    def take_back(self, slot_id: SlotId, place: int) -> Slot:
        """Its tag stands no more in the text. Pictures it has are kept, but not shown.

        Args:
            slot_id: The slot.
            place: Where it stood.
        """
        slot = self.slot(slot_id)
        tag = replace(slot.tag, start=place, end=place)
        slot = replace(
            slot, tag=tag, state=SlotState.DELETED, selected=None, failure=None, pending=()
        )
        self._put(slot)
        return slot

    def _expect(self, slot_id: SlotId, *allowed: SlotState) -> Entry:
        entry = self.entry(slot_id)
        if entry.slot.state not in allowed:
            raise RuntimeError(
                f"slot {slot_id} is {entry.slot.state}, which was not expected any more"
            )
        return entry

    def _put(self, slot: Slot) -> None:
        index = slot.id.ordinal - len(self._earlier)
        if index < 0:
            self._earlier[slot.id.ordinal] = slot
        else:
            self._entries[index].slot = slot

    def entry(self, slot_id: SlotId) -> Entry:
        """The slot's entry, with its instants."""
        return self._entries[slot_id.ordinal - len(self._earlier)]

    def slot(self, slot_id: SlotId) -> Slot:
        """The slot as it stands now."""
        index = slot_id.ordinal - len(self._earlier)
        return self._earlier[slot_id.ordinal] if index < 0 else self._entries[index].slot

    def draws(self, slot_id: SlotId) -> bool:
        """Whether it is one of those that are drawn here: no earlier one, and not others' now."""
        return slot_id.ordinal >= len(self._earlier) and slot_id not in self._handed_over

    def hand_over(self, slot_id: SlotId) -> None:
        """A slot that has ended is others' to change from now on, as earlier ones are."""
        self._handed_over.add(slot_id)

    @property
    def is_shared(self) -> bool:
        """Whether some of its slots are changed by others."""
        return bool(self._earlier or self._handed_over)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Every slot as it stands now, also the earlier ones, in the order of their ordinals."""
        return (*self._earlier, *(entry.slot for entry in self._entries))

    @property
    def unfinished(self) -> tuple[Slot, ...]:
        """The slots that are still waiting or being drawn."""
        return tuple(entry.slot for entry in self._entries if entry.slot.state not in ENDED)

    def counts(self) -> Counter[SlotState]:
        """How many slots stand in each state."""
        return Counter(entry.slot.state for entry in self._entries)

    def durations(self) -> list[float]:
        """How many seconds each finished picture took to draw."""
        return [
            entry.ended_at - entry.started_at
            for entry in self._entries
            if entry.slot.state is SlotState.READY
            and entry.ended_at is not None
            and entry.started_at is not None
        ]
