"""The same random things done to a limiter to which nobody listens, and that only counts."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from tests.examples import share
from tests.scheduling.test_model import LimiterModel, seconds

widths = st.fixed_dictionaries(
    {"max_concurrent": st.integers(3, 5)},
    optional={"fair": st.booleans(), "aging": st.sampled_from([None, 2.0])},
)


class QuietLimiterModel(LimiterModel):
    """The machine without listeners, and with no other limit than the concurrency."""

    @initialize(limits=widths)
    def begin(self, limits: dict[str, Any]) -> None:
        """Make the limiter."""
        super().begin(limits)

    def listen(self) -> None:
        """Hear nothing."""

    def note_jobs(self) -> None:
        """Look for jobs that were not there after the step before."""
        known = set(self.jobs)
        self.jobs += [job for job in self.limiter.jobs() if job not in known]

    def check_count(self, ended: int) -> None:
        """Allow for jobs that came and went within one step."""
        assert ended >= len(self.jobs)

    @rule(work=seconds, end=st.sampled_from(["value", "value", "error"]))
    def run_plainly(self, work: float, end: str) -> None:
        """Run a job without options in a task of its own."""

        async def main() -> None:
            call = self.limiter.run(self.body, 1, work, end)
            self.tasks.append(self.loop.create_task(call))
            await asyncio.sleep(0)

        self.do(main())

    @rule(work=seconds)
    def enter_plainly(self, work: float) -> None:
        """Hold a slot without options in a task of its own."""

        async def block() -> str:
            async with self.limiter:
                return await self.body(1, work, "value")

        async def main() -> None:
            self.tasks.append(self.loop.create_task(block()))
            await asyncio.sleep(0)

        self.do(main())

    @rule(changes=widths)
    def update(self, changes: dict[str, Any]) -> None:
        """Change the width, and take every other limit away."""
        others: dict[str, Any] = {"min_interval": 0.0, "rates": (), "reservoir": None}
        super().update({**others, "aging": None, "fair": False, **changes})


TestQuietLimiterModel = QuietLimiterModel.TestCase
TestQuietLimiterModel.settings = settings(
    max_examples=share(80), stateful_step_count=40, deadline=None
)
