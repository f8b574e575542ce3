"""What becomes of a node that dies."""

from dataclasses import dataclass

TTL = 5.0
"""Seconds after which a node that is not heard is taken for dead; as in a real cluster."""
BEAT = 1.0
"""Seconds between two times that one looks for the dead, likewise."""


@dataclass(frozen=True, slots=True)
class Death:
    """A node died.

    Attributes:
        at: When, in seconds from the start.
        node: Which, in words.
        drew: How many pictures it was drawing.
    """

    at: float
    node: str
    drew: int
