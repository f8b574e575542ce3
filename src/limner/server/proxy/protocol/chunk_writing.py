"""Writing chunks: the event of a server with other text in it, and small ones of our own.

Our own have the keys ``id``, ``object``, ``created``, ``model`` and ``choices`` and no others:
front-ends take a top-level ``message``, ``error``, ``type`` or ``event`` for something else.
"""

import json
from collections.abc import Mapping

import msgspec

Fields = dict[str, msgspec.Raw]

_ORDINARY = frozenset(
    {"id", "object", "created", "model", "choices", "system_fingerprint", "service_tier"}
    | {"obfuscation", "provider"}
)
"""Keys of a chunk that tell nothing by themselves."""

_fields = msgspec.json.Decoder(Fields)
_list = msgspec.json.Decoder(list[Fields])
_parts = msgspec.json.Decoder(list[msgspec.Raw])
_part = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encode = msgspec.json.Encoder().encode


def json_text(text: str) -> msgspec.Raw:
    """A text as JSON; halves of characters, which no UTF-8 can hold, as their escapes."""
    try:
        return msgspec.Raw(_encode(text))
    except UnicodeEncodeError:
        return msgspec.Raw(json.dumps(text).encode())


def read_fields(data: bytes) -> Fields:
    """The fields of a chunk; where it holds halves of characters, without these."""
    try:
        return _fields.decode(data)
    except msgspec.DecodeError:
        whole = json.dumps(json.loads(data), ensure_ascii=False)
        return _fields.decode(whole.encode("utf-8", "replace"))


def line_end(raw: bytes) -> bytes:
    r"""What ends the lines of an event.

    Examples:
        >>> line_end(b"data: {}\r\n\r\n"), line_end(b"data: {}")
        (b'\r\n', b'\n')
    """
    for end in (b"\r\n", b"\n", b"\r"):
        if raw.endswith(end):
            return end
    return b"\n"


def event(data: bytes, end: bytes = b"\n") -> bytes:
    """One event with this data."""
    return b"data: " + data + end + end


def identity(origin: bytes | None, kind: str) -> dict[str, object]:
    """The fields that tell which answer an event belongs to, as another one of it has them."""
    known = read_fields(origin) if origin is not None else {}
    made: dict[str, object] = {"id": known["id"]} if "id" in known else {}
    made["object"] = kind
    return made | {name: known[name] for name in ("created", "model") if name in known}


def small_chunk(origin: bytes | None, index: int, text: str, end: bytes = b"\n") -> bytes:
    r"""An event that adds a text to one choice and says nothing else.

    Args:
        origin: The data of a chunk of the same answer, whose identity it takes.
        index: Which choice.
        text: The text.
        end: The line end.

    Examples:
        >>> chunk = small_chunk(b'{"id": "c-1", "created": 7, "usage": null}', 0, "Hi")
        >>> chunk[:62]
        b'data: {"id":"c-1","object":"chat.completion.chunk","created":7'
        >>> chunk[62:]
        b',"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n'
    """
    chunk: dict[str, object] = identity(origin, "chat.completion.chunk")
    chunk["choices"] = [
        {"index": index, "delta": {"content": json_text(text)}, "finish_reason": None}
    ]
    return event(_encode(chunk), end)


def as_chunk(completion: bytes) -> bytes:
    """A completion that came whole, as a chunk that says all of it.

    Examples:
        >>> as_chunk(b'{"object":"chat.completion","choices":[{"message":{"content":"Hi"}}]}')
        b'{"object":"chat.completion.chunk","choices":[{"delta":{"content":"Hi"}}]}'
    """
    fields = read_fields(completion)
    choices = [_as_delta(one) for one in _list.decode(fields.get("choices", b"[]"))]
    told = {"object": "chat.completion.chunk", "choices": choices}
    return _encode({name: told.get(name, value) for name, value in fields.items()})


def _as_delta(choice: Fields) -> Fields:
    """A choice with its message as what it adds, in which calls of tools have numbers."""
    made = {"delta" if name == "message" else name: value for name, value in choice.items()}
    delta = _fields.decode(made.get("delta", b"{}"))
    if "tool_calls" in delta and not _is_empty(delta["tool_calls"]):
        calls = enumerate(_list.decode(delta["tool_calls"]))
        numbered = [{"index": index, **call} for index, call in calls]
        made["delta"] = msgspec.Raw(_encode({**delta, "tool_calls": numbered}))
    return made


def with_texts(data: bytes, texts: Mapping[int, str]) -> tuple[bytes, bool]:
    """A chunk with other texts in some of its choices, and everything else as it was.

    Args:
        data: The chunk.
        texts: The new text by position in the list of choices.

    Returns:
        The chunk, and whether it still says anything besides who speaks.

    Examples:
        >>> with_texts(b'{"x": 1e400, "choices": [{"delta": {"content": "a <"}}]}', {0: "a "})
        (b'{"x":1e400,"choices":[{"delta":{"content":"a "}}]}', True)
        >>> with_texts(b'{"choices": [{"index": 0, "delta": {"content": "<"}}]}', {0: ""})[1]
        False
    """
    chunk = read_fields(data)
    choices = _list.decode(chunk["choices"])
    says = any(name not in _ORDINARY and not _is_empty(value) for name, value in chunk.items())
    for position, choice in enumerate(choices):
        text = texts.get(position)
        if text is None:
            says = True
            continue
        delta = _fields.decode(choice.get("delta", b"{}"))
        if "content" in delta:
            delta["content"] = _content(delta["content"], text)
        says = says or bool(text) or not set(delta) <= {"content", "role"}
        says = says or not _is_empty(choice.get("finish_reason", msgspec.Raw(b"null")))
        if delta:
            choice["delta"] = msgspec.Raw(_encode(delta))
    chunk["choices"] = msgspec.Raw(_encode(choices))
    return _encode(chunk), says


def _is_empty(value: msgspec.Raw) -> bool:
    return bytes(value) in (b"null", b'""')


def _content(content: msgspec.Raw, text: str) -> msgspec.Raw:
    """The content with this text: in the first part of text, where there are parts."""
    if not bytes(content).lstrip().startswith(b"["):
        return json_text(text)
    made: list[object] = []
    placed = False
    for raw in _parts.decode(content):
        part = _part.decode(raw)
        if bytes(part.get("type", b"")) != b'"text"':
            made.append(raw)
        elif not placed:
            placed = True
            made.append(part | {"text": json_text(text)})
    return msgspec.Raw(_encode(made))
