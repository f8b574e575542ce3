"""Limits that all processes keep together, in a Valkey (or Redis) server.

Each process has one exchange under way at a time; what happens meanwhile travels in the next. The
server's script (``script/``) decides, by the server's clock, in the order in which exchanges
arrive. A grant rings at the door of the process that it is for (publish and subscribe), and is kept
until it has arrived, so that a lost ring costs a heartbeat and no job.

A process that was not heard for `ttl` seconds has lost its leases. It knows that itself before
anybody else may have them: after four fifths of that time without an answer its jobs are stopped.
When the server comes back without its memory, or another takes its place, everybody says anew what
he holds, and for `ttl` seconds nobody starts.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from contextlib import aclosing, suppress
from itertools import chain
from typing import Self

from limner.closing import Closing
from limner.cluster.ending import ended
from limner.cluster.limits.holdings import Holdings
from limner.cluster.limits.on_outage import OnOutage
from limner.cluster.limits.outbox import Outbox
from limner.cluster.limits.questions import Questions, answer_all
from limner.cluster.limits.server import ValkeyServer
from limner.cluster.limits.server_clock import ServerClock, outlook_of
from limner.cluster.limits.wire import (
    MANY,
    Answer,
    News,
    asked,
    charged,
    limits_text,
    micros,
    script_arguments,
)
from limner.errors import SharedLimitsUnavailable
from limner.scheduling import Ask, Lease, Limits, Outlook
from limner.scheduling.engine.shared_limits import LeaseHolder
from limner.scheduling.limits.admission import Charge

logger = logging.getLogger("limner.cluster")

CUT_OFF = 0.8
"""The part of `ttl` without an answer after which leases are given up."""
BEATS = 5
"""Heartbeats in a `ttl`."""
LATE = 0.4
"""The part without an answer after which nothing starts by a ring, since it might be stopped at
once: the next answer brings the news again."""
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0
"""Seconds between two tries to reach the server."""
FAREWELL = 1.0
"""Seconds that a process takes to say what is left to say when it leaves."""


class ValkeyLimits(Closing):
    """A `limner.scheduling.SharedLimits` for all processes that name the same limits.

    The same `limner.scheduling.Limiter`, told ``shared=ValkeyLimits.from_url(…)``, keeps its limits
    together with the limiters of other processes and machines: concurrency by weight, interval,
    windows, reservoir, order, priorities, fair owners, pauses, cool-downs.

    Args:
        server: Where they are kept.
        name: What they are called there.
        ttl: Seconds after which a process that is not heard has lost its leases.
        on_outage: What becomes of running jobs when the server cannot be reached for that long.

    Examples:
        >>> shared = ValkeyLimits.from_url("valkey://127.0.0.1:6379/0", name="pictures")
    """

    def __init__(
        self,
        server: ValkeyServer,
        *,
        name: str = "limner",
        ttl: float = 5.0,
        on_outage: OnOutage = OnOutage.STOP,
    ) -> None:
        self._server = server
        self._prefix = "{" + name + "}"
        self._ttl = ttl
        self._on_outage = OnOutage(on_outage)
        self._limits = Limits()
        self._holder: LeaseHolder | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._begin_as_new()

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        name: str = "limner",
        ttl: float = 5.0,
        on_outage: OnOutage = OnOutage.STOP,
    ) -> Self:
        """Keep limits at an address.

        Args:
            url: ``valkey://[user:password@]host[:port][/number]``; ``valkeys`` is the same over
                TLS, ``redis`` and ``rediss`` mean the same, ``unix:///path`` is a socket.
            name: What the limits are called there.
            ttl: As above.
            on_outage: As above.

        Raises:
            ValueError: No such address.
        """
        server = ValkeyServer(url, timeout=ttl / 2)
        return cls(server, name=name, ttl=ttl, on_outage=on_outage)

    def _begin_as_new(self) -> None:
        self._client = uuid.uuid4().hex
        self._heard = 0
        self._epoch = ""
        self._outbox = Outbox()
        self._clock = ServerClock()
        self._acknowledged = float("-inf")
        self._holdings = Holdings()
        self._questions = Questions()
        self._due = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._failing: SharedLimitsUnavailable | None = None

    async def aclose(self) -> None:
        """Say what was not said yet, and leave: what is still held is free after `ttl` seconds.

        Twice is fine.
        """
        if self._outbox.filled:
            with suppress(SharedLimitsUnavailable, TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    await self._ask_for_outlook()
        tasks, self._tasks = self._tasks, []
        await ended(tasks)
        self._set_alarm(None)
        self._guard()
        await self._server.aclose()

    # What a limiter says

    def open(self, limits: Limits, holder: LeaseHolder) -> None:
        """Begin to work for a limiter, in the running loop."""
        self._begin_as_new()
        self._limits, self._holder = limits, holder
        self._tasks = [
            asyncio.create_task(self._exchange_always(), name="exchanges"),
            asyncio.create_task(self._listen_always(), name="rings"),
        ]

    def _say(self, *message: object) -> None:
        self._outbox.add(message)
        self._due.set()

    def ask(self, ask: Ask) -> None:
        """Put a job in the order."""
        self._holdings.asked(ask)
        self._say(*asked(ask))

    def withdraw(self, ticket: int) -> None:
        """Take a job out of the order."""
        self._holdings.left(ticket)
        self._say("withdraw", ticket)

    def give_back(self, lease: Lease, *, well: bool) -> None:
        """End a lease."""
        self._holdings.given_back(lease)
        self._say("give_back", lease.fence, well)

    def recharge(self, lease: Lease, old: Charge, new: Charge) -> None:
        """Have a start cost something else."""
        self._say("recharge", lease.fence, charged(old), charged(new))

    def change(self, limits: Limits) -> None:
        """Go on under other limits, for everybody."""
        self._limits = limits
        self._say("change", limits_text(limits))

    def pause(self, seconds: float | None) -> None:
        """Have nobody start for a while."""
        self._say("pause", None if seconds is None else micros(seconds))

    def resume(self) -> None:
        """End every pause."""
        self._say("resume")

    def cool_down(self, seconds: float) -> None:
        """Have nobody start for a while, and then one job alone."""
        self._say("cool_down", micros(seconds))

    @property
    def trouble(self) -> str | None:
        """Why the server cannot be reached, as far as that was noticed."""
        return None if self._failing is None else str(self._failing)

    async def look(self) -> Outlook:
        """Say what the limits look like."""
        return outlook_of((await self._ask_for_outlook()).outlook, self._clock)

    async def refill(self, amount: int) -> int | None:
        """Add to the reservoir."""
        self._say("refill", amount)
        reservoir = (await self._ask_for_outlook()).outlook[2]
        return int(reservoir) if reservoir else None

    async def _ask_for_outlook(self) -> Answer:
        if self._holder is None or not self._tasks:
            raise SharedLimitsUnavailable("nobody works with them")
        question = self._questions.ask()
        self._due.set()
        try:
            async with asyncio.timeout(self._ttl):
                return await question
        except TimeoutError:
            raise SharedLimitsUnavailable("no answer in time") from None

    # Exchanges

    async def _exchange_always(self) -> None:
        pause = FIRST_PAUSE
        while True:
            _end_if_cancelled()
            await self._due.wait()
            self._due.clear()
            try:
                await self._exchange()
            except SharedLimitsUnavailable as error:
                self._note_failure(error)
                self._due.set()
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self._note_failure(None)
                pause = FIRST_PAUSE

    def _note_failure(self, error: SharedLimitsUnavailable | None) -> None:
        if error is not None and self._failing is None:
            logger.warning("%s; nothing starts until they can", error)
        elif error is None and self._failing is not None:
            logger.info("the shared limits are reached again")
        self._failing = error
        if error is not None:
            self._questions.fail(error)

    async def _exchange(self) -> None:
        loop = asyncio.get_running_loop()
        sent, messages = loop.time(), self._outbox.batch()
        asked_for = self._questions.take()
        said = script_arguments(
            client=self._client,
            number=self._outbox.number,
            ttl=self._ttl,
            heard=self._heard,
            epoch=self._epoch,
            looks=bool(asked_for),
            limits=self._limits,
            wall=self._clock.theirs(sent) if self._clock.known else time.time(),
            messages=messages,
        )
        try:
            answer = await self._server.call(self._prefix, said)
        except BaseException:
            self._questions.put_back(asked_for)
            raise
        self._clock.seen(answer.at, asked=sent, answered=loop.time())
        if answer.status == "ok":
            self._take(answer, sent)
            answer_all(asked_for, answer)
        else:
            self._introduce_again(answer)
            self._questions.put_back(asked_for)

    def _take(self, answer: Answer, sent: float) -> None:
        self._outbox.arrived()
        self._epoch = answer.epoch
        self._acknowledged = max(self._acknowledged, sent)
        self._guard()
        for one in answer.news:
            self._hear(one)
        if self._outbox.filled or len(answer.news) >= MANY:
            self._due.set()
        self._set_alarm(answer.wake)

    def _introduce_again(self, answer: Answer) -> None:
        """We are not known any more: as somebody new we say what we ask for, and what we hold."""
        holder = self._holder
        if holder is None:
            return
        held = list(holder.held())
        keeps = answer.status == "reborn" or self._on_outage is OnOutage.FINISH
        if not keeps:
            for lease in held:
                self._holdings.given_back(lease)
                holder.lost(lease)
        now = asyncio.get_running_loop().time()
        holds = self._holdings.said_anew(held, now) if keeps else []
        self._client, self._heard, self._epoch = uuid.uuid4().hex, 0, ""
        self._outbox.begin_anew([*holds, *(asked(ask) for ask in holder.asks())])
        self._due.set()
        self._restart_listening()

    # News

    def _hear(self, news: News) -> None:
        """Hear news; those that were long on their way may not be true any more."""
        holder = self._holder
        if holder is None or news.number <= self._heard:
            return
        if news.number != self._heard + 1 or self._is_silent(CUT_OFF):
            self._due.set()
            return
        self._heard = news.number
        now = asyncio.get_running_loop().time()
        for kind, ticket, what in news.things:
            if kind == "granted":
                lease = Lease(int(ticket), int(what))
                self._holdings.granted(lease, now)
                holder.granted(lease)
            else:
                self._holdings.left(int(ticket))
                holder.dropped(int(ticket), what)

    async def _listen_always(self) -> None:
        while True:
            _end_if_cancelled()
            try:
                async with aclosing(self._server.rings(f"{self._prefix}:{self._client}")) as rings:
                    async for ring in rings:
                        if ring is None:
                            self._due.set()
                        elif not ring.number:
                            self._set_alarm(int(ring.things[0][1]))
                        elif self._is_silent(LATE):
                            self._due.set()
                        else:
                            self._hear(ring)
            except SharedLimitsUnavailable:
                await asyncio.sleep(FIRST_PAUSE * 5)

    def _restart_listening(self) -> None:
        if len(self._tasks) == 2:
            self._tasks[1].cancel()
            self._tasks[1] = asyncio.create_task(self._listen_always(), name="rings")

    # Time

    def _set_alarm(self, wake: int | None) -> None:
        """Exchange again at an instant of the server's, or with the next heartbeat."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if wake is None or self._holder is None:
            return
        at = self._clock.ours(wake) if wake and self._clock.known else float("inf")
        if self._in_use():
            at = min(at, self._acknowledged + self._ttl / BEATS)
        if at < float("inf"):
            self._alarm = asyncio.get_running_loop().call_at(at, self._due.set)

    def _in_use(self) -> bool:
        holder = self._holder
        return holder is not None and any(True for _ in chain(holder.held(), holder.asks()))

    def _guard(self) -> None:
        """See to it that leases are given up before others may have them."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self._tasks and self._on_outage is OnOutage.STOP:
            at = self._acknowledged + CUT_OFF * self._ttl
            self._deadline = asyncio.get_running_loop().call_at(at, self._give_up)

    def _is_silent(self, part: float) -> bool:
        """Whether there was no answer for this part of `ttl`."""
        return asyncio.get_running_loop().time() - self._acknowledged >= part * self._ttl

    def _give_up(self) -> None:
        holder = self._holder
        if holder is None or not self._is_silent(CUT_OFF):
            return
        for lease in list(holder.held()):
            logger.warning("the shared limits are silent: a job is stopped before others start")
            holder.lost(lease)
            self.give_back(lease, well=False)


def _end_if_cancelled() -> None:
    """End a task whose cancellation was lost: time-outs inside the client library swallow some."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
