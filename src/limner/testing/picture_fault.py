"""What can go wrong at a picture server, as data.

A fake server takes one fault for each drawing, in order; ``None`` is a drawing that goes well.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Busy:
    """429 (or 503): come back later.

    Attributes:
        retry_after: Seconds in ``Retry-After``; ``None``: it does not say.
        status: The status.
    """

    retry_after: float | None = 1.0
    status: int = 429


@dataclass(frozen=True, slots=True)
class ServerError:
    """The server's own failure, in its own shape of error body.

    Attributes:
        status: The status.
        message: What it says.
    """

    status: int = 500
    message: str = "CUDA out of memory"


@dataclass(frozen=True, slots=True)
class Rejected:
    """The server understood and refused.

    Attributes:
        status: The status.
        message: What it says.
    """

    status: int = 422
    message: str = "Sampler not found"


@dataclass(frozen=True, slots=True)
class Refused:
    """The content filter says no, as far as the protocol has a way to say so."""


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer, until the client goes away."""


@dataclass(frozen=True, slots=True)
class Drip:
    """The body comes slowly.

    Attributes:
        size: Bytes in a piece.
        pause: Seconds between two pieces.
    """

    size: int = 16
    pause: float = 0.05


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is reset in the middle of the body."""


@dataclass(frozen=True, slots=True)
class WrongType:
    """A web page, with status 200."""


@dataclass(frozen=True, slots=True)
class EmptyAnswer:
    """A well-formed answer without a picture in it."""


@dataclass(frozen=True, slots=True)
class GarbageBase64:
    """What should be base64 is not; where pictures come as bytes, these are garbage."""


@dataclass(frozen=True, slots=True)
class HugePicture:
    """A picture whose header claims more pixels than anybody has memory for."""


@dataclass(frozen=True, slots=True)
class Sent:
    """These bytes in the place of the picture.

    Attributes:
        data: The bytes.
    """

    data: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """This whole answer, with status 200.

    Attributes:
        data: The body.
        content_type: Its type.
        length: A false ``Content-Length``, if any; the connection is then closed early.
    """

    data: bytes
    content_type: str = "application/json"
    length: int | None = None


Fault: TypeAlias = (
    Busy | ServerError | Rejected | Refused | Hang | Drip | Cut | WrongType | EmptyAnswer
    | GarbageBase64 | HugePicture | Sent | Body
)  # fmt: skip
