"""How far every picture is that somebody watches, looked at once a second and only if need be."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Self, TypeVar

from limner.illustration import (
    Event,
    Illustrator,
    ImageFailed,
    ImageProgress,
    ImageReady,
    ImageStarted,
    Session,
    Slot,
    SlotId,
    SlotState,
)
from limner.illustration.generation.waiting import waiting_for
from limner.scheduling import JobEvent, JobState, Paused, Resumed
from limner.server.events import PreviewBox
from limner.server.proxy.live.stage import RETRIED, WAITING, Stage, drawing, queued

T = TypeVar("T")

EVERY = 1.0
"""Seconds between two looks; a picture changes what it shows no more often."""
SOON = 0.05
"""Seconds after a change in which others may come that are seen by the same look."""
UNTOLD = 5.0
"""Seconds between two looks where a picture is drawn whose server tells nothing."""
KEPT_ALIVE = 20.0
"""Seconds after which what has not changed is shown again: what stands between gives up silent
answers, nginx after 60 s. Whose turn comes in the second half of them is shown it with others."""
MOST = 1024
"""Drawings that are remembered, and failures."""


class Watch:
    """One who watches a picture; a context. It is small, since hundreds may watch.

    Attributes:
        slot_id: Of which slot the picture is.
        stage: How far it is.
        told_at: When that was to be shown, in the loop's seconds.
    """

    __slots__ = ("_changed", "_others", "_waiter", "slot_id", "stage", "told_at")

    def __init__(
        self, slot_id: SlotId, stage: Stage, told_at: float, others: "dict[SlotId, list[Watch]]"
    ) -> None:
        self.slot_id = slot_id
        self.stage = stage
        self.told_at = told_at
        self._others = others
        self._changed = False
        self._waiter: asyncio.Future[None] | None = None

    def __enter__(self) -> Self:
        self._others.setdefault(self.slot_id, []).append(self)
        return self

    def __exit__(self, *error: object) -> None:
        same = self._others[self.slot_id]
        same.remove(self)
        if not same:
            del self._others[self.slot_id]

    def tell(self, stage: Stage, at: float) -> None:
        """It is so far now: show that."""
        self.stage, self.told_at = stage, at
        self.wake()

    def wake(self, _: object = None) -> None:
        """There may be something to see."""
        self._changed = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def woken(self) -> None:
        """Wait until there may be something to see."""
        if not self._changed:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        self._changed = False


@dataclass(slots=True)
class _Drawing:
    """A picture that is being drawn."""

    begun_at: float
    fraction: float | None = None


class LiveBoard:
    """Knows how far pictures are, and wakes those who watch them.

    As long as nobody watches or nothing changes it does nothing.

    Args:
        illustrator: Draws them.
        every: Seconds between two looks.
    """

    def __init__(self, illustrator: Illustrator, *, every: float = EVERY) -> None:
        self._illustrator = illustrator
        self._every = every
        self._watched: dict[SlotId, list[Watch]] = {}
        self._drawing: OrderedDict[SlotId, _Drawing] = OrderedDict()
        self._failed: OrderedDict[SlotId, Slot] = OrderedDict()
        self._previews = PreviewBox()
        self._timer: asyncio.TimerHandle | None = None
        self._looked_at = 0.0
        limiter = illustrator.limiter
        self._unsubscribe: list[Callable[[], None]] = [
            illustrator.on_event(
                self._happened, ImageStarted, ImageProgress, ImageReady, ImageFailed
            ),
            limiter.on(JobEvent, lambda _: self._look_soon()),
            limiter.on(Paused, lambda _: self._look_soon()),
            limiter.on(Resumed, lambda _: self._look_soon()),
        ]

    def close(self) -> None:
        """Follow nothing any more. Twice is fine."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def watch(self, slot_id: SlotId) -> Watch:
        """Watch the picture of a slot for the time of a block."""
        now = asyncio.get_running_loop().time()
        made = Watch(slot_id, self._seen({slot_id})[slot_id], now, self._watched)
        self._look_soon(first=True)
        return made

    def size_of(self, slot: Slot | None) -> tuple[int, int]:
        """How large the picture of a slot is to be; without one, as large as most."""
        return self._illustrator.size_of({} if slot is None else slot.tag.attributes)

    def newest(self, slot: Slot) -> Slot:
        """A slot as it was told last, where that is not kept yet: that it has failed."""
        is_pending = slot.state in (SlotState.QUEUED, SlotState.DRAWING) or slot.pending
        return self._failed.get(slot.id, slot) if is_pending else slot

    def _happened(self, session: Session, event: Event) -> None:
        match event:
            case ImageStarted(slot):
                self._known(slot.id)
            case ImageProgress(slot, fraction, preview):
                self._known(slot.id).fraction = fraction
                if preview:
                    self._previews.put(str(slot.id), preview)
            case ImageReady(slot) | ImageFailed(slot):
                self._drawing.pop(slot.id, None)
                self._previews.drop(str(slot.id))
                if isinstance(event, ImageFailed):
                    self._failed[slot.id] = slot
                    _bound(self._failed)
            case _:
                return
        self._look_soon()

    def _known(self, slot_id: SlotId) -> _Drawing:
        known = self._drawing.get(slot_id)
        if known is None:
            known = self._drawing[slot_id] = _Drawing(asyncio.get_running_loop().time())
            self._failed.pop(slot_id, None)
            _bound(self._drawing)
        return known

    def _look_soon(self, *, first: bool = False) -> None:
        if not (first or self._watched) or not self._unsubscribe:
            return
        loop = asyncio.get_running_loop()
        at = max(self._looked_at + self._every, loop.time() + SOON)
        if self._timer is not None:
            if self._timer.when() <= at:
                return
            self._timer.cancel()
        self._timer = loop.call_at(at, self._look)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = self._looked_at = loop.time()
        self._timer, again = None, now + KEPT_ALIVE
        for slot_id, stage in self._seen(self._watched.keys()).items():
            if slot_id in self._drawing and stage.percent is None:
                again = min(again, now + UNTOLD)
            for watch in self._watched[slot_id]:
                told = now - watch.told_at
                if told > self._every - SOON if watch.stage != stage else told > KEPT_ALIVE / 2:
                    watch.tell(stage, now)
                elif watch.stage != stage:
                    again = min(again, watch.told_at + self._every)
        if self._watched:
            self._timer = loop.call_at(max(again, now + SOON), self._look)

    def _seen(self, wanted: Collection[SlotId]) -> dict[SlotId, Stage]:
        """How far these pictures are."""
        limiter, slot_of = self._illustrator.limiter, self._illustrator.slot_of
        places = {job.id: place for place, job in enumerate(limiter.in_turn())}
        wait = waiting_for(limiter)
        words = "" if wait is None else wait.words
        found: dict[SlotId, Stage] = {}
        for job in limiter.jobs():
            slot_id = slot_of(job.id)
            if slot_id is None or slot_id not in wanted:
                continue
            if job.state is not JobState.QUEUED:
                found[slot_id] = self._drawn(slot_id)
            elif (place := places.get(job.id)) is not None:
                found.setdefault(slot_id, queued(place, words))
            else:
                found.setdefault(slot_id, Stage(words=RETRIED, detail=words))
        for slot_id in wanted:
            if slot_id not in found:
                found[slot_id] = self._drawn(slot_id) if slot_id in self._drawing else WAITING
        return found

    def _drawn(self, slot_id: SlotId) -> Stage:
        known = self._drawing.get(slot_id)
        if known is None:
            return drawing()
        return drawing(
            fraction=known.fraction,
            seconds=asyncio.get_running_loop().time() - known.begun_at,
            preview=self._previews.get(str(slot_id)),
        )


def _bound(known: "OrderedDict[SlotId, T]") -> None:
    """Forget the oldest of too many."""
    while len(known) > MOST:
        known.popitem(last=False)
