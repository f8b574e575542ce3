"""Whatever is done to limiters that share limits, and whatever becomes of their messages."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.examples import share

from limner.errors import SchedulingError
from limner.scheduling import Job, JobState, Limiter, Rate, Retry, RetryAfter
from limner.testing import VirtualLoop
from limner.testing.shared_limits import ScriptedSharedLimits, SharedLimitsServer, at_once

seconds = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5])
which = st.integers(0, 2)
options = st.fixed_dictionaries(
    {},
    optional={
        "priority": st.integers(0, 9),
        "weight": st.integers(0, 3),
        "expiration": st.sampled_from([0.5, 1.0, 3.0]),
        "queue_timeout": seconds,
        "timeout": st.sampled_from([1.0, 5.0]),
        "id": st.sampled_from(["x", "y"]),
        "on_duplicate": st.sampled_from(["reject", "join", "replace"]),
    },
)
limits = st.fixed_dictionaries(
    {"max_concurrent": st.integers(3, 5)},
    optional={
        "min_interval": st.sampled_from([0.0, 0.5]),
        "rates": st.lists(st.builds(Rate, st.integers(1, 4), st.just(2.5)), max_size=1),
        "high_water": st.sampled_from([None, 0, 3]),
        "retry": st.sampled_from([None, Retry(attempts=3, backoff=0.5, jitter=0)]),
    },
)
FATES: dict[str, Sequence[Sequence[float]]] = {
    "calm": [(0.0,)],
    "slow": [(0.0,), (0.1,), (0.4,)],
    "faulty": [(0.0,), (0.0,), (0.3,), (0.0, 0.2), (0.0, 0.0), ()],
}
TTL = 5.0


@dataclass(slots=True)
class Node:
    """A limiter, as in a process of its own."""

    limiter: Limiter
    port: ScriptedSharedLimits
    jobs: list[Job[Any]] = field(default_factory=list)
    bodies: dict[int, int] = field(default_factory=dict)


class SharedModel(RuleBasedStateMachine):
    """Does random things to three limiters that share limits, and looks at them after each."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.loop = self.runner.get_loop()
        self.loop.set_exception_handler(self.note_exception)
        self.tasks: list[asyncio.Task[Any]] = []
        self.problems: list[str] = []
        self.attempts = 0
        self.widest = 0
        self.fates = FATES["calm"]

    def do(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run something to its end on the machine's loop."""
        return self.runner.run(coroutine)

    def note_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Remember what the loop was told and nobody expected."""
        if not isinstance(context.get("exception"), KeyError | RetryAfter | SchedulingError):
            self.problems.append(f"{context['message']}: {context.get('exception')!r}")

    @initialize(limits=limits, seed=st.integers(0, 10**6))
    def begin(self, limits: dict[str, Any], seed: int) -> None:
        """Make the limiters."""
        chance = random.Random(seed)
        self.server = SharedLimitsServer(ttl=TTL, fate=lambda kind: chance.choice(self.fates))
        self.limits = limits
        self.widest = limits["max_concurrent"]
        self.nodes = [self.node(f"node {number}") for number in range(3)]

    def node(self, name: str) -> Node:
        """Make one."""
        port = ScriptedSharedLimits(self.server, name)
        return Node(Limiter(name=name, shared=port, **self.limits), port)

    async def body(self, node: Node, weight: int, work: float, end: str) -> str:
        """Be the work of a job, and be seen running."""
        self.attempts += 1
        number = self.attempts
        node.bodies[number] = weight
        total = sum(sum(each.bodies.values()) for each in self.nodes)
        if weight and total > self.widest:
            self.problems.append(f"{total} run of {self.widest}")
        try:
            await asyncio.sleep(work)
            if end == "error":
                raise KeyError("asked for")
            if end == "busy":
                raise RetryAfter(1.0)
            return end
        except asyncio.CancelledError:
            await asyncio.sleep(0.25)  # it takes a while to stop
            raise
        finally:
            node.bodies.pop(number, None)

    @rule(which=which, options=options, work=seconds, end=st.sampled_from(["v", "error", "busy"]))
    def submit(self, which: int, options: dict[str, Any], work: float, end: str) -> None:
        """Hand a job over."""
        node = self.nodes[which]

        async def main() -> None:
            weight = options.get("weight", 1)
            with contextlib.suppress(SchedulingError):
                job = node.limiter.submit(self.body, node, weight, work, end, **options)
                node.jobs.append(job)
            await asyncio.sleep(0)

        self.do(main())

    @rule(which=which, options=options, work=seconds)
    def run(self, which: int, options: dict[str, Any], work: float) -> None:
        """Run a job in a task of its own."""
        node = self.nodes[which]

        async def main() -> None:
            weight = options.get("weight", 1)
            call = node.limiter.run(self.body, node, weight, work, "v", **options)
            self.tasks.append(self.loop.create_task(call))
            await asyncio.sleep(0)

        self.do(main())

    @rule(data=st.data(), priority=st.integers(0, 9))
    def touch_a_job(self, data: st.DataObject, priority: int) -> None:
        """Cancel a job or a caller, or change a priority, whatever the state."""
        jobs = [job for node in self.nodes for job in node.jobs[-5:]]

        async def main() -> None:
            choice = data.draw(st.sampled_from(["cancel", "priority", "caller"]))
            if jobs and choice != "caller":
                job: Job[Any] = data.draw(st.sampled_from(jobs))
                if choice == "cancel":
                    job.cancel("asked for")
                else:
                    job.priority = priority
            elif self.tasks:
                data.draw(st.sampled_from(self.tasks)).cancel()

        self.do(main())

    @rule(which=which, width=st.integers(3, 5))
    def update(self, which: int, width: int) -> None:
        """Change the width for everybody."""

        async def main() -> None:
            self.widest = max(self.widest, width)  # what runs is left alone
            self.nodes[which].limiter.update(max_concurrent=width)
            await asyncio.sleep(0)

        self.do(main())

    @rule(fates=st.sampled_from(sorted(FATES)))
    def change_the_weather(self, fates: str) -> None:
        """Let messages have other fates from now on."""
        self.fates = FATES[fates]

    @rule(which=which, length=st.sampled_from([1.0, 3.0, 8.0]))
    def cut_a_cable(self, which: int, length: float) -> None:
        """Lose every message of one limiter for a while."""

        async def main() -> None:
            self.nodes[which].port.cut(length)

        self.do(main())

    @rule(which=which)
    def kill(self, which: int) -> None:
        """Have one disappear with all it runs, and another come."""
        node = self.nodes[which]

        async def main() -> None:
            node.port.crash()
            node.bodies = {}
            for job in node.limiter.jobs():
                job.cancel()  # its work is not seen any more: the process is gone
            self.nodes[which] = self.node(f"another {which}")

        self.do(main())

    @rule(length=seconds)
    def let_time_pass(self, length: float) -> None:
        """Let the clock move."""
        self.do(asyncio.sleep(length))

    @invariant()
    def all_is_well(self) -> None:
        """Look at everything."""
        assert not self.problems, self.problems
        for node in getattr(self, "nodes", ()):
            held = sum(job.weight for job in node.limiter.jobs() if job.state in HOLDING)
            assert sum(node.bodies.values()) <= held

    def teardown(self) -> None:
        """Let the weather clear; everybody ends, and nothing is left."""
        try:
            if hasattr(self, "nodes"):
                self.do(self.finish())
        finally:
            self.runner.close()

    async def finish(self) -> None:
        """Stop the limiters."""
        self.server.fate = at_once
        await asyncio.sleep(10)  # the longest cut is over
        await asyncio.gather(*(node.limiter.stop(timeout=60) for node in self.nodes))
        for end in await asyncio.gather(*self.tasks, return_exceptions=True):
            expected = str | None | SchedulingError | KeyError | asyncio.CancelledError
            assert isinstance(end, expected), repr(end)
        await asyncio.sleep(3 * TTL)
        assert not self.problems, self.problems
        assert self.server.running == 0
        assert self.server.control.state.running == 0 if self.server.grants else True
        for node in self.nodes:
            assert not node.bodies
            for job in node.jobs:
                assert job.state is JobState.DONE
                job.exception()


HOLDING = (JobState.RUNNING, JobState.EXECUTING)

TestSharedModel = SharedModel.TestCase
TestSharedModel.settings = settings(max_examples=share(80), stateful_step_count=40, deadline=None)
