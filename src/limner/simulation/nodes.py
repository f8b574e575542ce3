"""What is said of the nodes of a cluster: how many, how long-lived, how far from one another."""

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic.dataclasses import dataclass

from limner.simulation.distribution import Constant, Distribution, distribution_from
from limner.simulation.seconds import in_words, seconds_from

_CONFIG = ConfigDict(extra="forbid")


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    return value


Many = Annotated[int, BeforeValidator(_no_bool), Field(ge=1, le=10_000)]
Often = Annotated[float, BeforeValidator(_no_bool), Field(ge=0, le=3600, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Nodes:
    """Servers and workers that draw together.

    Attributes:
        replicas: Servers; each answer is written at one of them.
        workers: Who draws.
        width: Pictures that a worker has at the same time, drawn or waiting for their turn.
        deaths_per_hour: How many nodes die in an hour, of all together, each by chance.
        back_after: Seconds until another is there in the place of a dead one.
        grant_delay: Seconds from the decision that a picture may start to its worker's hearing it.

    Examples:
        >>> str(Nodes(replicas=2, workers=4))
        '2 replicas and 4 workers of width 8'
    """

    replicas: Many = 1
    workers: Many = 1
    width: Many = 8
    deaths_per_hour: Often = 0.0
    back_after: Annotated[float, PlainValidator(seconds_from)] = 10.0
    grant_delay: Annotated[Distribution, PlainValidator(distribution_from)] = Constant(0.0)

    def __str__(self) -> str:
        """They, in words."""
        told = f"{_some(self.replicas, 'replica')} and {_some(self.workers, 'worker')}"
        told += f" of width {self.width}"
        if self.deaths_per_hour:
            told += f", {self.deaths_per_hour:g} deaths an hour and another after"
            told += f" {in_words(self.back_after)}"
        if self.grant_delay.mean:
            told += f", {self.grant_delay} until a grant is heard"
        return told


def _some(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"
