"""The seam to a database: work is done in transactions, whole or not at all."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class Database(Protocol):
    """Something that does work in transactions.

    The work is a plain function of a connection. It may be called again, when it stood in the way
    of another's work, so it must have no other effect than what it does to the database.
    """

    @property
    def is_server(self) -> bool:
        """Whether it is a server, which several processes on several machines may use."""
        ...

    def let_in(self, process: str | None) -> None:
        """Change nothing any more but for a process that is present; ``None``: whoever asks.

        It is looked for in each transaction that changes something.
        """
        ...

    def glance(self, work: Callable[[Connection], T], *, single: bool = False) -> tuple[T] | None:
        """Do a little reading here and now, if that costs less than to have it done elsewhere.

        Args:
            work: Takes microseconds, and runs `Statement`s only.
            single: Whether it runs one, which sees one state of the database by itself.

        Returns:
            What it gives; ``None``: it is to be done by `read`.
        """
        ...

    def write_here(self, work: Callable[[Connection], T]) -> tuple[T] | None:
        """Do a little work in one transaction here and now, if that costs less than elsewhere.

        Args:
            work: Changes a few rows; `Statement`s are cheapest.

        Returns:
            What it gives, when it is committed; ``None``: nothing was changed, for whatever
            reason, and it is to be done by `write`, which may wait, and tells what is wrong.
        """
        ...

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do work that only reads; it sees one state of the database, whoever writes meanwhile.

        Raises:
            StorageError: The database cannot be read, and why.
        """
        ...

    async def write(self, work: Callable[[Connection], T], *, long: bool = False) -> T:
        """Do work that changes the database in one transaction.

        Args:
            work: What is done.
            long: Whether it goes through the whole library, so that a statement may take minutes.

        Raises:
            StorageError: Nothing was changed, and why.
        """
        ...

    async def aclose(self) -> None:
        """Give all connections back."""
        ...
