"""What the next picture will cost, as far as anybody can know."""

from collections import deque
from collections.abc import Callable, Sequence

from limner.illustration.model.cost import SECONDS, Cost, Price, dearest

REMEMBERED = 8


class Estimates:
    """Guesses what a picture will cost: its price, and not less than the dearest of late.

    Args:
        prices: Gives what pictures cost at present, where that is known before.

    Examples:
        >>> estimates = Estimates(lambda: [Price.read("0.01 USD/s")])
        >>> estimates.of_one()
        ()
        >>> estimates.learn([Cost.of(4, "seconds")])
        >>> [str(cost) for cost in estimates.of_one()]
        ['4 seconds', '0.04 USD']
    """

    def __init__(self, prices: Callable[[], Sequence[Price]]) -> None:
        self._prices = prices
        self._late: deque[Cost] = deque(maxlen=REMEMBERED * 2)

    def of_one(self) -> tuple[Cost, ...]:
        """What has to be reserved for one picture; without a price, and none drawn yet: nothing."""
        late = dearest(self._late)
        seconds = max((cost.amount for cost in late if cost.unit == SECONDS), default=0.0)
        priced = [price.of(seconds=seconds) for price in self._prices()]
        return tuple(cost for cost in dearest([*late, *priced]) if cost.micros)

    def learn(self, costs: Sequence[Cost]) -> None:
        """A picture has cost this."""
        self._late.extend(costs)
