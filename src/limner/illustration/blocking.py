"""Illustrating a text in one call that waits: for scripts and notebooks."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from limner.illustration.illustrated import Illustrated
from limner.illustration.illustrator import Illustrator
from limner.illustration.sessions.text.scanned_text import Source


def illustrate(chunks: Source, **options: Any) -> Illustrated:
    """Illustrate a text, wait for its pictures, and give the result.

    For a script or a notebook with one text. It works where an event loop is running too, as in a
    notebook: that loop stands still meanwhile. Who illustrates more than one text, or has something
    else to do, keeps an `Illustrator`.

    Interrupted (Ctrl-C), it stops what is drawn before it raises `KeyboardInterrupt`.

    Args:
        chunks: A string, its pieces as an iterable or asynchronous one.
        **options: Those of `Illustrator`.

    Returns:
        The message with its pictures; in a notebook, it shows itself.

    Raises:
        limner.errors.LimnerError: As `Illustrator` and `Illustrator.illustrate`.

    Examples:
        >>> result = illustrate('Snow. <!--img-prompt="a fox"--> The end.', width=128, height=96)
        >>> result.complete, len(result.slots)
        (True, 1)
    """
    work = _illustrate(chunks, options)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    return _elsewhere(work)


async def _illustrate(chunks: Source, options: dict[str, Any]) -> Illustrated:
    async with Illustrator(**options) as illustrator:
        return await illustrator.illustrate(chunks)


def _elsewhere(work: Coroutine[Any, Any, Illustrated]) -> Illustrated:
    # An event loop runs in this thread already, and a thread has one at a time.
    done: Future[Illustrated] = Future()
    stop: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Illustrated]]] = Future()

    async def run() -> Illustrated:
        task = asyncio.ensure_future(work)
        stop.set_result((asyncio.get_running_loop(), task))
        return await task

    def target() -> None:
        try:
            done.set_result(asyncio.run(run()))
        except BaseException as error:
            done.set_exception(error)

    thread = threading.Thread(target=target, name="limner.illustrate")
    thread.start()
    try:
        return done.result()
    except KeyboardInterrupt:
        loop, task = stop.result()
        with suppress(RuntimeError):  # it has ended in this very moment
            loop.call_soon_threadsafe(task.cancel)
        raise
    finally:
        thread.join()
