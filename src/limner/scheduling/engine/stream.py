"""Async generators in a slot: held from the first item to the close."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from limner.scheduling.engine.slot import Slot
from limner.scheduling.jobs.current_job import INSIDE
from limner.scheduling.jobs.job_state import EXECUTING
from limner.scheduling.jobs.work_item import WorkItem


async def limited_stream(
    slot: Slot, make: Callable[[], AsyncGenerator[Any, Any]]
) -> AsyncGenerator[Any, Any]:
    """Iterate over an async generator inside a slot. Sent values and errors reach it.

    The slot is free when the generator has ended, was closed, by whomever, or was forgotten. If the
    job is stopped while somebody has an item and wants no other yet, the generator is closed, and
    whoever asks for the next item is told why; what he does meanwhile is his own.
    """
    await slot.__aenter__()
    item = slot.held()
    generator = make()
    item.stopper = lambda: slot.close_soon(generator.aclose)
    error: BaseException | None = None
    try:
        step: Awaitable[Any] = generator.asend(None)
        while True:
            try:
                value = await _inside(item, step)
            except StopAsyncIteration:
                return
            try:
                sent = yield value
            except GeneratorExit:
                raise
            except BaseException as thrown:
                step = generator.athrow(thrown)
            else:
                step = generator.asend(sent)
    except BaseException as caught:
        error = caught
        raise
    finally:
        await slot.closed()
        await generator.aclose()
        if item.state is EXECUTING:
            _take_over(item)
            await slot.__aexit__(type(error) if error else None, error, None)


async def _inside(item: WorkItem, step: Awaitable[Any]) -> Any:
    """Take one step of a generator as its job, in the task of whoever wants an item.

    The consumer is not part of the job: neither his context nor his task is the job's between two
    steps.
    """
    if item.state is not EXECUTING:
        raise item.error
    outside = INSIDE.get()
    _take_over(item)
    INSIDE.set(item)
    try:
        return await step
    finally:
        INSIDE.set(outside)
        if item.interrupt is None:
            item.task = None


def _take_over(item: WorkItem) -> None:
    item.task = task = asyncio.current_task()
    item.cancelling = task.cancelling() if task is not None else 0
