"""What has to be closed, closed at the end of an ``async with``."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """An asynchronous context manager that is itself, and calls `aclose` at the end.

    Examples:
        >>> import asyncio
        >>> class Door(Closing):
        ...     async def aclose(self):
        ...         print("closed")
        >>> async def main():
        ...     async with Door() as door:
        ...         print(type(door).__name__)
        >>> asyncio.run(main())
        Door
        closed
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    @abstractmethod
    async def aclose(self) -> None:
        """Give back what is held. Twice is fine."""
