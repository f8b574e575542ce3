"""From what an illustrator tells to what goes over the wire. Pure but for the previews."""

from typing import Any
from urllib.parse import quote

from limner.illustration import (
    Event,
    Finished,
    Illustrated,
    ImageFailed,
    ImageProgress,
    ImageReady,
    ImageStarted,
    PromptFound,
    PromptGone,
    Slot,
    TextChunk,
    TextRewritten,
)
from limner.illustration.generation.failure import describe, shortened
from limner.server.events.preview_box import PreviewBox
from limner.server.schemas import SlotView

SerialisedEvent = tuple[str, dict[str, Any]]
"""The kind of an event, and what it says."""

_SLOT_KINDS: dict[type[Event], str] = {
    PromptFound: "slot.found",
    PromptGone: "slot.gone",
    ImageStarted: "slot.started",
    ImageReady: "slot.ready",
    ImageFailed: "slot.failed",
}


def serialised(
    event: Event, message_id: str, variant: int, previews: PreviewBox
) -> SerialisedEvent:
    """An event of a message's illustration as it goes over the wire.

    Args:
        event: What happened.
        message_id: To which message.
        variant: To which of its answers.
        previews: Where the previews of unfinished pictures are put.

    Examples:
        >>> serialised(TextChunk("Once"), "m", 0, PreviewBox())
        ('message.text', {'message': 'm', 'variant': 0, 'text': 'Once'})
    """
    answer = {"message": message_id, "variant": variant}
    match event:
        case TextChunk(text):
            return "message.text", {**answer, "text": text}
        case TextRewritten(text):
            return "message.rewritten", {**answer, "text": text}
        case Finished(result):
            return "message.finished", {**answer, **_end(result)}
        case ImageProgress():
            return "slot.progress", _progress(event, previews)
    data = _of_slot(event.slot)
    if isinstance(event, ImageFailed):
        failure = describe(event.error)
        data["error"] = {"kind": failure.kind, "message": failure.reason}
    if isinstance(event, ImageReady | ImageFailed | PromptGone):
        previews.drop(str(event.slot.id))
    return _SLOT_KINDS[type(event)], data


def error_data(error: BaseException) -> dict[str, str]:
    """An error as events have it: its kind, and one sentence.

    Examples:
        >>> error_data(ValueError("the prompt is blank"))
        {'kind': 'ValueError', 'message': 'the prompt is blank'}
    """
    return {"kind": type(error).__name__, "message": shortened(str(error)) or type(error).__name__}


def _of_slot(slot: Slot) -> dict[str, Any]:
    return {"slot_id": str(slot.id), "slot": SlotView.of(slot).model_dump()}


def _progress(event: ImageProgress, previews: PreviewBox) -> dict[str, Any]:
    slot_id = str(event.slot.id)
    made = previews.put(slot_id, event.preview) if event.preview else previews.get(slot_id)
    preview = f"/api/slots/{quote(slot_id)}/preview?number={made.number}" if made else None
    return {"slot_id": slot_id, "fraction": event.fraction, "preview": preview}


def _end(result: Illustrated) -> dict[str, Any]:
    return {
        "state": result.message.state.value,
        "cancelled": result.cancelled,
        "error": error_data(result.error) if result.error else None,
        "prompt_error": error_data(result.prompt_error) if result.prompt_error else None,
    }
