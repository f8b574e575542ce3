"""What draws for a server whose pictures are drawn by workers: to it, a server with a line."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from limner.closing import Closing
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    BadPicture,
    ContentRefused,
    JobCancelled,
    LimnerError,
    StorageError,
)
from limner.illustration import (
    Endurance,
    Failure,
    Image,
    ImageBackend,
    ImageRequest,
    Price,
    SlotId,
    StoreKeeper,
    Whereabouts,
)
from limner.illustration.capabilities import places_of, prices_of
from limner.illustration.model.image import Purpose
from limner.server.events import EventHub, Notes
from limner.server.orders.request_text import request_text
from limner.storage import Library, OrderState
from limner.tracing import OFF, Carrier, Tracer
from limner.uninterrupted import uninterrupted

log = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds between two looks at what has come of orders, whatever workers say."""

PLACED, CALLED_OFF, NEWS, ENDED = (
    "orders.placed", "orders.called-off", "orders.news", "orders.ended",
)  # fmt: skip
"""What servers and workers tell one another."""

_FAILURES = {
    kind.__name__: kind
    for kind in (
        BackendBusy,
        BackendRejected,
        BackendTimeout,
        BackendUnavailable,
        BadPicture,
        ContentRefused,
    )
}


@dataclass(eq=False, slots=True)
class _Waiting:
    """An order that is waited for."""

    request: ImageRequest
    purpose: Purpose
    end: "asyncio.Future[Image]"
    trace: Carrier
    fraction: float = 0.0


class Elsewhere(Closing):
    """Places orders for pictures with the library's workers, and waits for what comes of them.

    An order whose server dies is waited for by whichever goes on with its work; one that is
    cancelled is called off, which its worker hears at once.

    Args:
        library: Where orders are placed.
        hub: Tells workers, and hears them.
        notes: Where workers show previews.
        drawn_by: What the settings say that draws, for prices and for who may see what; it is
            asked for no picture.
        tracer: Knows what an order is a part of, which goes along with it.
    """

    def __init__(
        self,
        library: Library,
        hub: EventHub,
        notes: Notes,
        *,
        drawn_by: ImageBackend,
        tracer: Tracer = OFF,
    ) -> None:
        self._library = library
        self._tracer = tracer
        self._hub = hub
        self._notes = notes
        self._showing: set[asyncio.Task[None]] = set()
        self._drawn_by = drawn_by
        self._keeper = StoreKeeper(Endurance(timeout=None))
        self._waiting: dict[str, _Waiting] = {}
        self._due: set[str] = set()
        self._rung = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        hub.on_others(NEWS, self._hear)
        hub.on_others(ENDED, self._ring)

    @property
    def places(self) -> frozenset[str]:
        """The servers that workers send to, as far as the settings say."""
        return places_of(self._drawn_by)

    @property
    def prices(self) -> Sequence[Price]:
        """What pictures cost there."""
        return prices_of(self._drawn_by)

    async def generate(self, request: ImageRequest) -> Image:
        """Have a picture drawn by a worker.

        Raises:
            limner.errors.BackendError: It could not be drawn.
            limner.errors.JobCancelled: Nobody waits for it any more.
        """
        purpose = request.purpose
        assert purpose is not None  # noqa: S101 - the illustrator says it of each
        end: asyncio.Future[Image] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(request, purpose, end, self._tracer.here())
        name = ""
        try:
            name = await self._place(waiting)
            self._waiting[name] = waiting
            self._look(name)
            return await asyncio.to_thread(_read, await waiting.end)
        except asyncio.CancelledError:
            if name and not self._hub.closed:  # else another server waits for it
                await uninterrupted(self._call_off(name))
            raise
        finally:
            self._waiting.pop(name, None)

    async def aclose(self) -> None:
        """Look no more. Twice is fine."""
        looking, self._looking = self._looking, None
        tasks = [*self._showing, *([] if looking is None else [looking])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _place(self, waiting: _Waiting) -> str:
        purpose = waiting.purpose
        text = request_text(waiting.request, purpose, waiting.trace)
        slot_id = SlotId(purpose.message_id, purpose.variant, purpose.ordinal)
        name = await self._keeper.keep(
            lambda: self._library.place_order(
                slot_id, purpose.attempt, text, priority=purpose.priority
            )
        )
        if name is None:
            raise JobCancelled("its slot waits for this picture no more")
        self._hub.tell_others(PLACED, {})
        return name

    async def _call_off(self, name: str) -> None:
        try:
            await self._library.call_off(name)
        except StorageError as error:
            log.info("the order %s is not called off: %s", name, error)
        else:
            self._hub.tell_others(CALLED_OFF, {"order": name})

    def _look(self, name: str) -> None:
        self._due.add(name)
        self._rung.set()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._watch(), name="waiting for orders")

    async def _watch(self) -> None:
        """Look at what comes of orders, as soon as a worker says so, and from time to time."""
        while self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._rung.wait()
            self._rung.clear()
            due, self._due = self._due or set(self._waiting), set()
            try:
                states = await self._library.order_states(due)
                for name in due & self._waiting.keys():
                    await self._follow(name, states.get(name))
            except LimnerError as error:
                log.warning("nobody knows what has come of orders: %s", error)

    async def _follow(self, name: str, state: OrderState | None) -> None:
        waiting = self._waiting[name]
        if waiting.end.done():
            return
        if state is None:
            log.warning("the order %s is gone, and is placed again", name)
            try:
                await self._place(waiting)
            except JobCancelled as error:
                waiting.end.set_exception(error)
        elif state.image is not None:
            waiting.end.set_result(state.image)
        elif state.failure is not None:
            waiting.end.set_exception(error_of(state.failure))
        elif not state.taken:
            self._tell(waiting, Whereabouts(drawn=False))

    def _ring(self, said: Mapping[str, Any]) -> None:
        if said["order"] in self._waiting:
            self._look(said["order"])

    def _hear(self, said: Mapping[str, Any]) -> None:
        waiting = self._waiting.get(said["order"])
        if waiting is None or waiting.end.done():
            return
        self._tell(waiting, Whereabouts(drawn=said["drawn"]))
        if said["drawn"] and waiting.request.progress is not None:
            waiting.fraction = said["fraction"]
            waiting.request.progress(waiting.fraction, None)
            if said.get("preview"):
                showing = asyncio.create_task(self._show(said["order"], waiting))
                self._showing.add(showing)
                showing.add_done_callback(self._showing.discard)

    async def _show(self, order: str, waiting: _Waiting) -> None:
        preview = await self._notes.get(preview_name(order))
        if preview is not None and not waiting.end.done() and waiting.request.progress is not None:
            waiting.request.progress(waiting.fraction, preview)

    def _tell(self, waiting: _Waiting, place: Whereabouts) -> None:
        if waiting.request.whereabouts is not None:
            waiting.request.whereabouts(place)


def preview_name(order: str) -> str:
    """Under which name the preview of an order is shown."""
    return f"order:{order}"


def _read(image: Image) -> Image:
    """A kept picture with its bytes, as from any other server."""
    return Image(
        data=image.data,
        media_type=image.media_type,
        width=image.width,
        height=image.height,
        seed=image.seed,
        info=image.info,
    )


def error_of(failure: Failure) -> BackendError:
    """What a worker could not draw, as an error of whoever ordered it.

    Examples:
        >>> error_of(Failure("ContentRefused", "not that"))
        ContentRefused('not that')
        >>> error_of(Failure("OSError", "no more files"))
        BackendError('a worker could not draw it: no more files')
    """
    kind = _FAILURES.get(failure.kind)
    if kind is None:
        return BackendError(f"a worker could not draw it: {failure.reason}")
    return kind(failure.reason)
