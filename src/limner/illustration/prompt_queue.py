"""The slots of one message while they are drawn: who waits, who is drawn, how each ended."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from limner.illustration.failure import describe
from limner.illustration.image import Image
from limner.illustration.slot import Alternative, Slot, SlotId, SlotState
from limner.prompts import PromptTag

ENDED = frozenset({SlotState.READY, SlotState.FAILED, SlotState.DELETED})


@dataclass(slots=True)
class Entry:
    """A slot in the queue, with the instants of its changes (seconds on the queue's clock)."""

    slot: Slot
    found_at: float
    started_at: float | None = None
    ended_at: float | None = None


class PromptQueue:
    """Keeps every slot of one message in exactly one state.

    States only move forward: ``QUEUED → DRAWING → READY | FAILED``, and a queued slot may fail
    at once. Anything else is a mistake of the caller and raises.

    Args:
        message_id: The message the slots belong to.
        variant: Which of its alternative answers.
        clock: Gives the current instant in seconds.
    """

    def __init__(self, message_id: str, *, variant: int = 0, clock: Callable[[], float]) -> None:
        self.message_id = message_id
        self.variant = variant
        self._clock = clock
        self._entries: list[Entry] = []

    def add(self, tag: PromptTag) -> Slot:
        """Queue a picture for this occurrence of a tag. Equal tags get slots of their own."""
        slot_id = SlotId(self.message_id, self.variant, len(self._entries))
        slot = Slot.of(slot_id, tag)
        self._entries.append(Entry(slot, self._clock()))
        return slot

    def start(self, slot_id: SlotId) -> Slot:
        """The picture is being drawn from now on."""
        entry = self._move(slot_id, SlotState.QUEUED, to=SlotState.DRAWING)
        entry.started_at = self._clock()
        return entry.slot

    def finish(self, slot_id: SlotId, image: Image) -> Slot:
        """The picture is there."""
        entry = self._move(slot_id, SlotState.DRAWING, to=SlotState.READY)
        made = Alternative(image, entry.slot.prompt)
        entry.slot = replace(entry.slot, alternatives=(made,), selected=0)
        entry.ended_at = self._clock()
        return entry.slot

    def fail(self, slot_id: SlotId, error: BaseException) -> Slot:
        """There will be no picture, for this reason."""
        entry = self._move(slot_id, SlotState.QUEUED, SlotState.DRAWING, to=SlotState.FAILED)
        entry.slot = replace(entry.slot, failure=describe(error))
        entry.ended_at = self._clock()
        return entry.slot

    def _move(self, slot_id: SlotId, *allowed: SlotState, to: SlotState) -> Entry:
        entry = self._entries[slot_id.ordinal]
        if entry.slot.state not in allowed:
            raise RuntimeError(f"slot {slot_id} is {entry.slot.state} and cannot become {to}")
        entry.slot = replace(entry.slot, state=to)
        return entry

    def entry(self, slot_id: SlotId) -> Entry:
        """The slot's entry, with its instants."""
        return self._entries[slot_id.ordinal]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Every slot as it stands now, in reading order."""
        return tuple(entry.slot for entry in self._entries)

    @property
    def unfinished(self) -> tuple[Slot, ...]:
        """The slots that are still waiting or being drawn."""
        return tuple(slot for slot in self.slots if slot.state not in ENDED)

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
