"""Ending tasks that talk to a server."""

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN = 0.05
"""Seconds after which a task that goes on is cancelled once more."""


async def ended(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks, and wait for their end.

    A cancellation that comes while the client connects or waits can be taken for a time-out of its
    own, and the task goes on: so it is told again until it hears.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN)
