"""ComfyUI's websocket frames, read leniently: pure.

Source: the frames of ComfyUI 0.3.64, and ``protocol.py`` and ``server.py`` in its repository.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

FEATURES = msgspec.json.encode(
    {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
).decode()
"""The first frame to send: what we understand."""

PREVIEW, PREVIEW_WITH_METADATA = 1, 4
LARGEST_METADATA = 1 << 20


@dataclass(frozen=True, slots=True)
class TextFrame:
    """A text frame.

    Attributes:
        kind: ``executing``, ``progress``, …
        prompt_id: Which prompt it is about, if it says so.
        data: What it tells.
    """

    kind: str
    prompt_id: str | None
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PictureFrame:
    """A binary frame with a picture: a preview, or what `SaveImageWebsocket` made.

    Attributes:
        prompt_id: Which prompt it is from, if it says so.
        data: The picture's bytes.
    """

    prompt_id: str | None
    data: bytes = field(repr=False)


def read_text_frame(text: str) -> TextFrame | None:
    """A text frame; ``None`` if it is none.

    Examples:
        >>> read_text_frame('{"type": "executing", "data": {"node": null, "prompt_id": "p"}}')
        TextFrame(kind='executing', prompt_id='p')
        >>> read_text_frame("[1]") is None
        True
    """
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    kind, data = value.get("type"), value.get("data")
    if not isinstance(kind, str):
        return None
    data = data if isinstance(data, dict) else {}
    prompt_id = data.get("prompt_id")
    return TextFrame(kind, prompt_id if isinstance(prompt_id, str) else None, data)


def read_picture_frame(frame: bytes) -> PictureFrame | None:
    r"""A binary frame; ``None`` if it holds no picture.

    Examples:
        >>> read_picture_frame(b"\0\0\0\1" b"\0\0\0\2" b"PNG").data
        b'PNG'
        >>> read_picture_frame(b"\0\0\0\3" b"\0\0\0\1" b"7text") is None
        True
    """
    if len(frame) < 8:
        return None
    kind, second = struct.unpack(">II", frame[:8])
    if kind == PREVIEW:
        return PictureFrame(None, frame[8:])
    if kind == PREVIEW_WITH_METADATA and second <= min(LARGEST_METADATA, len(frame) - 8):
        try:
            metadata = msgspec.json.decode(frame[8 : 8 + second])
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None
        prompt_id = metadata.get("prompt_id") if isinstance(metadata, dict) else None
        return PictureFrame(prompt_id if isinstance(prompt_id, str) else None, frame[8 + second :])
    return None
