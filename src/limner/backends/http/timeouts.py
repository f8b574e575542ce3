"""How long a server may take for what."""

from dataclasses import dataclass

NONE = float("inf")
"""No bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Bounds in seconds; `NONE` is none. By default only connecting has one.

    A server may draw for an hour before it answers, and wait for its other jobs before it draws:
    how long a picture is waited for is for who wants it to say
    (`limner.illustration.generation.patience`),
    who also hears of its progress. A bound here must not undercut that one.

    Attributes:
        connect: To find the server and connect.
        first_byte: From asking to the head of the answer.
        idle: Between two pieces of a body.
        total: From asking to the last byte.

    Raises:
        ValueError: One is not more than 0.
    """

    connect: float = 10.0
    first_byte: float = NONE
    idle: float = NONE
    total: float = NONE

    def __post_init__(self) -> None:
        for name in ("connect", "first_byte", "idle", "total"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0 seconds, not {getattr(self, name)}")

    def at_most(self, other: "Timeouts") -> "Timeouts":
        """These bounds, none wider than the other's.

        Examples:
            >>> BRIEF.at_most(Timeouts(total=5.0))
            Timeouts(connect=10.0, first_byte=20.0, idle=20.0, total=5.0)
        """
        return Timeouts(
            connect=min(self.connect, other.connect),
            first_byte=min(self.first_byte, other.first_byte),
            idle=min(self.idle, other.idle),
            total=min(self.total, other.total),
        )


BRIEF = Timeouts(connect=10.0, first_byte=20.0, idle=20.0, total=40.0)
"""For what takes no drawing: lists, status, cancelling."""

TRANSFER = Timeouts(connect=10.0, first_byte=120.0, idle=120.0, total=1800.0)
"""For pictures that are made and only have to come over."""


def bounded(value: float) -> float | None:
    """A bound, or an instant, as asyncio has it.

    Examples:
        >>> bounded(5.0), bounded(NONE)
        (5.0, None)
    """
    return None if value == NONE else value
