"""Errors of failed jobs that nobody retrieved are logged."""

from __future__ import annotations

import asyncio

from limner.scheduling.jobs.work_item import WorkItem


class UnretrievedError:
    """Complains, when a failed job is forgotten, that nobody ever asked how it ended.

    As a future does whose exception was never retrieved.
    """

    __slots__ = ("error", "job", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, job: str, error: BaseException) -> None:
        self.loop: asyncio.AbstractEventLoop | None = loop
        self.job = job
        self.error = error

    def __del__(self) -> None:
        if self.loop is not None:
            self.loop.call_exception_handler(
                {"message": f"nobody awaited {self.job}", "exception": self.error}
            )


def retrieved(item: WorkItem) -> None:
    """Note that somebody has seen how a job ended."""
    if isinstance(item.value, UnretrievedError):
        item.value.loop = None
        item.value = None
