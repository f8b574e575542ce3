"""How long a server may take for what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Bounds in seconds. The defaults suit a slow machine at home that draws one picture a time.

    Attributes:
        connect: To find the server and connect.
        first_byte: From asking to the head of the answer. Many servers draw before they answer,
            and wait for their other jobs before they draw.
        idle: Between two pieces of a body.
        total: From asking to the last byte.

    Raises:
        ValueError: One is not more than 0.
    """

    connect: float = 10.0
    first_byte: float = 900.0
    idle: float = 120.0
    total: float = 1800.0

    def __post_init__(self) -> None:
        for name in ("connect", "first_byte", "idle", "total"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0 seconds, not {getattr(self, name)}")

    def at_most(self, other: "Timeouts") -> "Timeouts":
        """These bounds, none wider than the other's.

        Example:
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
