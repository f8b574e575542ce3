"""Making the tasks of jobs that do not run in their caller's."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any

from limner.scheduling.engine.core import LimiterCore
from limner.scheduling.engine.runner import Runner
from limner.scheduling.jobs.job import name_of
from limner.scheduling.jobs.job_state import DONE, FAILED, RUNNING
from limner.scheduling.jobs.work_item import WorkItem

logger = logging.getLogger("limner.scheduling")


class Launcher:
    """Makes a task for a job when it has its slot.

    Args:
        core: The limiter's jobs.
        runner: What runs in the task.
    """

    __slots__ = ("_core", "_runner")

    def __init__(self, core: LimiterCore, runner: Runner) -> None:
        self._core = core
        self._runner = runner

    def launch(self, item: WorkItem) -> None:
        """Make the task of a job that has its slot.

        Nothing of the job may run in here. A loop's own tasks begin in its next turn; a task
        factory may begin them at once (`asyncio.eager_task_factory` does), so it is called then.
        """
        if self._core.loop.get_task_factory() is None:
            self._make_task(item)
        else:
            self._core.loop.call_soon(self._make_task_or_fail, item)

    def _make_task(self, item: WorkItem) -> None:
        if item.context is None or item.state is not RUNNING:  # it has ended meanwhile
            return
        coroutine = self._perform_alone(item)
        try:
            task = item.context.run(self._core.loop.create_task, coroutine)
        except BaseException:
            coroutine.close()
            raise
        if item.state is not DONE:
            item.task = task
            task.add_done_callback(partial(self._task_ended, item))

    def _make_task_or_fail(self, item: WorkItem) -> None:
        try:
            self._make_task(item)
        except Exception as error:
            logger.exception("%s could not be started", name_of(item))
            self._runner.conclude(item, FAILED, error)

    async def _perform_alone(self, item: WorkItem) -> None:
        """Run a submitted job; how it ends is kept in the job for those who await it."""
        try:
            function, arguments = item.call
            await self._runner.perform(item.options, function, arguments, item)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: S110 - kept in the job
            pass

    def _task_ended(self, item: WorkItem, task: asyncio.Task[Any]) -> None:
        if item.state is not DONE:  # the task was cancelled before its first step
            self._runner.fail_early(item, asyncio.CancelledError())
