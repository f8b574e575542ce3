"""What an A1111-like server does with our pictures: how far each is, and stopping it.

These servers draw one picture at a time and go on drawing when nobody listens any more; their
``interrupt`` stops whatever runs. So one must know whose picture that is:

- AUTOMATIC1111 and Forge with their page (``--api`` without ``--nowebui``) tell it by the name that
  was given with the picture: ``force_task_id``, asked for at ``/internal/progress``. A picture that
  waits in the server's line is interrupted as soon as its turn has come.
- Everywhere else only a picture that was asked for while the server was idle is known to be the
  one that runs, until it ends.

Any other is left alone: somebody else's picture is neither shown as ours nor stopped.
"""

import asyncio
from contextlib import suppress

from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import BRIEF
from limner.backends.images.a1111.wire import API, JobProgress, read_progress, read_task
from limner.errors import BackendError, BackendRejected

BY_NAME = "/internal/progress"

CLOSING = 10.0
"""Seconds that closing waits for the server to be told of pictures nobody wants any more."""

PATIENCE = 3
"""Looks for a picture that the server does not know (yet)."""


class ServerJobs:
    """Our pictures on one server.

    Args:
        session: The way to the server.
        poll: Seconds between two looks.
    """

    def __init__(self, session: ServerSession, *, poll: float) -> None:
        self._session = session
        self._poll = poll
        self._entering = asyncio.Lock()
        self._by_name: bool | None = None
        self._there: set[str] = set()
        self._surely: str | None = None
        self._stopping: set[asyncio.Task[None]] = set()

    async def enter(self, task: str, *, named: bool) -> None:
        """A picture is about to be asked for.

        Args:
            task: The name that is given with it.
            named: Whether servers of this flavour may tell pictures apart by name.

        Raises:
            limner.errors.BackendError: The server cannot be asked.
        """
        async with self._entering:  # of several at once only the first finds the server idle
            if self._by_name is None:
                self._by_name = named and await self._knows_names()
            if not self._by_name and not self._there and not (await self._whatever()).busy:
                self._surely = task
            self._there.add(task)

    def leave(self, task: str) -> None:
        """It has ended on the server, or nothing is known of it any more."""
        self._there.discard(task)
        if self._surely == task:
            self._surely = None

    async def look(self, task: str, *, preview: bool = False) -> JobProgress:
        """Where our picture stands, by one question; not ``known`` where nobody can know.

        Raises:
            limner.errors.BackendError: The server cannot be asked.
        """
        if self._by_name:
            return await self._named(task, preview=preview)
        if self._surely == task:
            return await self._whatever(preview=preview)
        return JobProgress(fraction=0.0, busy=False)

    async def give_up(self, task: str) -> None:
        """Nobody wants the picture any more: have the server stop it, if that can be done safely.

        Returns when it is stopped, or known to wait in the server's line: then it is stopped when
        its turn has come, and nobody waits. Never raises the server's failure.
        """
        stopping = asyncio.create_task(self._stop(task), name=f"stop {task}")
        self._stopping.add(stopping)
        stopping.add_done_callback(self._stopping.discard)
        await asyncio.wait([stopping])

    async def aclose(self) -> None:
        """Wait, for a while, until all that was given up is stopped."""
        deadline = asyncio.get_running_loop().time() + CLOSING
        while self._stopping:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                for task in self._stopping:
                    task.cancel()
            await asyncio.wait(self._stopping, timeout=max(left, 0.0) or None)

    async def _stop(self, task: str) -> None:
        with suppress(BackendError):  # the server may be gone: then there is nothing to stop
            standing = await self.look(task)
            if standing.busy:
                await self._interrupt()
            elif standing.waiting:
                later = asyncio.create_task(self._stop_later(task), name=f"stop {task} later")
                self._stopping.add(later)
                later.add_done_callback(self._stopping.discard)
                return
        self.leave(task)

    async def _stop_later(self, task: str) -> None:
        unknown = 0
        with suppress(BackendError):
            while unknown < PATIENCE:
                await asyncio.sleep(self._poll)
                standing = await self._named(task)
                if standing.busy:
                    await self._interrupt()
                    break
                unknown = 0 if standing.waiting else unknown + 1
        self.leave(task)

    async def _interrupt(self) -> None:
        await self._session.request("POST", f"{API}/interrupt", timeouts=BRIEF, wanted="interrupt")

    async def _knows_names(self) -> bool:
        try:
            await self._named("task(limner)")
        except BackendRejected:
            return False
        return True

    async def _named(self, task: str, *, preview: bool = False) -> JobProgress:
        body = {"id_task": task, "id_live_preview": -1, "live_preview": preview}
        answer = await self._session.request(
            "POST", BY_NAME, json=body, timeouts=BRIEF, wanted="progress by name"
        )
        return read_task(answer.json())

    async def _whatever(self, *, preview: bool = False) -> JobProgress:
        params = {"skip_current_image": "false" if preview else "true"}
        answer = await self._session.request(
            "GET", f"{API}/progress", params=params, timeouts=BRIEF, wanted="progress"
        )
        return read_progress(answer.json())
