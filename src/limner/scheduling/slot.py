"""A slot held by a block of code."""

from __future__ import annotations

import dataclasses
from types import TracebackType
from typing import TYPE_CHECKING, Any

from limner.scheduling.job import EXECUTING, Job
from limner.scheduling.options import Options

if TYPE_CHECKING:
    from limner.scheduling.engine import Engine


class Slot:
    """An ``async with`` block that holds a slot. Made by `Limiter.slot`, entered once."""

    __slots__ = ("_engine", "_inner", "_job", "_options")

    def __init__(self, engine: Engine, options: Options) -> None:
        if options.on_duplicate == "join":
            raise ValueError("a slot cannot be joined: its block is not a function to share")
        self._engine = engine
        self._options = options
        self._job: Job[None] | None = None
        self._inner: Slot | None = None

    @classmethod
    def chained(cls, engine: Engine, job: Job[Any]) -> Slot:
        """Make the slot a job needs in the limiter its own is chained to."""
        options = dataclasses.replace(
            job._options,
            priority=job._priority,
            id=None,  # each limiter has its own ids
            expiration=None,  # the first limiter sees to it
            queue_timeout=None,
            on_duplicate="reject",
        )
        return cls(engine, options)

    async def __aenter__(self) -> Job[None]:
        if self._job is not None:
            raise RuntimeError("a slot is entered once; ask the limiter for another")
        engine = self._engine
        self._job = job = engine.receive(self._options, None, detached=False)
        await engine.admitted(job)
        engine.begin(job)
        if engine.chained is not None:
            self._inner = Slot.chained(engine.chained, job)
            try:
                await self._inner.__aenter__()
            except BaseException as error:
                engine.fail(job, error)
                raise
        return job

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        job = self._job
        if job is None or job._state is not EXECUTING:
            raise RuntimeError("this slot is not held: it was never entered, or released twice")
        if self._inner is not None:
            await self._inner.__aexit__(kind, error, traceback)
        if error is None:
            self._engine.succeed(job, None)
        else:
            self._engine.fail(job, error)
