"""Whatever happens to the members of a pool, every picture ends once and no slot is lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.backends.images.pool.mortal_backend import MortalBackend
from tests.examples import share

from limner.backends.images.pool import Member, MemberState, PoolBackend
from limner.errors import BackendRejected, BackendUnavailable
from limner.illustration.model.image import Image, ImageRequest
from limner.scheduling import Limiter
from limner.testing import run_virtual

MEMBERS = 4

steps = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.3, 1.0, 4.0]),
        st.sampled_from(
            ["draw", "draw", "draw", "die", "live", "busy", "idle", "reject", "drain", "resume",
             "add", "remove", "cancel", "limit"]
        ),
        st.integers(0, 50),
    ),
    max_size=60,
)  # fmt: skip


@dataclass
class World:
    """A pool, everybody who was ever a member, and everything that was asked for."""

    pool: PoolBackend
    most: int
    backends: list[MortalBackend] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    tasks: list[asyncio.Task[Image]] = field(default_factory=list)
    chores: list[asyncio.Task[None]] = field(default_factory=list)
    cancelled: set[int] = field(default_factory=set)
    limiter: Limiter = field(default_factory=lambda: Limiter(max_concurrent=6))

    def add(self, number: int) -> None:
        """A new member."""
        if len(self.pool.status()) >= MEMBERS:
            return
        backend = MortalBackend(f"server {len(self.backends)}", [0.2, 1.0, 3.0][number % 3])
        self.backends.append(backend)
        at_once = number % self.most + 1
        self.limits[backend.name] = at_once
        limiter = Limiter(max_concurrent=at_once)
        weight = 1 + number % 3
        self.pool.add(Member(name=backend.name, backend=backend, weight=weight, limiter=limiter))

    def act(self, what: str, number: int) -> None:
        """Do one thing."""
        names = [member.name for member in self.pool.status()]
        backend = self.backends[number % len(self.backends)]
        name = names[number % len(names)] if names else ""
        if what == "draw":
            request = ImageRequest(prompt=f"fox {len(self.tasks)}")
            drawing = self.limiter.run(self.pool.generate, request)
            self.tasks.append(asyncio.create_task(drawing))
        elif what == "add":
            self.add(number)
        elif what == "cancel" and self.tasks:
            self.cancelled.add(number % len(self.tasks))
            self.tasks[number % len(self.tasks)].cancel()
        elif what in ("drain", "remove") and name:
            self.chores.append(asyncio.create_task(getattr(self.pool, what)(name)))
        elif what == "resume" and name:
            self.pool.resume(name)
        elif what == "limit" and name:
            self.pool.update(name, max_concurrent=number % self.limits[name] + 1)
        elif what in ("die", "live"):
            getattr(backend, what)()
        elif what in ("busy", "idle"):
            backend.busy = what == "busy"
        elif what == "reject":
            backend.error.append(BackendRejected("no such sampler"))

    def revive(self) -> None:
        """Let at least one member draw."""
        for backend in self.backends:
            backend.live()
            backend.busy = False
        for member in self.pool.status():
            self.pool.resume(member.name)
        self.add(0)


async def live(world: World, plan: list[tuple[float, str, int]]) -> list[Any]:
    """Let it all happen, and then let everything end."""
    for number in range(2):
        world.add(number)
    for gap, what, number in plan:
        await asyncio.sleep(gap)
        world.act(what, number)
        for backend in world.backends:
            assert backend.running <= world.limits[backend.name]
    await asyncio.sleep(0)
    world.revive()
    ended = await asyncio.gather(*world.tasks, return_exceptions=True)
    world.revive()  # a member whose removal ended meanwhile may have been the last
    await asyncio.gather(*world.chores, return_exceptions=True)
    for member in world.pool.status():
        assert (member.running, member.waiting) == (0, 0)
        assert member.state is not MemberState.DRAINING
    assert await world.limiter.running() == 0
    return ended


@settings(max_examples=share(150), deadline=None)
@given(plan=steps, most=st.integers(1, 3))
def test_every_picture_ends_once_and_no_slot_is_lost(
    plan: list[tuple[float, str, int]], most: int
) -> None:
    """Through deaths, recoveries, drains, removals, additions, refusals and cancellations."""

    async def main() -> None:
        async with PoolBackend(threshold=2, patience=60.0) as pool:
            world = World(pool, most)
            ended = await live(world, plan)
        drawn = [prompt for backend in world.backends for _, prompt in backend.done]
        assert len(drawn) == len(set(drawn))
        for number, end in enumerate(ended):
            if isinstance(end, Image):
                assert f"fox {number}" in drawn
            elif isinstance(end, asyncio.CancelledError):
                assert number in world.cancelled
            else:
                assert isinstance(end, BackendRejected | BackendUnavailable)
        for backend in world.backends:
            assert backend.peak <= world.limits[backend.name]
            assert backend.running == 0
            assert backend.closed == 1

    run_virtual(main())
