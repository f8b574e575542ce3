"""The run as JSON, one event a line: for programs, and for looking at afterwards."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from limner.errors import OutputError
from limner.illustration import (
    Event,
    Finished,
    Illustrated,
    ImageFailed,
    ImageProgress,
    ImageReady,
    ImageStarted,
    Progress,
    PromptFound,
    PromptGone,
    Slot,
    TextChunk,
    TextRewritten,
)
from limner.illustration.generation.wait import Wait
from limner.illustration.model.cost import told_cost


class EventLog:
    """Writes each event as one line of JSON with ``t``, the seconds since the log began.

    ``event`` is one of ``text``, ``text_ended``, ``prompt_found``, ``image_started``,
    ``image_progress``, ``image_ready``, ``image_failed``, ``waiting``, ``waiting_over``,
    ``finished`` and ``written``. Pictures themselves are not in it.

    Args:
        file: Where the lines go; each is flushed.
        clock: Gives the current instant in seconds.
    """

    def __init__(self, file: IO[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._clock = clock
        self._began = clock()

    def event(self, event: Event, progress: Progress, **about: str) -> None:
        """Write an event of the session; `about` says of which, where there are several."""
        self.write(**_fields(event), **about)

    def waits(self, wait: Wait | None, now: float) -> None:
        """Write what pictures wait for, ``waiting``, and that it is over, ``waiting_over``."""
        if wait is None:
            self.write("waiting_over")
            return
        left = wait.left(now)
        self.write(
            "waiting",
            reason=wait.reason,
            words=wait.told(now),
            seconds=None if left is None else round(left, 3),
            times=wait.times,
        )

    def write(self, event: str, **fields: Any) -> None:
        """Write a line."""
        line = {"t": round(self._clock() - self._began, 4), "event": event, **fields}
        self._file.write(json.dumps(line, ensure_ascii=True) + "\n")
        self._file.flush()


def open_logs(stack: ExitStack, *, json: bool, file: Path | None) -> list[EventLog]:
    """The logs that somebody wants: on standard output, and in a file.

    Args:
        stack: Closes the file.
        json: Whether one goes to standard output.
        file: Where another one goes, if anywhere.

    Raises:
        limner.errors.OutputError: The file cannot be written.
    """
    logs = [EventLog(sys.stdout)] if json else []
    if file is not None:
        try:
            logs.append(EventLog(stack.enter_context(file.open("w", encoding="utf-8"))))
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(f"cannot write {file}: {reason}", path=str(file)) from error
    return logs


def _slot(slot: Slot) -> dict[str, Any]:
    return {"slot": slot.id.ordinal, "prompt": slot.prompt}


def _fields(event: Event) -> dict[str, Any]:
    """The fields of an event's line.

    Examples:
        >>> _fields(TextChunk("Once"))
        {'event': 'text', 'text': 'Once'}
    """
    match event:
        case TextChunk(text):
            return {"event": "text", "text": text}
        case TextRewritten(text):
            return {"event": "text_rewritten", "text": text}
        case PromptGone(slot):
            return {"event": "prompt_gone", **_slot(slot)}
        case PromptFound(slot):
            return {"event": "prompt_found", **_slot(slot), "attributes": dict(slot.tag.attributes)}
        case ImageStarted(slot):
            return {"event": "image_started", **_slot(slot)}
        case ImageProgress(slot, fraction):
            return {"event": "image_progress", "slot": slot.id.ordinal, "fraction": fraction}
        case ImageReady(slot, image):
            size = {"width": image.width, "height": image.height, "bytes": len(image.data)}
            media = {"media_type": image.media_type, "seed": image.seed}
            cost = told_cost(image)
            paid = {"cost": cost.amount, "unit": cost.unit} if cost else {}
            return {"event": "image_ready", **_slot(slot), **size, **media, **paid}
        case ImageFailed(slot):
            failure = slot.failure
            reason = {"kind": failure.kind, "reason": failure.reason} if failure else {}
            return {"event": "image_failed", **_slot(slot), **reason}
        case Finished(result):
            return {"event": "finished", **_result(result)}


def _result(result: Illustrated) -> dict[str, Any]:
    return {
        "state": str(result.message.state),
        "characters": len(result.text),
        "pictures": len(result.slots),
        "failed": len(result.failed),
        "waiting": len(result.waiting),
        "cancelled": result.cancelled,
        "error": str(result.error) if result.error else None,
    }
