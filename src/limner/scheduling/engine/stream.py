"""Async generators in a slot: held from the first item to the close."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from limner.scheduling.engine.slot import Slot
from limner.scheduling.jobs.current_job import innermost, step_into
from limner.scheduling.jobs.work_item import WorkItem


async def limited_stream(
    slot: Slot, make: Callable[[], AsyncGenerator[Any, Any]]
) -> AsyncGenerator[Any, Any]:
    """Iterate over an async generator inside a slot. Sent values and errors reach it.

    The slot is free when the generator has ended, was closed, by whomever, or was forgotten. What
    tells the job to stop between two items is raised where the generator goes on.
    """
    async with slot:
        item = slot.held()
        generator = make()
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
                except BaseException as error:
                    step = generator.athrow(error)
                else:
                    told = item.interrupt
                    step = generator.asend(sent) if told is None else generator.athrow(told)
        finally:
            await generator.aclose()


async def _inside(item: WorkItem, step: Awaitable[Any]) -> Any:
    """Take one step of a generator as part of its job, of which its consumer is none.

    The job's task is the one that takes the step; between two steps there is none.
    """
    task = asyncio.current_task()
    assert task is not None  # somebody awaits this  # noqa: S101
    item.task, item.cancelling = task, task.cancelling()
    outside = innermost()
    step_into(item)
    try:
        value = await step
    finally:
        step_into(outside)
    if item.told:
        task.uncancel()  # it was told to stop, and went on: it will be told again
        item.told = False
    item.task = None
    return value
