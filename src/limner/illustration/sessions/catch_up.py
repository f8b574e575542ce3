"""What somebody is told who begins to watch a session in its midst."""

from collections.abc import Iterator

from limner.illustration.model.slot import SlotState
from limner.illustration.sessions.draft_message import DraftMessage
from limner.illustration.sessions.events import (
    Event,
    ImageFailed,
    ImageReady,
    ImageStarted,
    PromptFound,
    TextChunk,
)
from limner.illustration.sessions.prompt_queue import Entry


def so_far(draft: DraftMessage) -> Iterator[Event]:
    """The events that lead to where an answer stands: text and slots in reading order, pictures.

    Args:
        draft: The answer. What was there before it went on is left out.
    """
    text, at = draft.monitor.text, draft.seen
    slots = [slot for slot in draft.standing() if draft.queue.draws(slot.id)]
    for slot in slots:
        if slot.tag.start > at:
            yield TextChunk(text[at : slot.tag.start])
        yield PromptFound(slot)
        at = max(at, slot.tag.end)
    if draft.monitor.told > at:
        yield TextChunk(text[at : draft.monitor.told])
    for slot in slots:
        yield from _picture(draft.queue.entry(slot.id))


def _picture(entry: Entry) -> Iterator[Event]:
    slot = entry.slot
    if entry.started_at is not None:
        yield ImageStarted(slot)
    if slot.state is SlotState.READY and slot.image is not None and entry.told:
        yield ImageReady(slot, slot.image)
    elif slot.state is SlotState.FAILED and entry.error is not None:
        yield ImageFailed(slot, entry.error)
