"""The seam to what only one of several servers may do at a time."""

from collections.abc import Callable
from typing import Protocol


class Leases(Protocol):
    """Gives leases out; `limner.cluster.ValkeyLeases` does so over several servers."""

    async def take(self, name: str, lost: Callable[[], object], /) -> bool:
        """Take a lease; ``False``: somebody else has it.

        Args:
            name: Its name.
            lost: Called when it is lost: its holder has to stop.
        """
        ...

    async def leave(self, name: str, /) -> None:
        """Give it back. Twice is fine."""
        ...


class NoOthers:
    """There is one server."""

    async def take(self, name: str, lost: Callable[[], object], /) -> bool:
        """It is free."""
        return True

    async def leave(self, name: str, /) -> None:
        """It stays free."""
