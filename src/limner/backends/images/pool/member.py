"""One of the servers of a pool, as its owner describes it."""

import math
from dataclasses import dataclass, field

from limner.illustration.ports import ImageBackend
from limner.scheduling import Limiter


def _one_at_a_time() -> Limiter:
    return Limiter(max_concurrent=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """A server that draws for a pool.

    Attributes:
        name: What it is called; unique in its pool.
        backend: What draws. It belongs to the pool, which closes it.
        weight: Its share of the work beside the others', more than 0.
        limiter: How fast it may be asked: one picture at a time by default. It is the member's
            alone and steered by the pool, which learns what the server bears; never the limiter
            through which the pool's own callers come. Its ``retry`` is not used: the pool draws
            elsewhere instead.
        models: The models it has; ``None``: it is asked for them when a picture wants a model.

    Raises:
        ValueError: The name is blank or the weight no number above 0.
    """

    name: str
    backend: ImageBackend
    weight: float = 1.0
    limiter: Limiter = field(default_factory=_one_at_a_time)
    models: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a member of a pool needs a name")
        if not (self.weight > 0 and math.isfinite(self.weight)):
            raise ValueError(f"the weight of {self.name!r} must be above 0, not {self.weight!r}")
