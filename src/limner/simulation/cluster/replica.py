"""A server: orders the pictures of its answers, and waits for them."""

from limner.scheduling import Job, Limiter
from limner.simulation.cluster.orders import Order, Orders


class Replica:
    """Orders.

    Args:
        name: What it is called.
        limiter: Its own: how many it orders at the same time, in whose turn.
        orders: Where it places them.
    """

    def __init__(self, name: str, limiter: Limiter, orders: Orders) -> None:
        self.name = name
        self.alive = True
        self._limiter = limiter
        self._orders = orders
        self._jobs: dict[Job[None], Order] = {}

    def take(self, order: Order) -> None:
        """See to it that an order is drawn, which others may know already."""
        job = self._limiter.submit(self._see_to, order, owner=order.drawing.request.owner)
        self._jobs[job] = order
        job.add_done_callback(lambda job: self._jobs.pop(job, None))

    async def _see_to(self, order: Order) -> None:
        self._orders.place(order)
        await order.ended.wait()

    def die(self) -> list[Order]:
        """End in the middle of everything; gives what it waited for."""
        self.alive = False
        mine, self._jobs = self._jobs, {}
        for job in mine:
            job.cancel()
        return list(mine.values())
