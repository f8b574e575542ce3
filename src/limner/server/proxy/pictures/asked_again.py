"""Pictures that were given up and are asked for again: some of them are drawn after all."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from limner.errors import BudgetExceeded, ContentRefused, JobCancelled, MessageBusy
from limner.illustration import (
    Event,
    Illustrator,
    ImageFailed,
    ImageReady,
    Session,
    Slot,
    SlotId,
    SlotState,
)

PAUSES = (5.0, 60.0, 600.0)
"""Seconds that must lie between a failure and a request for the picture that has it drawn again:
after the first failure, after the second and so on. After the last only a reader's wish helps."""
REMEMBERED = 4096
"""Slots of whose failures is known."""

CANCELLED, REFUSED, BUDGET = JobCancelled.__name__, ContentRefused.__name__, BudgetExceeded.__name__


@dataclass(slots=True)
class _Failures:
    tries: int = 0
    last: float | None = None


class AskedAgain:
    """Decides which pictures are drawn because somebody asks for their address.

    What was cancelled is drawn at once. What failed is tried again, but not by a page that loads
    it over and over: later each time, and a few times in all. What a content filter refused is
    not: the prompt would be the same.

    Args:
        illustrator: Draws.
        allowed: Tells whether that may be, at this moment.
        pauses: See `PAUSES`.
    """

    def __init__(
        self,
        illustrator: Illustrator,
        *,
        allowed: Callable[[], bool] = lambda: True,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._illustrator = illustrator
        self._allowed = allowed
        self._pauses = tuple(pauses)
        self._known: OrderedDict[SlotId, _Failures] = OrderedDict()
        self._closed = False
        self._unsubscribe = illustrator.on_event(self._happened, ImageReady, ImageFailed)

    def close(self) -> None:
        """Have nothing drawn any more. Twice is fine."""
        self._closed = True
        self._unsubscribe()

    async def asked(self, slot: Slot) -> bool:
        """Somebody wants the picture of a slot that has none; tells whether it is drawn now.

        Raises:
            limner.errors.StorageError: The slot cannot be read or written.
        """
        if not self._wanted(slot):
            return False
        sessions = self._illustrator.sessions
        while not self._closed:
            try:
                handle = await self._illustrator.operations.request_again(slot.id)
            except MessageBusy:
                # The rest of its message is still written or drawn.
                writer = sessions.current(slot.id.message_id, slot.id.variant)
                await (asyncio.sleep(0) if writer is None else writer.wait())
                continue
            except LookupError:
                return False
            return not handle.done
        return False

    def _wanted(self, slot: Slot) -> bool:
        failure = slot.failure
        if slot.state is not SlotState.FAILED or failure is None:
            return False
        if self._closed or not self._allowed() or failure.kind == REFUSED:
            return False
        if failure.kind == CANCELLED:
            return True
        known = self._of(slot.id)
        if known.tries >= len(self._pauses):
            return False
        if known.last is not None and self._now() < known.last + self._pauses[known.tries]:
            return False
        if failure.kind != BUDGET:  # what is not begun is no try
            known.tries += 1
        known.last = self._now()
        return True

    def _of(self, slot_id: SlotId) -> _Failures:
        known = self._known.setdefault(slot_id, _Failures())
        self._known.move_to_end(slot_id)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known

    def _happened(self, _: Session, event: Event) -> None:
        if isinstance(event, ImageReady):
            self._known.pop(event.slot.id, None)
        elif isinstance(event, ImageFailed) and not isinstance(event.error, JobCancelled):
            self._of(event.slot.id).last = self._now()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
