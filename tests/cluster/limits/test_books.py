"""What the script writes down in several places at once always agrees."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.cluster.limits.conftest import TTL
from tests.cluster.valkey import Valkey
from tests.waiting import until

from limner.cluster.limits.server import script
from limner.cluster.limits.wire import (
    Message,
    asked,
    limits_text,
    news,
    script_arguments,
)
from limner.scheduling import Ask, Limits, Overflow

STEPS = 40
OWNERS = (None, "ann", "ben of two words")
pytestmark = pytest.mark.real_time


def limits(chance: random.Random) -> Limits:
    """Some that chance names."""
    sheds = chance.random() < 0.4
    return Limits(
        max_concurrent=chance.choice((1, 3, 6)),
        fair=chance.random() < 0.5,
        high_water=chance.choice((0, 2, 20)) if sheds else None,
        overflow=chance.choice(list(Overflow)),
        penalty=0.0,
    )


@dataclass
class Client:
    """A process that says what chance has it say.

    Attributes:
        name: Its name.
        waiting: Tickets that it waits for.
        held: Fences that it holds.
    """

    name: str
    number: int = 0
    heard: int = 0
    tickets: int = 0
    waiting: set[int] = field(default_factory=set)
    held: list[int] = field(default_factory=list)

    def says(self, chance: random.Random) -> Iterator[Message]:
        """What happens at it."""
        for _ in range(chance.choice((0, 1, 3, 20, 90))):
            done = chance.random()
            if done < 0.6:
                yield asked(self._ask(chance))
            elif done < 0.7 and self.waiting:
                yield "withdraw", self._any_waiting(chance)
            elif done < 0.99 and self.held:
                yield "give_back", self.held.pop(chance.randrange(len(self.held))), True
            elif done > 0.99:
                yield "change", limits_text(limits(chance))

    def _ask(self, chance: random.Random) -> Ask:
        old = self._any_waiting(chance) if self.waiting and chance.random() < 0.1 else None
        self.tickets += 1
        self.waiting.add(self.tickets)
        return Ask(
            ticket=self.tickets,
            weight=chance.choice((0, 1, 1, 2)),
            named=chance.choice(({}, {"mp": 2})),
            priority=chance.choice((2, 5, 5, 9)),
            owner=chance.choice(OWNERS),
            again=chance.random() < 0.1,
            instead_of=old,
        )

    def _any_waiting(self, chance: random.Random) -> int:
        ticket = chance.choice(sorted(self.waiting))
        self.waiting.discard(ticket)
        return ticket

    def hears(self, kept: list[bytes]) -> None:
        """What is kept for it to be heard."""
        for piece in map(news, kept):
            for kind, ticket, fence in piece.things if piece.number > self.heard else ():
                self.waiting.discard(int(ticket))
                if kind == "granted":
                    self.held.append(int(fence))
            self.heard = max(self.heard, piece.number)


def books(server: Any, prefix: str, clients: list[Client]) -> dict[str, tuple[Any, Any]]:
    """What is said in one place and in another."""
    state = server.hgetall(f"{prefix}:state")
    queues = server.keys(f"{prefix}:q:*")
    spots = [server.hkeys(f"{prefix}:w:{one.name}") for one in clients]
    leases = [server.hkeys(f"{prefix}:h:{one.name}") for one in clients]
    places = {place.decode() for place in server.zrange(f"{prefix}:places", 0, -1)}
    return {
        "how many wait": (int(state[b"waiting"]), sum(server.zcard(name) for name in queues)),
        "where they wait": (
            [{int(ticket) for ticket in found} for found in spots],
            [one.waiting for one in clients],
        ),
        "places": (places, {name.decode().split(":")[2] for name in queues}),
        "leases": (
            [sorted(map(int, found)) for found in leases],
            [sorted(one.held) for one in clients],
        ),
    }


@pytest.mark.parametrize("seed", range(12))
async def test_who_waits_and_who_runs_is_the_same_wherever_it_is_kept(
    seed: int, shared_valkey: Valkey
) -> None:
    """After every exchange: in queues, at clients, in the counts, and as clients know it."""
    await until(lambda: shared_valkey.age() > TTL + 1)  # else it might have known somebody
    server, chance, prefix = shared_valkey.server.client(), random.Random(seed), f"{{books-{seed}}}"
    exchange = server.register_script(script())
    clients, first = [Client(name * 32) for name in "abc"], limits(chance)
    for _ in range(STEPS):
        client = chance.choice(clients)
        client.number += 1
        said = script_arguments(
            client=client.name,
            number=client.number,
            ttl=600.0,
            heard=client.heard,
            epoch="0",
            looks=False,
            limits=first,
            wall=0.0,
            messages=list(client.says(chance)),
        )
        assert exchange(keys=[prefix], args=said)[0] == b"ok"
        for one in clients:
            one.hears(server.lrange(f"{prefix}:n:{one.name}", 0, -1))
        for name, (here, there) in books(server, prefix, clients).items():
            assert here == there, name
