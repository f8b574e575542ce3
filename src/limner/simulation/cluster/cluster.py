"""A workload goes through a cluster: real limiters, simulated messages and deaths."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from limner.illustration import second_try
from limner.simulation.arrivals import requests
from limner.simulation.chance import chance_of
from limner.simulation.cluster.death import BEAT, TTL, Death
from limner.simulation.cluster.orders import Order, Orders
from limner.simulation.cluster.place import Place
from limner.simulation.cluster.port import Port
from limner.simulation.cluster.replica import Replica
from limner.simulation.cluster.worker import Worker
from limner.simulation.instant import until
from limner.simulation.limit_set import LimitSet
from limner.simulation.nodes import Nodes
from limner.simulation.picture import Picture
from limner.simulation.serving import Serving
from limner.simulation.under_way import Drawing
from limner.simulation.workload import Workload

ORDERING = ("max_concurrent", "min_interval", "rates")
"""The limits that also bound how many pictures a replica orders."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What came of a cluster.

    Attributes:
        pictures: A record of each, in the order of their requests.
        deaths: The nodes that died.
        back: Seconds from such a death until all that it cut off was begun again, at most.
    """

    pictures: list[Picture]
    deaths: list[Death]
    back: float = 0.0


class Cluster:
    """Servers and workers, and what happens to them.

    Args:
        nodes: How many there are, and what they are like.
        workload: What is asked of them.
        limits: What they keep to together.

    Attributes:
        left: Pictures that had not ended when the run was broken off.
    """

    def __init__(self, nodes: Nodes, workload: Workload, limits: LimitSet) -> None:
        self._nodes = nodes
        self._workload = workload
        self._limits = limits
        self._chance = chance_of(workload.seed, "nodes")
        self._orders = Orders(chance_of(workload.seed, "orders"))
        grants = chance_of(workload.seed, "grants")
        self._place = Place(limits.limiter(), lambda: nodes.grant_delay.sample(grants))
        self._server = None if workload.server is None else Serving(workload.server)
        self._retries = chance_of(workload.seed, "retries")
        self._workers = [self._worker(number) for number in range(nodes.workers)]
        self._replicas = [self._replica(number) for number in range(nodes.replicas)]
        self._homeless: deque[Order] = deque()
        self._open: deque[Order] = deque()
        self._deaths: list[Death] = []
        self._cut: list[tuple[float, Drawing]] = []
        self.left = 0

    async def main(self) -> Lived:
        """Let all of it happen."""
        for worker in self._workers:
            self._orders.has_room(worker)
        dying = asyncio.create_task(self._die())
        try:
            pictures = await self._live()
            back = max(map(_until_begun_again, self._cut), default=0.0)
            return Lived(pictures, self._deaths, back)
        finally:
            self.left = len(self._open)
            dying.cancel()
            await asyncio.wait((dying,))

    async def _live(self) -> list[Picture]:
        pictures: list[Picture] = []
        for request in requests(self._workload):
            await until(request.at)
            order = Order(Drawing(request, self._workload, self._server))
            self._open.append(order)
            self._ask(order)
            while self._open and self._open[0].ended.is_set():
                pictures.append(self._open.popleft().record())
        while self._open:
            await self._open[0].ended.wait()
            pictures.append(self._open.popleft().record())
        return pictures

    def _ask(self, order: Order) -> None:
        """Have one of the servers see to a picture; if none is left, the next one that begins."""
        there = [replica for replica in self._replicas if replica.alive]
        if there:
            there[self._chance.randrange(len(there))].take(order)
        else:
            self._homeless.append(order)

    # Nodes

    def _worker(self, number: int) -> Worker:
        port = Port(self._place)
        limiter = self._limits.limiter(self._retries.random, shared=port)
        if self._server is not None and "retry" not in self._limits.options:
            limiter.update(retry=second_try)
        return Worker(
            f"worker {number + 1}",
            limiter,
            port,
            self._orders,
            width=self._nodes.width,
            expiration=self._workload.pictures.expiration,
        )

    def _replica(self, number: int) -> Replica:
        own = {name: value for name, value in self._limits.options.items() if name in ORDERING}
        limiter = LimitSet({**own, "fair": True}).limiter()
        return Replica(f"replica {number + 1}", limiter, self._orders)

    # Deaths

    async def _die(self) -> None:
        """Let nodes die as long as answers begin."""
        rate, loop = self._nodes.deaths_per_hour / 3600, asyncio.get_running_loop()
        chance = chance_of(self._workload.seed, "deaths")
        while rate:
            await asyncio.sleep(chance.expovariate(rate))
            if loop.time() >= self._workload.duration:
                return
            number = chance.randrange(self._nodes.workers + self._nodes.replicas)
            if number < self._nodes.workers:
                self._kill_worker(number, chance)
            else:
                self._kill_replica(number - self._nodes.workers, chance)

    def _kill_worker(self, number: int, chance: Random) -> None:
        worker = self._workers[number]
        if not worker.alive:
            return
        drawn = worker.drawn()
        self._note(worker.name, drawn)
        left = worker.die()

        def taken_over() -> None:
            self._place.forget(worker.port)
            self._orders.place_again(left)

        def back() -> None:
            self._workers[number] = self._worker(number)
            self._orders.has_room(self._workers[number])

        self._later(chance, taken_over, back)

    def _kill_replica(self, number: int, chance: Random) -> None:
        replica = self._replicas[number]
        if not replica.alive:
            return
        self._note(replica.name, [])
        left = replica.die()

        def taken_over() -> None:
            for order in left:
                self._ask(order)

        def back() -> None:
            self._replicas[number] = self._replica(number)
            waiting, self._homeless = self._homeless, deque()
            for order in waiting:
                self._ask(order)

        self._later(chance, taken_over, back)

    def _note(self, name: str, drawn: list[Order]) -> None:
        now = asyncio.get_running_loop().time()
        self._deaths.append(Death(now, name, len(drawn)))
        self._cut += [(now, order.drawing) for order in drawn]

    def _later(
        self, chance: Random, taken_over: Callable[[], None], back: Callable[[], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(TTL + BEAT * chance.random(), taken_over)
        loop.call_later(self._nodes.back_after, back)


def _until_begun_again(cut: tuple[float, Drawing]) -> float:
    """Seconds from the death that cut a drawing off to the next attempt at it."""
    at, drawing = cut
    return min((one.began - at for one in drawing.attempts if one.began > at), default=0.0)
