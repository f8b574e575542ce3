"""Who draws what servers order: takes orders, draws each in its turn, delivers the pictures."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from limner.errors import LimnerError, StorageError
from limner.illustration import Endurance, Failure, Image, SlotId, StoreKeeper, Whereabouts
from limner.illustration.generation.easel.draw_context import DrawContext
from limner.illustration.generation.easel.easel import Easel
from limner.illustration.generation.easel.picture_spans import PictureSpan, PictureSpans
from limner.illustration.generation.single_flight import Flight
from limner.scheduling import Limiter
from limner.server.events import EventHub, Notes
from limner.server.orders.elsewhere import CALLED_OFF, ENDED, PLACED
from limner.server.orders.errands import Errands
from limner.server.orders.news import News
from limner.server.orders.order_spans import OrderSpans
from limner.server.orders.request_text import Asked, asked_of
from limner.storage import Library, Order

log = logging.getLogger(__name__)

TTL = 5.0
"""Seconds after which an order is another's whose worker was not heard."""
BEAT = 1.0
"""Seconds between two times that a worker is heard."""
LOOK = 1.0
"""Seconds between two looks for orders, whatever servers say."""
TIDY = 600.0
"""Seconds between two clean-ups, and after which an order that belongs to no slot is old."""


class Worker:
    """Draws orders, so many at the same time at most, until it is asked to stop.

    It takes an order and waits for its turn in the limits that all workers share: so they start in
    one order, owners take turns, and no start is spent on an order that another has taken. What
    others have gone on with, or nobody wants any more, it stops.

    Args:
        library: Where orders are.
        hub: Tells servers, and hears them.
        notes: Where previews are shown, and what is left for whoever goes on after a death.
        easel: Draws.
        width: How many orders it has at the same time, drawn or waiting for their turn.
        unplaced: Says what is to be drawn where no server came to; ``None``: only a server can.
        spans: Tells of each picture; by default nobody is told.
    """

    def __init__(
        self,
        library: Library,
        hub: EventHub,
        notes: Notes,
        easel: Easel,
        *,
        width: int,
        unplaced: Callable[[Order], Awaitable[Asked | None]],
        spans: PictureSpans | None = None,
    ) -> None:
        self._library = library
        self._hub = hub
        self._notes = notes
        self._errands = Errands(notes)
        self._easel = easel
        self._width = width
        self._unplaced = unplaced
        self._me = uuid.uuid4()
        self._spans = None if spans is None else OrderSpans(spans, notes, str(self._me))
        self._keeper = StoreKeeper(Endurance(timeout=None))
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._orders: dict[str, int] = {}
        self._rung = asyncio.Event()
        hub.on_others(PLACED, lambda _: self._rung.set())
        hub.on_others(CALLED_OFF, self._called_off)

    @property
    def limiter(self) -> Limiter:
        """In which all that it draws has its turn."""
        return self._easel.limiter

    @property
    def drawing(self) -> int:
        """How many orders it has."""
        return len(self._tasks)

    async def work(self, stop: asyncio.Event, *, grace: float) -> None:
        """Draw until it is to stop; what is not done after some seconds more, others draw."""
        upkeep = [
            asyncio.create_task(self._beat(), name="beat"),
            asyncio.create_task(self._tidy(), name="tidying orders"),
        ]
        taking = asyncio.create_task(self._take_orders(), name="taking orders")
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([taking, stopping], return_when=asyncio.FIRST_COMPLETED)
            taking.cancel()
            await asyncio.wait([taking])
            await self._drain(grace)
        finally:
            for task in (*upkeep, taking, stopping, *self._tasks.values()):
                task.cancel()
            await asyncio.wait([*upkeep, taking, stopping])
        if not taking.cancelled():
            taking.result()

    async def _take_orders(self) -> None:
        while True:
            self._rung.clear()
            took = 0
            if free := self._width - len(self._tasks):
                try:
                    took = await self._take(free)
                except StorageError as error:
                    log.warning("no orders can be taken: %s", error)
            if not took:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await self._rung.wait()

    async def _take(self, most: int) -> int:
        found = await self._library.take_orders(self._me, most, ttl=TTL)
        for order in found:
            task = asyncio.create_task(self._work_at(order), name=f"order {order.id}")
            self._tasks[order.job], self._orders[order.id] = task, order.job
            task.add_done_callback(partial(self._done, order))
        return len(found)

    def _done(self, order: Order, task: "asyncio.Task[None]") -> None:
        if self._tasks.get(order.job) is task:
            del self._tasks[order.job]
        if self._orders.get(order.id) == order.job:
            del self._orders[order.id]
        self._rung.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the order %s is not ended: %s", order.id, error, exc_info=error)

    async def _work_at(self, order: Order) -> None:
        asked = await self._asked(order)
        if asked is None:
            await self._library.leave_orders(self._me, [order.job], early=True)
            return
        if self._spans is None:
            await self._to_its_end(order, asked)
            return
        async with self._spans.order(order, asked) as span:
            await self._to_its_end(order, asked, span)

    async def _to_its_end(
        self, order: Order, asked: Asked, span: PictureSpan | None = None
    ) -> None:
        image, failure = await self._drawn(order, asked, span)
        with nullcontext() if span is None else span.keeping():
            ended = await self._keeper.keep(partial(self._keep, order, image, failure))
        if span is not None:
            span.delivered(ended, failure.kind if failure else None)
        if ended:
            log.info("%s: %s", order.slot or order.id, failure.reason if failure else "drawn")
            self._hub.tell_others(ENDED, {"order": order.id})
            await self._errands.ended(order.id)
        else:
            log.info("the order %s is another's by now", order.id)

    async def _drawn(
        self, order: Order, asked: Asked, span: PictureSpan | None
    ) -> tuple[Image | None, Failure | None]:
        slot_id = order.slot or SlotId(order.id, 0, 0)
        flight, context = Flight(), DrawContext(owner=asked.owner, priority=asked.priority)
        news = News(self._hub, self._notes, order.id)
        watcher = news.watcher()
        flight.join(watcher if span is None else span.beside(watcher))
        request = replace(
            asked.request,
            progress=flight.progress,
            whereabouts=_nowhere,
            errand=await self._errands.errand(order.id, asked.request),
        )
        try:
            return await self._easel.draw(slot_id, request, context, flight), None
        except LimnerError as error:
            return None, Failure(type(error).__name__, str(error))
        except Exception as error:
            log.exception("the order %s cannot be drawn", order.id)
            return None, Failure(type(error).__name__, str(error))
        finally:
            news.end()

    async def _asked(self, order: Order) -> Asked | None:
        if order.request is not None:
            return asked_of(order.request)
        return await self._keeper.keep(lambda: self._unplaced(order))

    async def _keep(self, order: Order, image: Image | None, failure: Failure | None) -> bool:
        if image is not None:
            return await self._library.deliver(self._me, order, image)
        assert failure is not None  # noqa: S101 - one of the two
        return await self._library.fail_order(self._me, order, failure)

    def _called_off(self, said: Mapping[str, Any]) -> None:
        job = self._orders.get(said["order"])
        if job is not None and job in self._tasks:
            self._tasks[job].cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            mine = dict(self._tasks)
            if not mine:
                continue
            try:
                kept = await self._library.keep_orders(self._me, mine)
            except LimnerError as error:
                log.warning("nobody hears that this worker is there: %s", error)
                continue
            for job in mine.keys() - kept:
                if not mine[job].done():
                    log.info("%s is another's, or nobody wants it", mine[job].get_name())
                    mine[job].cancel()

    async def _tidy(self) -> None:
        while True:
            try:
                await self._library.tidy_orders(older_than=TIDY)
            except LimnerError as error:
                log.info("old orders stay for now: %s", error)
            await asyncio.sleep(TIDY)

    async def _drain(self, grace: float) -> None:
        """Finish what is begun, as far as there is time; the rest is the others'."""
        tasks = dict(self._tasks)
        log.info("stopping: %d pictures get up to %g s", len(tasks), grace)
        if tasks:
            await asyncio.wait(tasks.values(), timeout=grace)
        left = [task for task in tasks.values() if not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        with suppress(StorageError):  # then they are taken from a worker that is not heard
            await self._library.leave_orders(self._me)
        self._hub.tell_others(PLACED, {})


def _nowhere(place: Whereabouts) -> None:
    """Where a picture is at its server stays the worker's business."""
