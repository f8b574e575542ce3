"""Servers for a browser: they run beside the test, which waits for what the browser does."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

T = TypeVar("T")


class Beside:
    """A thread with an event loop, in which servers run until the test is over.

    Args:
        portal: The way there.
        stack: Ends them.
    """

    def __init__(self, portal: BlockingPortal, stack: contextlib.ExitStack) -> None:
        self._portal = portal
        self._stack = stack
        self.call = portal.call

    def run(self, server: AbstractAsyncContextManager[T]) -> T:
        """Start one; it ends with the test, the last one first."""
        return self._stack.enter_context(self._portal.wrap_async_context_manager(server))

    def event(self) -> asyncio.Event:
        """An event that servers can wait for, until `set`."""
        return self.call(_event)

    def set(self, event: asyncio.Event) -> None:
        """Let those go on who wait for it."""
        self.call(event.set)


async def _event() -> asyncio.Event:
    return asyncio.Event()


@contextlib.contextmanager
def servers_beside() -> Iterator[Beside]:
    """The thread, for the time of the block."""
    with start_blocking_portal() as portal, contextlib.ExitStack() as stack:
        yield Beside(portal, stack)
