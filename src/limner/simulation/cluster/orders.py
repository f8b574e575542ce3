"""What is to be drawn, in one order: given to one worker at a time each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from random import Random
from typing import Protocol

from limner.simulation.picture import Outcome, Picture
from limner.simulation.under_way import Drawing


class Taker(Protocol):
    """Who takes orders."""

    @property
    def room(self) -> int:
        """How many more."""
        ...

    def take(self, order: Order) -> None:
        """Take one."""
        ...


class Order:
    """A picture that a replica wants.

    Attributes:
        drawing: It.
        placed: Whether workers know of it.
        ended: Set when it is drawn, or will not be.
    """

    __slots__ = ("_record", "drawing", "ended", "placed")

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.placed = False
        self.ended = asyncio.Event()
        self._record: Picture | None = None

    def end(self, at: float, outcome: Outcome) -> None:
        """End it."""
        self._record = self.drawing.picture(at, outcome)
        self.ended.set()

    def record(self) -> Picture:
        """What has become of it, once it has ended."""
        if self._record is None:
            raise AssertionError("it has not ended")
        return self._record


class Orders:
    """Those that no worker has, and the workers that have room.

    Args:
        chance: Says who is the quickest when several could take one.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._waiting: deque[Order] = deque()
        self._roomy: list[Taker] = []

    def place(self, order: Order) -> None:
        """Have an order drawn; once is enough."""
        if not order.placed:
            order.placed = True
            self._waiting.append(order)
            self._give()

    def place_again(self, orders: Iterable[Order]) -> None:
        """Have those drawn first that a dead worker had."""
        self._waiting.extendleft(reversed(list(orders)))
        self._give()

    def has_room(self, worker: Taker) -> None:
        """A worker can take more."""
        self._roomy.append(worker)
        self._give()

    def _give(self) -> None:
        while self._waiting and self._roomy:
            at = self._chance.randrange(len(self._roomy))
            worker = self._roomy[at]
            if worker.room:
                worker.take(self._waiting.popleft())
            if not worker.room:
                self._roomy[at] = self._roomy[-1]
                self._roomy.pop()
