"""Pictures that workers draw: placed in the transaction that keeps their slots, taken, delivered.

An order belongs to one drawing of a slot and ends with it: when the slot is kept with the picture,
without the drawing, or goes. Its job is PgQueuer's (`limner.storage.database.order_queue`). Who has
a job when the picture is there delivers it, in one transaction with the job's end; so of several
workers that have drawn it one does.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from limner.illustration import Failure, Image, SlotId
from limner.storage.database.ordering import UNPLACED, order_name
from limner.storage.database.statement import Statement
from limner.storage.database.tables import (
    answers,
    images,
    jobs,
    messages,
    orders,
    processes,
    slots,
)
from limner.storage.database.tables import work as work_
from limner.storage.files.stored_image import StoredImage
from limner.storage.repositories.presence import NOW
from limner.storage.repositories.reading import image_of
from limner.storage.repositories.records import Order, OrderState
from limner.storage.repositories.repository import Repository
from limner.storage.repositories.writing import note_images

if TYPE_CHECKING:  # it needs an extra
    from limner.storage.database.order_queue import OrderQueue

_SLOT = Statement(
    select(slots.c.key)
    .join(answers, slots.c.answer_key == answers.c.key)
    .join(messages, answers.c.message_key == messages.c.key)
    .where(messages.c.id == bindparam("message"))
    .where(answers.c.variant == bindparam("number"))
    .where(slots.c.ordinal == bindparam("ordinal"))
    .with_for_update(read=True, of=slots)  # whoever keeps the slot with the picture has to wait
)
_WAITS = Statement(
    select(jobs.c.attempt)
    .where(jobs.c.slot_key == bindparam("slot"))
    .where(jobs.c.attempt == bindparam("attempt"))
)
_STATES = (
    select(orders, images.c.size)
    .outerjoin(
        images,
        (orders.c.digest == images.c.digest) & (orders.c.media_type == images.c.media_type),
    )
    .where(orders.c.id.in_(bindparam("ids", expanding=True)))
)
_TAKEN = (
    select(orders, slots.c.ordinal, answers.c.variant, messages.c.id.label("message"))
    .outerjoin(slots, orders.c.slot_key == slots.c.key)
    .outerjoin(answers, slots.c.answer_key == answers.c.key)
    .outerjoin(messages, answers.c.message_key == messages.c.key)
    .where(orders.c.id.in_(bindparam("ids", expanding=True)))
    .add_columns(
        exists()
        .where(work_.c.message_id == messages.c.id)
        .where(work_.c.variant == answers.c.variant)
        .where(work_.c.process == processes.c.id)
        .where(processes.c.seen_at > NOW - bindparam("ttl"))
        .label("looked_after")
    )
)

MADE = ("width", "height", "seed", "info")
"""What is kept of a picture beside its file."""


class OrderRepository(Repository):
    """Places orders for pictures, and has workers take and deliver them."""

    async def draw_elsewhere(self) -> None:
        """Have every drawing that is kept from now on ordered, in a database that is a server.

        Raises:
            ImportError: What that needs is not installed.
            limner.errors.StorageError: The tables cannot be made.
        """
        self._orders = await self.open_orders()

    async def open_orders(self) -> "OrderQueue":
        """Make ready what orders need.

        Raises:
            As `draw_elsewhere`.
        """
        from limner.storage.database.order_queue import OrderQueue

        queue = OrderQueue()
        await self._at_length(queue.install)
        return queue

    async def place_order(
        self, slot: SlotId, attempt: int, request: str, *, priority: int
    ) -> str | None:
        """Say what is to be drawn for an order, which may be there already.

        Args:
            slot: For which slot; it need not be kept in the library.
            attempt: Which of its drawings.
            request: What is to be drawn, as JSON.
            priority: In a limiter's sense.

        Returns:
            Its name; ``None``: the slot is kept, and waits for this drawing no more.
        """
        queue, now = self._queue, self._clock()

        def work(connection: Connection) -> str | None:
            key = _slot_key(connection, slot)
            if key is not None and _WAITS.row(connection, slot=key, attempt=attempt) is None:
                return None
            name = str(slot) if key is None else order_name(key, attempt)
            row = {"id": name, "slot_key": key, "attempt": attempt, "placed_at": now}
            new = postgresql.insert(orders).values(**row, request=request)
            mine = new.on_conflict_do_update(
                index_elements=["id"],
                set_={"request": request, "digest": None, "made": None, "failure": None},
                where=~_answers(request),
            ).returning(orders.c.id)
            if connection.execute(mine).first() is not None:
                queue.enqueue(connection, [(name, priority)])
                queue.due(connection, [name])
            return name

        return await self._whole(self._database.write(work))

    async def order_states(self, names: Collection[str]) -> Mapping[str, OrderState]:
        """How orders stand; those are left out that are not there, or have no job any more."""
        queue, make = self._queue, image_of(self._files)

        def work(connection: Connection) -> dict[str, OrderState]:
            rows = connection.execute(_STATES, {"ids": list(names)}).mappings().all()
            there = queue.there(connection, list(names))
            states = {row["id"]: _state(row, there, make) for row in rows}
            return {name: state for name, state in states.items() if state is not None}

        return await self._read(work)

    async def call_off(self, name: str) -> None:
        """Nobody wants an order any more."""
        queue = self._queue

        def work(connection: Connection) -> None:
            queue.drop(connection, [name])
            connection.execute(delete(orders).where(orders.c.id == name)).close()

        await self._whole(self._database.write(work))

    async def take_orders(self, worker: UUID, most: int, *, ttl: float) -> Sequence[Order]:
        """Take orders that nobody has, or whose worker was not heard for so many seconds.

        One of which nobody has said what is to be drawn is left to the server that is to say it,
        as long as that is there.
        """
        queue = self._queue

        def work(connection: Connection) -> list[Order]:
            taken = {order: job for job, order in queue.claim(connection, worker, most, ttl)}
            if not taken:
                return []
            values = {"ids": list(taken), "ttl": ttl}
            rows = connection.execute(_TAKEN, values).mappings().all()
            open_ = [row for row in rows if row["digest"] is None and row["failure"] is None]
            queue.drop(connection, sorted(taken.keys() - {row["id"] for row in open_}))
            early = [row["id"] for row in open_ if not row["request"] and row["looked_after"]]
            queue.release(connection, worker, [taken[name] for name in early], after=UNPLACED)
            return [_order(row, taken[row["id"]]) for row in open_ if row["id"] not in early]

        return await self._whole(self._database.write(work))

    async def keep_orders(self, worker: UUID, jobs: Collection[int]) -> set[int]:
        """Say that a worker is at its orders; gives the jobs of those it is to go on with."""
        queue, mine = self._queue, sorted(jobs)
        beating = self._database.write(lambda connection: queue.beat(connection, worker, mine))
        return await self._whole(beating)

    async def deliver(self, worker: UUID, order: Order, image: Image) -> bool:
        """Keep an order's picture; ``False``: it is another's to be drawn, or nobody's."""
        with self._told():
            async with self._keeping.placing([image]) as kept:
                return await self._ended(worker, order, kept[id(image)], None)

    async def fail_order(self, worker: UUID, order: Order, failure: Failure) -> bool:
        """Keep why there is no picture; ``False`` as in `deliver`."""
        return await self._ended(worker, order, None, failure)

    async def leave_orders(
        self, worker: UUID, jobs: Collection[int] | None = None, *, early: bool = False
    ) -> None:
        """Let others draw them, or all that a worker has; those that came too early, after a while.

        What it took in vain, since it was ended meanwhile, is among all.
        """
        queue, after = self._queue, UNPLACED if early else 0.0
        mine = None if jobs is None else sorted(jobs)
        leaving = self._database.write(
            lambda connection: queue.release(connection, worker, mine, after=after)
        )
        await self._whole(leaving)

    async def tidy_orders(self, *, older_than: float) -> int:
        """Forget orders of no slot that nobody has asked for since, and what PgQueuer noted."""
        queue, before = self._queue, self._clock() - older_than
        old = (
            delete(orders)
            .where(orders.c.slot_key.is_(None))
            .where(orders.c.placed_at < before)
            .returning(orders.c.id)
        )

        def work(connection: Connection) -> int:
            queue.forget(connection)
            gone = list(connection.execute(old).scalars())
            queue.drop(connection, gone)
            return len(gone)

        return await self._at_length(work)

    async def _ended(
        self, worker: UUID, order: Order, image: StoredImage | None, failure: Failure | None
    ) -> bool:
        queue, now = self._queue, self._clock()
        end = update(orders).where(orders.c.id == order.id)
        values: dict[str, Any] = {"failure": failure and [failure.kind, failure.reason]}
        if image is not None:
            values = {"digest": image.digest, "media_type": image.media_type}
            values["made"] = {name: getattr(image, name) for name in MADE}

        def work(connection: Connection) -> bool:
            if not queue.end(connection, worker, order.job):
                return False
            if image is not None:
                note_images(connection, [image], now)
            return connection.execute(end.values(values)).rowcount == 1

        return await self._whole(self._database.write(work))

    @property
    def _queue(self) -> "OrderQueue":
        assert self._orders is not None, "draw_elsewhere() comes first"  # noqa: S101
        return self._orders


def _answers(request: str) -> ColumnElement[bool]:
    """Whether what came of an order is what is asked for; its text may have been replaced since."""
    return and_(
        or_(orders.c.digest.is_not(None), orders.c.failure.is_not(None)),
        or_(orders.c.request.is_(None), _asked(orders.c.request) == _asked(literal(request))),
    )


def _asked(request: ColumnElement[str]) -> ColumnElement[Any]:
    return cast(request, postgresql.JSONB)["prompt"]


def _slot_key(connection: Connection, slot: SlotId) -> int | None:
    found = _SLOT.row(
        connection, message=slot.message_id, number=slot.variant, ordinal=slot.ordinal
    )
    return None if found is None else int(found[0])


def _state(row: Any, there: Mapping[str, bool], make: Any) -> OrderState | None:
    if row["failure"] is not None:
        return OrderState(failure=Failure(*row["failure"]))
    if row["digest"] is not None:
        return OrderState(image=make({**row, **row["made"]}))
    return OrderState(taken=there[row["id"]]) if row["id"] in there else None


def _order(row: Any, job: int) -> Order:
    slot = None
    if row["slot_key"] is not None:
        slot = SlotId(row["message"], row["variant"], row["ordinal"])
    return Order(id=row["id"], job=job, slot=slot, attempt=row["attempt"], request=row["request"])
