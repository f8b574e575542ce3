"""What is known about a server's limits, to be shown."""

from dataclasses import dataclass

from limner.backends.images.learning.waited import Waited
from limner.scheduling import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What a server was found to bear.

    Attributes:
        concurrency: How many pictures at once; ``None``: it never refused one for that.
        rate: How many in how many seconds, the slowest if there are several; ``None``: unknown.
        rates: All of them.
        cooling_until: The instant on the loop's clock before which it is not asked; ``None``: it
            may be asked now.
        refusals: How often it refused.
        why: How the latest of this was found out, in words.
        waited: What everybody has waited for so far, the longest first.

    Examples:
        >>> Learned(concurrency=2, rates=(Rate(30, 60),), why="it refused a third").words
        'at most 2 at once, 30 in 60 s'
    """

    concurrency: int | None = None
    rates: tuple[Rate, ...] = ()
    cooling_until: float | None = None
    refusals: int = 0
    why: str = ""
    waited: tuple[Waited, ...] = ()

    @property
    def rate(self) -> Rate | None:
        """The slowest of the rates."""
        return min(self.rates, key=lambda rate: rate.limit / rate.per, default=None)

    @property
    def words(self) -> str:
        """The limits in words; ``""`` if nothing is known."""
        parts = [] if self.concurrency is None else [f"at most {self.concurrency} at once"]
        parts += [f"{rate.limit} in {rate.per:g} s" for rate in self.rates]
        return ", ".join(parts)
