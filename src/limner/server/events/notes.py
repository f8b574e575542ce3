"""The seam to what is told for a while, by whoever knows it, to whoever asks.

`limner.cluster.ValkeyNotes` is one.
"""

from typing import Protocol


class Notes(Protocol):
    """Keeps notes as long as they are good for something; any may be lost."""

    async def put(self, name: str, note: bytes, *, ttl: float) -> bool:
        """Keep a note for so many seconds; tells whether it is kept."""
        ...

    async def get(self, name: str) -> bytes | None:
        """Read a note, if there is one."""
        ...

    async def drop(self, name: str) -> None:
        """Forget a note."""
        ...
