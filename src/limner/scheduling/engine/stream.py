"""Async generators in a slot: held from the first item to the close."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from limner.scheduling.engine.slot import Slot
from limner.scheduling.jobs.current_job import INSIDE
from limner.scheduling.jobs.work_item import WorkItem


async def limited_stream(
    slot: Slot, make: Callable[[], AsyncGenerator[Any, Any]]
) -> AsyncGenerator[Any, Any]:
    """Iterate over an async generator inside a slot. Sent values and errors reach it.

    The slot is free when the generator has ended, was closed, by whomever, or was forgotten.
    """
    async with slot:
        generator = make()
        try:
            step: Awaitable[Any] = generator.asend(None)
            while True:
                try:
                    value = await _inside(slot.item, step)
                except StopAsyncIteration:
                    return
                try:
                    sent = yield value
                except GeneratorExit:
                    raise
                except BaseException as error:
                    step = generator.athrow(error)
                else:
                    step = generator.asend(sent)
        finally:
            await generator.aclose()


async def _inside(item: WorkItem | None, step: Awaitable[Any]) -> Any:
    """Take one step of a generator as part of its job, of which its consumer is none."""
    outside = INSIDE.get()
    INSIDE.set(item)
    try:
        return await step
    finally:
        INSIDE.set(outside)
