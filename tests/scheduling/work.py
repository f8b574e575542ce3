"""What the jobs of these tests do."""

from __future__ import annotations

import asyncio
from typing import Any

from limner.scheduling import Job


def now() -> float:
    """Return the loop's time."""
    return asyncio.get_running_loop().time()


async def nap(seconds: float = 1.0, result: object = None) -> object:
    """Sleep, then return the result."""
    await asyncio.sleep(seconds)
    return result


async def start_time() -> float:
    """Return the instant it runs."""
    return now()


async def nothing() -> None:
    """Do nothing."""


async def outcome_of(job: Job[Any]) -> object:
    """The job's result, or its error's class."""
    try:
        return await job
    except Exception as error:
        return type(error)
