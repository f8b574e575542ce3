"""What all sessions and operations of one illustrator share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from limner.illustration.beat import Beat, gathering
from limner.illustration.generation.drawing import Drawing
from limner.illustration.generation.progress_board import ProgressBoard
from limner.illustration.keyed_lock import KeyedLock
from limner.illustration.ports import MessageStore
from limner.illustration.store_keeper import StoreKeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedContext:
    """Store, way to a picture, lines of the messages, and the board where all is counted.

    Attributes:
        store: Where messages are kept.
        keeper: Has things kept there while it fails for a while.
        drawing: The way to a picture.
        lock: Whose turn it is to change a message.
        board: How far all pictures are.
        beat: When text that streams in is handed to the store.
        clock: Gives the current instant, in seconds since the epoch.
    """

    store: MessageStore
    keeper: StoreKeeper
    drawing: Drawing
    lock: KeyedLock
    board: ProgressBoard
    beat: Beat = field(init=False)
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        object.__setattr__(self, "beat", gathering(self.store.pace))
