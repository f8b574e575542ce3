"""A slot held by a block of code."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from types import FrameType, TracebackType
from typing import Any

from limner.scheduling.engine.chain import InnerSlot
from limner.scheduling.engine.runner import Runner
from limner.scheduling.jobs.current_job import step_into
from limner.scheduling.jobs.job import Job, job_of
from limner.scheduling.jobs.job_state import EXECUTING, SUCCEEDED
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.options import Options


class Slot:
    """An ``async with`` block that holds a slot. Made by `Limiter.slot`, entered once.

    It may be left in another task than it was entered in.
    """

    __slots__ = ("_inner", "_item", "_options", "_runner")

    def __init__(self, runner: Runner, options: Options) -> None:
        if options.on_duplicate == "join":
            raise ValueError("a slot cannot be joined: its block is not a function to share")
        self._runner = runner
        self._options = options
        self._item: WorkItem | None = None
        self._inner: InnerSlot | None = None

    def held(self) -> WorkItem:
        """Return the job that holds it.

        Raises:
            RuntimeError: It was never entered.
        """
        if self._item is None:
            raise RuntimeError("this slot is not held: it was never entered")
        return self._item

    async def __aenter__(self) -> Job[None]:
        if self._item is not None:
            raise RuntimeError("a slot is entered once; ask the limiter for another")
        runner = self._runner
        self._item = item = runner.intake.receive(self._options, None, None)
        await runner.enter(item)
        if runner.chained is not None:
            self._inner = runner.chained.inner_slot(item)
            try:
                await self._inner.__aenter__()
            except BaseException as error:
                runner.fail(item, error)
                raise
        if is_generator(sys._getframe(1)):
            step_into(item.parent)
        return job_of(item)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        item = self._item
        if item is None or item.state is not EXECUTING:
            raise RuntimeError("this slot is not held: it was never entered, or released twice")
        if self._inner is not None:
            try:
                await self._inner.__aexit__(kind, error, traceback)
            except BaseException as inner_error:  # the job was stopped there: so it is here
                self._runner.fail(item, inner_error)
                raise
        if error is None:
            self._runner.conclude(item, SUCCEEDED, None)
        else:
            self._runner.fail(item, error)


def inner_options(item: WorkItem) -> Options:
    """Return what a job asks of the limiter its own is chained to."""
    weight: Any = item.options.named or item.options.weight
    return dataclasses.replace(
        item.options,
        weight=weight,
        priority=item.priority,
        id=None,  # each limiter has its own ids
        expiration=None,  # the first limiter sees to these
        queue_timeout=None,
        timeout=None,
        on_duplicate="reject",
    )


def is_generator(frame: FrameType) -> bool:
    """Whether running code is an async generator.

    What a generator sets in the context stands in the context of whoever iterates over it, and
    stays there while it is suspended, and after it was closed by somebody else.
    """
    return frame.f_code.co_flags & inspect.CO_ASYNC_GENERATOR != 0
