"""What a cleaning removed, and whether a library is sound."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanUp:
    """What a cleaning removed.

    Attributes:
        chats: Deleted conversations.
        messages: Deleted messages.
        pictures: Pictures nothing referred to, with their files.
        thumbnails: Thumbnails without a picture.
        half_written: Files of processes that died while they wrote.
        bytes: How much room that gave back.
    """

    chats: int = 0
    messages: int = 0
    pictures: int = 0
    thumbnails: int = 0
    half_written: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Whether a library is sound.

    Attributes:
        pictures: How many pictures it refers to.
        missing: Digests of those whose file is not there.
        damaged: Digests of those whose file is not what was written.
        orphans: Names of files nothing refers to, below the pictures' directory.
        database: What the database itself complains about.
    """

    pictures: int
    missing: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    database: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is missing or damaged; orphans only take room."""
        return not (self.missing or self.damaged or self.database)
