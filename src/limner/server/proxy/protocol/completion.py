"""A whole chat completion, not streamed, with pictures in the place of its tags."""

from collections.abc import Sequence
from typing import Any

import msgspec

from limner.server.proxy.mode import Mode
from limner.server.proxy.pictures.picture_sink import AnswerState, PictureSink, PictureTicket
from limner.server.proxy.protocol.choice_text import ChoiceText, Placed

Fields = dict[str, msgspec.Raw]

_fields = msgspec.json.Decoder(Fields)
_list = msgspec.json.Decoder(list[Fields])
_encode = msgspec.json.Encoder().encode


def rewrite_completion(
    body: bytes,
    sink: PictureSink,
    *,
    mode: Mode = Mode.INLINE,
) -> tuple[bytes, list[PictureTicket]]:
    """The answer with pictures; as it came, to the byte, if no tag stands in it.

    Args:
        body: The answer.
        sink: Takes the pictures.
        mode: Where pictures go; `Mode.HOLD` is for the caller to wait.

    Returns:
        The body to send, and the pictures in it.
    """
    try:
        answer = _fields.decode(body)
        choices = _list.decode(answer["choices"])
    except (KeyError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body, []
    tickets: list[PictureTicket] = []
    changed = False
    for position, choice in enumerate(choices):
        writer = _Writer(_index(choice, position), sink, mode)
        _rewrite_choice(choice, writer)
        tickets += writer.tickets
        changed = changed or writer.changed
    if not changed:
        return body, []
    answer["choices"] = msgspec.Raw(_encode(choices))
    return _encode(answer), tickets


class _Writer:
    """Rewrites the text of one choice, which may come in several parts."""

    def __init__(self, index: int, sink: PictureSink, mode: Mode) -> None:
        self.tickets: list[PictureTicket] = []
        self._append = mode is Mode.APPEND
        self._choice = ChoiceText(index, sink, in_place=not self._append)
        self.changed = False

    def write(self, parts: Sequence[str]) -> list[str]:
        """The parts with pictures."""
        starts = []
        for part in parts:
            starts.append(self._choice.fed)
            self._choice.feed(part)
        self._choice.finish(AnswerState.COMPLETE)
        made = []
        for part, start in zip(parts, starts, strict=True):
            pieces = self._choice.segments(part, start, start + len(part))
            placed = [piece for piece in pieces if isinstance(piece, Placed)]
            self.tickets += [piece.ticket for piece in placed]
            if self._append:
                self._choice.waiting += placed
                made.append("".join(p if isinstance(p, str) else p.kept for p in pieces))
            else:
                made.append("".join(p if isinstance(p, str) else p.kept + p.text for p in pieces))
        if made:
            made[-1] += "".join(placed.text for placed in self._choice.waiting)
        self.changed = made != list(parts)
        return made


def _rewrite_choice(choice: Fields, writer: _Writer) -> None:
    try:
        message = _fields.decode(choice["message"])
        content = msgspec.json.decode(message["content"])
    except (KeyError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    if isinstance(content, str):
        made: Any = writer.write([content])[0]
    elif isinstance(content, list):
        made = _with_parts(content, writer)
    else:
        return
    if writer.changed:
        message["content"] = msgspec.Raw(_encode(made))
        choice["message"] = msgspec.Raw(_encode(message))


def _with_parts(content: list[Any], writer: _Writer) -> list[Any]:
    at = [
        i
        for i, part in enumerate(content)
        if isinstance(part, dict)
        and part.get("type") == "text"
        and isinstance(part.get("text"), str)
    ]
    texts = writer.write([content[i]["text"] for i in at])
    made = list(content)
    for i, text in zip(at, texts, strict=True):
        made[i] = {**content[i], "text": text}
    return made


def _index(choice: Fields, position: int) -> int:
    try:
        index = msgspec.json.decode(choice["index"])
    except (KeyError, msgspec.DecodeError):
        return position
    return index if type(index) is int else position
