"""Errors that nobody asked for must not vanish."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limner.scheduling.job import Job


class Unheard:
    """Complains, when a failed job is forgotten, that nobody ever asked how it ended."""

    __slots__ = ("error", "job", "loop")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, job: Job[Any], error: BaseException
    ) -> None:
        self.loop: asyncio.AbstractEventLoop | None = loop
        self.job = repr(job)
        self.error = error

    def __del__(self) -> None:
        if self.loop is not None:
            self.loop.call_exception_handler(
                {"message": f"nobody awaited {self.job}", "exception": self.error}
            )
