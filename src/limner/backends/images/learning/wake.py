"""Something that is to be done at an instant, which may change until then."""

import asyncio
from collections.abc import Callable
from math import inf


class Wake:
    """One timer, set anew as often as one likes.

    Args:
        action: What is to be done.

    Examples:
        >>> async def main():
        ...     wake = Wake(lambda: print("now"))
        ...     wake.set(asyncio.get_running_loop().time() + 0.01)
        ...     await asyncio.sleep(0.05)
        >>> asyncio.run(main())
        now
    """

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self._at = inf
        self._handle: asyncio.TimerHandle | None = None

    def set(self, at: float) -> None:
        """When, on the running loop's clock; infinity: never."""
        if at == self._at:
            return
        self.cancel()
        if at < inf:
            self._at = at
            self._handle = asyncio.get_running_loop().call_at(at, self._ring)

    def cancel(self) -> None:
        """Not at all. Twice is fine."""
        self._at = inf
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _ring(self) -> None:
        self._at, self._handle = inf, None
        self._action()
