"""What ComfyUI's history and queue tell of one prompt, read leniently: pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from limner.backends.images.comfyui.error_text import failure


class Outcome(StrEnum):
    """How a prompt ended."""

    SUCCESS = "success"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class PromptStatus(StrEnum):
    """Where a prompt is."""

    RUNNING = "running"
    WAITING = "waiting"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """A picture as ``/view`` is asked for it."""

    filename: str
    subfolder: str = ""
    type: str = "output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A prompt that has ended.

    Attributes:
        outcome: How.
        failure: Why, if it failed; one line.
        files: The picture files of its nodes.
    """

    outcome: Outcome
    failure: str = ""
    files: Mapping[str, tuple[PictureFile, ...]] = field(default_factory=dict)


def read_files(output: object) -> tuple[PictureFile, ...]:
    """The pictures in a node's output; it may be null.

    Examples:
        >>> read_files({"images": [{"filename": "a.png", "subfolder": "", "type": "temp"}]})
        (PictureFile(filename='a.png', subfolder='', type='temp'),)
        >>> read_files(None)
        ()
    """
    images = output.get("images") if isinstance(output, dict) else None
    return tuple(_files(images if isinstance(images, list) else []))


def _files(images: list[Any]) -> Iterator[PictureFile]:
    for image in images:
        if isinstance(image, dict) and isinstance(image.get("filename"), str):
            places = {name: image[name] for name in ("subfolder", "type") if image.get(name)}
            if all(isinstance(value, str) for value in places.values()):
                yield PictureFile(filename=image["filename"], **places)


def read_entry(answer: object, prompt_id: str) -> Entry | None:
    """The prompt's entry in an answer of ``/history/{id}``; ``None``: it has not ended, or is lost.

    An interruption has ``status_str`` "error" like a failure; the messages tell which it was.
    """
    entry = answer.get(prompt_id) if isinstance(answer, dict) else None
    if not isinstance(entry, dict):
        return None
    status = entry.get("status")
    status = status if isinstance(status, dict) else {}
    outputs = entry.get("outputs")
    files = {
        node: read_files(output)
        for node, output in (outputs if isinstance(outputs, dict) else {}).items()
    }
    messages = dict(_messages(status.get("messages")))
    if "execution_interrupted" in messages:
        return Entry(outcome=Outcome.INTERRUPTED, files=files)
    if "execution_error" in messages or status.get("status_str") == "error":
        why = failure(messages.get("execution_error", {}))
        return Entry(outcome=Outcome.FAILED, failure=why, files=files)
    return Entry(outcome=Outcome.SUCCESS, files=files)


def _messages(messages: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for message in messages if isinstance(messages, list) else []:
        match message:
            case [str(kind), dict(data)]:
                yield kind, data


def read_ahead(answer: object, prompt_id: str) -> int:
    """How many prompts are before this one, in an answer of ``/queue``; 0 if it is not there.

    Those that wait stand there in no order, each with its number.

    Examples:
        >>> queue = {"queue_running": [[3, "x"]], "queue_pending": [[6, "p"], [9, "y"], [5, "z"]]}
        >>> read_ahead(queue, "p"), read_ahead(queue, "x")
        (2, 0)
    """
    answer = answer if isinstance(answer, dict) else {}
    numbers = {
        item[1]: item[0]
        for item in _items(answer.get("queue_pending"))
        if isinstance(item[1], str) and isinstance(item[0], int | float)
    }
    own = numbers.get(prompt_id)
    if own is None:
        return 0
    earlier = sum(number < own for number in numbers.values())
    return earlier + len(_items(answer.get("queue_running")))


def _items(items: object) -> list[list[Any]]:
    found = items if isinstance(items, list) else []
    return [item for item in found if isinstance(item, list) and len(item) > 1]


def read_status(answer: object, prompt_id: str) -> PromptStatus:
    """Where the prompt is, in an answer of ``/queue``.

    Examples:
        >>> read_status({"queue_running": [[0, "p", {}]], "queue_pending": []}, "p")
        <PromptStatus.RUNNING: 'running'>
    """
    answer = answer if isinstance(answer, dict) else {}
    for name, standing in (
        ("queue_running", PromptStatus.RUNNING),
        ("queue_pending", PromptStatus.WAITING),
    ):
        if any(item[1] == prompt_id for item in _items(answer.get(name))):
            return standing
    return PromptStatus.ABSENT
