"""What can go wrong with a prompt at a fake ComfyUI, beside the faults of every picture server."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class SocketDrop:
    """The client's websocket breaks without a close frame; the prompt goes on.

    Attributes:
        after: Frames of this prompt after which it breaks; 0: before the first.
    """

    after: int = 0


@dataclass(frozen=True, slots=True)
class Restart:
    """The server ends and starts again: sockets break, queue, history and cache are empty.

    Attributes:
        after: Frames of this prompt after which it happens.
    """

    after: int = 3


@dataclass(frozen=True, slots=True)
class SomebodyInterrupts:
    """Another user presses the button that stops what runs."""


@dataclass(frozen=True, slots=True)
class SomebodyDeletes:
    """Another user takes the prompt out of the queue before it runs: no frame, no history."""


@dataclass(frozen=True, slots=True)
class SomebodyClears:
    """Another user clears the history as soon as the prompt has ended."""


@dataclass(frozen=True, slots=True)
class NodeFails:
    """A node raises while it runs.

    Attributes:
        message: What it raises with.
    """

    message: str = "Allocation on device 0 would exceed allowed memory.\n"


@dataclass(frozen=True, slots=True)
class BranchDropped:
    """The picture's branch is not valid: 200, with the reason only in ``node_errors``."""


@dataclass(frozen=True, slots=True)
class FileGone:
    """The picture's file is deleted before it is asked for."""


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """The frames of the prompt come before the answer of the POST; it comes at its end."""


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """The prompt is taken, but the connection breaks before the answer."""


@dataclass(frozen=True, slots=True)
class NoEndFrame:
    """The frame that says that the prompt has ended never comes."""


Mishap: TypeAlias = (
    SocketDrop | Restart | SomebodyInterrupts | SomebodyDeletes | SomebodyClears | NodeFails
    | BranchDropped | FileGone | LateAnswer | LostAnswer | NoEndFrame
)  # fmt: skip
