"""Answers of models that nothing is drawn for yet, so that they can be stopped all the same.

As soon as a model says something, its answer is a session of the illustrator, and is stopped there.
Before that, while its server is looked for, the place of the answer is looked up or the model is
silent, and where no pictures are wanted, there is none.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, Self, TypeVar

from limner.illustration import StopWhat

T = TypeVar("T")


class AnswerStopped(Exception):
    """Somebody wants no more of an answer that has not begun."""


class Illustrated(Protocol):
    """The pictures of an answer."""

    @property
    def in_session(self) -> bool:
        """Whether it is a session of the illustrator, which is stopped there."""
        ...

    @property
    def chat(self) -> str | None:
        """Its conversation, where that is known by now."""
        ...

    async def conversation(self) -> str | None:
        """Wait until its conversation is known."""
        ...

    def stop(self, what: StopWhat) -> None:
        """Stop its text, its pictures or both, also what is still to come."""
        ...


class OpenAnswer:
    """An answer of a model, for the time of a block.

    Args:
        others: All that are open.

    Attributes:
        pictures: Its pictures, once there may be some.
        leave: Leaves the model and ends the answer well, once that is begun; before, whatever is
            done for it is cancelled.
    """

    __slots__ = ("_others", "_stopped", "_task", "leave", "pictures")

    def __init__(self, others: "set[OpenAnswer]") -> None:
        self.pictures: Illustrated | None = None
        self.leave: Callable[[], None] | None = None
        self._others = others
        self._task: asyncio.Task[Any] | None = None
        self._stopped = False

    def __enter__(self) -> Self:
        self._others.add(self)
        return self

    def __exit__(self, *error: object) -> None:
        self._others.discard(self)

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work of the answer until somebody stops it.

        Raises:
            AnswerStopped: Somebody did before there was anything to end; the work has ended.
        """
        self._task = here = asyncio.current_task()
        try:
            return await work
        except asyncio.CancelledError:
            if not self._stopped or here is None or here.uncancel() > 0:
                raise
            raise AnswerStopped from None
        finally:
            self._task = None

    def stop(self, what: StopWhat) -> bool:
        """Stop it; tells whether there was anything to stop here."""
        if self._stopped or (self.pictures is not None and self.pictures.in_session):
            return False
        if self.pictures is not None:
            self.pictures.stop(what)
        if what is StopWhat.PICTURES:
            return self.pictures is not None
        if self.leave is not None:
            self._stopped = True
            self.leave()
        elif self._task is not None:
            self._stopped = True
            self._task.cancel()
        return self._stopped


class OpenAnswers:
    """All answers of models that are asked for at this moment.

    Examples:
        >>> answers = OpenAnswers()
        >>> async def silent():
        ...     with answers.one() as answer:
        ...         await answer.unless_stopped(asyncio.sleep(3600))
        >>> async def main():
        ...     asking = asyncio.create_task(silent())
        ...     await asyncio.sleep(0)
        ...     stopped = answers.stop(StopWhat.ALL)
        ...     await asyncio.wait((asking,))
        ...     return stopped, asking.exception()
        >>> asyncio.run(main())
        (1, AnswerStopped())
    """

    def __init__(self) -> None:
        self._open: set[OpenAnswer] = set()

    @property
    def open(self) -> int:
        """How many there are."""
        return len(self._open)

    def one(self) -> OpenAnswer:
        """One more, for the time of a block."""
        return OpenAnswer(self._open)

    async def recognise(self, *, within: float) -> None:
        """Wait until the conversations of those that are open are known, so many seconds at most.

        Whoever stops a conversation means also the answer that was asked for a moment ago.
        """
        finding = [
            asyncio.create_task(one.pictures.conversation())
            for one in self._open
            if one.pictures is not None and one.pictures.chat is None
        ]
        if not finding:
            return
        try:
            await asyncio.wait(finding, timeout=within)
        finally:
            for task in finding:
                task.cancel()
            await asyncio.gather(*finding, return_exceptions=True)

    def stop(self, what: StopWhat, *, chat: str | None = None) -> int:
        """Stop all that are no session yet, or those of a conversation; tells how many.

        Args:
            what: Their text, their pictures or both.
            chat: The conversation; those whose one is not known yet go on.
        """
        found = [
            one
            for one in self._open
            if chat is None or (one.pictures is not None and one.pictures.chat == chat)
        ]
        return sum([one.stop(what) for one in found])
