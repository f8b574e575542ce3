"""One event as it goes over the wire, and what may be joined before it does. Pure.

The format is that of Server-Sent Events (https://html.spec.whatwg.org/multipage/#server-sent-events):
``id``, ``event`` and one line of JSON as ``data``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

TEXT, REWRITTEN, PROGRESS = "message.text", "message.rewritten", "slot.progress"
BLOCKS = "message.blocks"
QUEUE, PROGRESS_OF_ALL = "queue", "progress"
REPLACED_BY_THE_NEXT = frozenset({PROGRESS_OF_ALL, QUEUE})
"""Kinds of which only the last one of several in a row matters."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class WireEvent:
    r"""One event.

    Attributes:
        id: Its number; later events have higher ones, also after a restart. Where several servers
            have one journal, its id there.
        kind: What it is about, such as ``"message.text"``.
        data: What it says, as JSON values.
        chat: The conversation it belongs to; ``None``: to all, or nobody knows to which.
        frame: Its bytes, made once for all readers, when the first of them is to have it.

    Examples:
        >>> WireEvent(7, "queue", {"running": 1}).frame
        b'id: 7\nevent: queue\ndata: {"running":1}\n\n'
    """

    id: int | str
    kind: str
    data: Mapping[str, Any]
    chat: str | None = None
    _frame: bytes | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def frame(self) -> bytes:
        """Its bytes."""
        if self._frame is None:
            head = str(self.id).encode(), self.kind.encode()
            frame = b"id: %s\nevent: %s\ndata: %s\n\n" % (*head, self.json)
            object.__setattr__(self, "_frame", frame)
            return frame
        return self._frame

    @property
    def json(self) -> bytes:
        """What it says."""
        try:
            return _encode(self.data)
        except UnicodeEncodeError:  # half a character, as models sometimes write
            return _encode(_mended(self.data))

    def is_for(self, chat: str | None) -> bool:
        """Whether somebody who asked for a conversation (``None``: for all) gets it."""
        return chat is None or self.chat is None or self.chat == chat


def coalesced(events: Iterable[WireEvent]) -> list[WireEvent]:
    """The events as few as they can be without saying less.

    Pieces of one answer's text that follow one another become one piece. Of several reports of
    how far something is, the last one stays. A joined event has the id of the last of its parts,
    so that whoever resumes after it misses nothing and gets nothing twice.

    Examples:
        >>> one = WireEvent(1, "message.text", {"message": "m", "variant": 0, "text": "Once "})
        >>> two = WireEvent(2, "message.text", {"message": "m", "variant": 0, "text": "upon"})
        >>> [(event.id, event.data["text"]) for event in coalesced([one, two])]
        [(2, 'Once upon')]
    """
    made: list[WireEvent] = []
    pieces: list[str] = []
    for event in events:
        if not made or not _continues(made[-1], event):
            _close(made, pieces)
            made.append(event)
            continue
        if event.kind == TEXT:
            pieces = pieces or [made[-1].data["text"]]
            pieces.append(event.data["text"])
        made[-1] = event
    _close(made, pieces)
    return made


def _close(made: list[WireEvent], pieces: list[str]) -> None:
    if pieces:
        made[-1] = replace(made[-1], data={**made[-1].data, "text": "".join(pieces)})
        pieces.clear()


def _continues(last: WireEvent, event: WireEvent) -> bool:
    if last.kind != event.kind or last.chat != event.chat:
        return False
    if event.kind == TEXT:
        return _same(last, event, "message", "variant")
    if event.kind == PROGRESS:
        return _same(last, event, "slot_id")
    return event.kind in REPLACED_BY_THE_NEXT and _same(last, event, "message")


def _same(last: WireEvent, event: WireEvent, *names: str) -> bool:
    return all(last.data.get(name) == event.data.get(name) for name in names)


def _mended(value: Any) -> Any:
    """The value with the halves of characters replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_mended(key): _mended(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(inner) for inner in value]
    return value
