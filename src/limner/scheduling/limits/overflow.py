"""The strategies for dropping jobs when too many wait."""

from __future__ import annotations

import enum


class Overflow(enum.StrEnum):
    """Who goes when a job would have to wait and ``high_water`` jobs wait already.

    Each is also the string that `limner.errors.JobDropped` carries.

    Examples:
        >>> Overflow.LEAK == "leak"
        True
    """

    LEAK = "leak"
    """The oldest job of the least important level that is not above the newcomer's."""
    OVERFLOW = "overflow"
    """The newcomer."""
    OVERFLOW_PRIORITY = "overflow_priority"
    """As `LEAK`, but only a job strictly less important than the newcomer; else the newcomer."""
    BLOCK = "block"
    """Everybody who waits, the newcomer, and everybody who comes during the penalty."""
