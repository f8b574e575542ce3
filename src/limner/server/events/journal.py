"""The seam to a journal in which several servers write what happens, and which all of them read.

`limner.cluster.ValkeyJournal` is one.
"""

from collections.abc import Sequence
from typing import Protocol


class JournalReader(Protocol):
    """Hears what is written."""

    def heard(self, entry_id: str, entry: bytes, *, own: bool) -> None:
        """An entry, in the order of the journal; its writer hears it as well."""
        ...

    def refused(self, entries: Sequence[bytes]) -> None:
        """These could not be written; the others do not hear of them."""
        ...

    def begins(self, entry_id: str) -> None:
        """What there was has been heard, up to this entry."""
        ...

    def gap(self, entry_id: str) -> None:
        """What was heard until this entry may not be all there was."""
        ...


class EventJournal(Protocol):
    """What all servers write and read."""

    @property
    def trouble(self) -> str | None:
        """Why nothing is heard of others; ``None``: it is, as far as is known."""
        ...

    async def begin(self, reader: JournalReader) -> object:
        """Read what there is and what comes."""
        ...

    def add(self, entry: bytes) -> bool:
        """Have an entry written soon; ``False``: it cannot be now."""
        ...
