"""What a process asks for and holds, to be said anew where it has been forgotten. Pure."""

from collections.abc import Iterable

from limner.cluster.limits.wire import Message, micros
from limner.scheduling import Ask, Lease


class Holdings:
    """Remembers of each lease what it was asked for with, and since when it is held."""

    def __init__(self) -> None:
        self._asks: dict[int, Ask] = {}
        self._leases: dict[int, tuple[Ask, float]] = {}

    def asked(self, ask: Ask) -> None:
        """A job waits."""
        self._asks[ask.ticket] = ask

    def left(self, ticket: int) -> None:
        """A job does not wait any more."""
        self._asks.pop(ticket, None)

    def granted(self, lease: Lease, now: float) -> None:
        """A job has its slot."""
        ask = self._asks.pop(lease.ticket, None)
        if ask is not None:
            self._leases[lease.fence] = (ask, now)

    def given_back(self, lease: Lease) -> None:
        """A slot is not held any more."""
        self._leases.pop(lease.fence, None)

    def said_anew(self, held: Iterable[Lease], now: float) -> list[Message]:
        """What to say of leases to a server that does not know of them.

        Examples:
            >>> holdings = Holdings()
            >>> holdings.asked(Ask(ticket=1, weight=2, named={}, priority=5))
            >>> holdings.granted(Lease(1, 900), 10.0)
            >>> holdings.said_anew([Lease(1, 900)], 10.5)
            [('hold', 1, 900, 2, {}, 500000)]
        """
        known = [
            (lease, *self._leases[lease.fence]) for lease in held if lease.fence in self._leases
        ]
        return [
            ("hold", lease.ticket, lease.fence, ask.weight, dict(ask.named), micros(now - since))
            for lease, ask, since in known
        ]
