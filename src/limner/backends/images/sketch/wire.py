"""What the backend and its worker processes say to each other.

Each message is MessagePack after its own length: four bytes, the highest first.
"""

import msgspec

LENGTH = 4
"""Bytes before every message that tell its length."""


class Job(msgspec.Struct, frozen=True, tag=True):
    """Paint this."""

    prompt: str
    width: int
    height: int
    seed: int | None


class Progress(msgspec.Struct, frozen=True, tag=True):
    """So much of the running job is done, 0 to 1."""

    fraction: float


class Painted(msgspec.Struct, frozen=True, tag=True):
    """The finished picture and what is on it."""

    data: bytes
    seed: int
    place: str
    subjects: list[str]


class Fault(msgspec.Struct, frozen=True, tag=True):
    """The job failed, the worker lives on."""

    reason: str


Reply = Progress | Painted | Fault

_DECODER: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def framed(message: msgspec.Struct) -> bytes:
    """The message as bytes, its length before it.

    >>> len(framed(Progress(0.5))) == LENGTH + framed(Progress(0.5))[3]
    True
    """
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(LENGTH, "big") + body


def reply(body: bytes) -> Reply:
    """A worker's message from its bytes.

    Raises:
        msgspec.DecodeError: The bytes are not such a message.
    """
    message: Reply = _DECODER.decode(body)
    return message
