"""The run as JSON, one event a line: for programs, and for looking at afterwards."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.standard_streams import OUTPUT
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
    ``finished`` and ``written``. Pictures themselves are not in it. Each picture has its
    ``image_started``, also one that is not drawn, because it is as before, was kept of an equal
    request, or is drawn for an equal tag at this moment: whoever reads the lines needs to know
    nothing of that. Drawings are fewer then.

    Args:
        file: Where the lines go; each is flushed. One that cannot be written stops nothing: it gets
            no more lines, and `failed` says why.
        name: What to call the file.
        clock: Gives the current instant in seconds.
    """

    def __init__(
        self,
        file: IO[str],
        *,
        name: str = OUTPUT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self.name = name
        self.failed: OSError | None = None
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
        if self.failed is not None:
            return
        try:
            self._file.write(json.dumps(line, ensure_ascii=True) + "\n")
            self._file.flush()
        except OSError as error:
            self.failed = error
            if self._file is not sys.stdout:
                with suppress(OSError):  # what it still holds would fail at its end once more
                    self._file.close()


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
            opened = stack.enter_context(file.open("w", encoding="utf-8"))
            logs.append(EventLog(opened, name=str(file)))
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(f"cannot write {file}: {reason}", path=str(file)) from error
    return logs


def code_with_logs(logs: Sequence[EventLog], code: ExitCode) -> ExitCode:
    """The exit code of a command with these logs: one that lacks lines is told, and counts.

    Of a pipe whose reader has had enough nothing is said.
    """
    failed = [log for log in logs if log.failed is not None]
    for log in failed:
        if log.failed is not None and not isinstance(log.failed, BrokenPipeError):
            reason = log.failed.strerror or log.failed
            typer.echo(f"limner: not all events were written to {log.name}: {reason}", err=True)
    return ExitCode.INCOMPLETE if failed and code is ExitCode.OK else code


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
