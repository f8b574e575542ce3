"""A job keeps its one task through its attempts, and knows which cancellation was its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from limner.errors import JobCancelled
from limner.scheduling import Limiter
from limner.testing import run_virtual


def test_a_job_tried_again_at_once_runs_in_the_task_it_has() -> None:
    """A submitted job whose retry need not wait is not started a second time beside itself."""
    tasks: list[asyncio.Task[Any] | None] = []

    async def work() -> str:
        tasks.append(asyncio.current_task())
        await asyncio.sleep(0)
        if len(tasks) == 1:
            raise OSError
        return "drawn"

    async def main() -> object:
        limiter = Limiter(max_concurrent=2, retry=lambda error, attempt: 0.0)
        return await limiter.submit(work)

    assert run_virtual(main()) == "drawn"
    assert len(tasks) == 2
    assert tasks[0] is tasks[1]


@pytest.mark.parametrize("options", [{}, {"expiration": 60}])
def test_a_job_knows_its_own_cancellation_in_a_task_that_was_cancelled_before(
    options: dict[str, Any],
) -> None:
    """A task that has got over an earlier cancellation still hears `JobCancelled`."""

    async def main() -> None:
        limiter = Limiter(max_concurrent=1)
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(1, lambda: limiter.jobs()[0].cancel("enough"))
        with pytest.raises(JobCancelled, match="enough"):
            await limiter.run(asyncio.sleep, 5, **options)
        assert task.cancelling() == 1

    run_virtual(main())
