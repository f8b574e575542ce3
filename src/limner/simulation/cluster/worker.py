"""A worker: takes orders, and draws each in its turn in the limits that all workers share."""

from limner.scheduling import Job, JobState, Limiter
from limner.simulation.cluster.orders import Order, Orders
from limner.simulation.cluster.port import Port
from limner.simulation.picture import OUTCOMES, Outcome


class Worker:
    """Draws.

    Args:
        name: What it is called.
        limiter: Its own, whose limits are kept where `port` leads to.
        port: There.
        orders: What it takes.
        width: How many it has at the same time.
        expiration: Seconds after which an attempt is stopped.
    """

    def __init__(
        self,
        name: str,
        limiter: Limiter,
        port: Port,
        orders: Orders,
        *,
        width: int,
        expiration: float | None,
    ) -> None:
        self.name = name
        self.port = port
        self._limiter = limiter
        self._orders = orders
        self._width = width
        self._expiration = expiration
        self._jobs: dict[Job[None], Order] = {}

    @property
    def alive(self) -> bool:
        """Whether it has not died."""
        return not self.port.dead

    @property
    def room(self) -> int:
        """How many orders it could take."""
        return self._width - len(self._jobs) if self.alive else 0

    def take(self, order: Order) -> None:
        """Draw an order when its turn comes."""
        drawing = order.drawing
        job = self._limiter.submit(
            drawing.draw, self.name, owner=drawing.request.owner, expiration=self._expiration
        )
        self._jobs[job] = order
        job.add_done_callback(self._ended)

    def _ended(self, job: Job[None]) -> None:
        order = self._jobs.get(job)
        if order is None or job.outcome is None or job.ended_at is None or not self.alive:
            return
        was_full = not self.room
        del self._jobs[job]
        job.exception()  # its outcome says it
        order.end(job.ended_at, OUTCOMES.get(job.outcome, Outcome.FAILED))
        if was_full:
            self._orders.has_room(self)

    def drawn(self) -> list[Order]:
        """What it draws now."""
        return [order for job, order in self._jobs.items() if job.state is JobState.EXECUTING]

    def die(self) -> list[Order]:
        """End in the middle of everything; gives what it had."""
        self.port.dead = True
        mine, self._jobs = self._jobs, {}
        for job in mine:
            job.cancel()
        return list(mine.values())
