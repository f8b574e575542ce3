"""One writer for all who have something to keep: what comes together is one transaction.

What may wait a little does; what may not (a slot, a picture, the text of all streams at their
common beat) goes at once and takes along what waits. While a transaction runs, all that comes
meanwhile gathers for the next one: a slow disk gets fewer and larger transactions, never a longer
line of them. What is brief is done in the event loop, where that costs less.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from limner.errors import StorageBusy, StorageCorrupt, StorageFull, StorageUnavailable
from limner.storage.database.database import Database

T = TypeVar("T")
Work = Callable[[Connection], Any]
Given = tuple[Work, "asyncio.Future[Any]", bool]
"""Work, what tells what it gave, and whether it is brief."""

EVERYBODYS = StorageBusy, StorageCorrupt, StorageFull, StorageUnavailable
"""Errors that are no fault of any one piece of work."""


class GroupCommit:
    """Does work that changes a database, in groups.

    Everything is done in the order in which it was given. Work that fails, fails alone: the others
    of its group are done without it.

    Args:
        database: Where it is done.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[Given] = []
        self._hurried = self._beginning = False
        self._timer: asyncio.TimerHandle | None = None
        self._working: asyncio.Task[None] | None = None

    def add(
        self, work: Callable[[Connection], T], *, within: float = 0.0, brief: bool = False
    ) -> "asyncio.Future[T]":
        """Have work done.

        Args:
            work: May be called again if its transaction failed; see `Database`.
            within: Seconds for which it may wait for others.
            brief: Whether it is as little as `Database.write_here` wants.

        Returns:
            What it gives, when it is committed; or its `limner.errors.StorageError`.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting.append((work, done, brief))
        if within <= 0:
            if not self._beginning:  # else it is taken along
                self.hurry()
        elif self._timer is None or self._timer.when() > loop.time() + within:
            self._stop_waiting()
            self._timer = loop.call_later(within, self.hurry)
        return done

    def hurry(self) -> None:
        """Let nothing wait that waits now."""
        self._stop_waiting()
        self._hurried = bool(self._waiting)
        if self._hurried and self._working is None and not self._beginning:
            self._beginning = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        self._beginning = False
        if not self._hurried or self._working is not None:
            return
        self._hurried = False
        group, self._waiting = self._waiting, []
        if not self._committed_here(group):
            self._working = asyncio.get_running_loop().create_task(
                self._work(group), name="library commits"
            )

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def flush(self) -> None:
        """Wait until all that was given is committed, or has failed."""
        self.hurry()
        while self._beginning or self._working is not None:
            self._begin()
            if self._working is not None:
                await asyncio.wait((self._working,))

    async def _work(self, group: list[Given]) -> None:
        try:
            await self._commit(group)
            while self._hurried:
                self._hurried = False
                group, self._waiting = self._waiting, []
                if not self._committed_here(group):
                    await self._commit(group)
        finally:
            self._working = None

    def _committed_here(self, group: list[Given]) -> bool:
        """Commit what is brief at once; tells whether that was possible."""
        for _, _, brief in group:
            if not brief:
                return False
        results = self._database.write_here(
            lambda connection: [work(connection) for work, _, _ in group]
        )
        if results is not None:
            _give(group, results[0])
        return results is not None

    async def _commit(self, group: list[Given]) -> None:
        try:
            results = await self._database.write(
                lambda connection: [work(connection) for work, _, _ in group]
            )
        except EVERYBODYS as error:
            for _, done, _ in group:
                _fail(done, error)
            return
        except Exception as error:
            if len(group) == 1:
                _fail(group[0][1], error)
                return
            for one in group:  # whoever is at fault is to fail alone
                await self._commit([one])
            return
        except BaseException:
            for _, done, _ in group:
                done.cancel()
            raise
        _give(group, results)


def _give(group: list[Given], results: list[Any]) -> None:
    for (_, done, _), result in zip(group, results, strict=True):
        if not done.done():
            done.set_result(result)


def _fail(done: "asyncio.Future[Any]", error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
        done.exception()  # whoever waits is told; nobody need wait
