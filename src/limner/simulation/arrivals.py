"""Traffic made from a seed: answers by all users in the order of time, and the tags in them.

Nothing is made before it is needed. Only the tags of answers that are being written are kept, so
a year of traffic takes no more memory than an hour.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from limner.simulation.chance import chance_of
from limner.simulation.workload import Users, Workload


@dataclass(frozen=True, slots=True)
class Request:
    """A tag that has closed: somebody wants a picture.

    Attributes:
        at: When, in seconds from the start.
        owner: Whose answer it is in, from 0.
        number: The how-manieth picture of the run it is, from 0.
    """

    at: float
    owner: int
    number: int


def activities(users: Users, seed: int) -> list[float]:
    """Return each user's share of the traffic; together 1.

    Examples:
        >>> activities(Users(weights=(1, 3)), seed=1)
        [0.25, 0.75]
    """
    if isinstance(users.weights, dict):
        weights = list(users.weights.values())
    elif users.weights is not None:
        weights = list(users.weights)
    elif users.spread:
        chance = chance_of(seed, "activities")
        weights = [chance.lognormvariate(0.0, users.spread) for _ in range(users.number)]
    else:
        weights = [1.0] * users.number
    total = sum(weights)
    return [weight / total for weight in weights]


def answers(workload: Workload) -> Iterator[tuple[float, int]]:
    """Yield when each answer begins and whose it is, in the order of time, without end.

    Many users who each ask at random times are one stream at the sum of their rates, in which
    each answer is somebody's by chance: that is how a Poisson stream is made, so that ten thousand
    users cost no more than one. Regular users are offset against each other.
    """
    users = workload.users
    shares = activities(users, workload.seed)
    even = _poisson if users.arrivals == "poisson" else _fixed
    for instant, owner in even(shares, users.rate, chance_of(workload.seed, "answers")):
        yield users.day.instant(instant), owner


def _poisson(shares: list[float], rate: float, chance: Random) -> Iterator[tuple[float, int]]:
    owners = range(len(shares))
    sums = list(accumulate(shares))
    instant = 0.0
    while True:
        instant += chance.expovariate(rate)
        yield instant, chance.choices(owners, cum_weights=sums)[0]


def _fixed(shares: list[float], rate: float, chance: Random) -> Iterator[tuple[float, int]]:
    periods = [1 / (rate * share) for share in shares]
    offsets = [period * owner / len(shares) for owner, period in enumerate(periods)]
    turns = [(offset, owner, 0) for owner, offset in enumerate(offsets)]
    heapq.heapify(turns)
    while True:
        instant, owner, count = turns[0]
        yield instant, owner
        # Multiplied, not added up: the hundred-thousandth answer is where it belongs.
        following = offsets[owner] + (count + 1) * periods[owner]
        heapq.heapreplace(turns, (following, owner, count + 1))


def requests(workload: Workload) -> Iterator[Request]:
    """Yield every tag that closes, in the order of time.

    The same workload gives the same requests.

    Examples:
        >>> from limner.simulation import scenario_from
        >>> scenario = scenario_from({
        ...     "duration": "1m",
        ...     "users": {"count": 1, "answers_per_hour": 60, "arrivals": "fixed"},
        ...     "answers": {"tags": 2, "writing_time": "8s"},
        ... })
        >>> list(requests(scenario.workload))
        [Request(at=2.0, owner=0, number=0), Request(at=6.0, owner=0, number=1)]
    """
    chance = chance_of(workload.seed, "tags")
    closing: list[tuple[float, int, int]] = []
    sent = made = 0
    for begin, owner in answers(workload):
        while closing and (begin >= workload.duration or closing[0][0] <= begin):
            at, _, whose = heapq.heappop(closing)
            yield Request(at, whose, sent)
            sent += 1
        if begin >= workload.duration:
            return
        for offset in _offsets(workload, chance):
            heapq.heappush(closing, (begin + offset, made, owner))
            made += 1


def _offsets(workload: Workload, chance: Random) -> list[float]:
    """When the tags of one answer close, in seconds from its beginning."""
    count = workload.answers.tags.sample(chance)
    took = workload.answers.writing_time.sample(chance)
    match workload.answers.spacing:
        case "even":
            return [took * (index + 0.5) / count for index in range(count)]
        case "random":
            return sorted(took * chance.random() for _ in range(count))
        case _:
            return [took] * count
