"""How many connections a process may have: each is an open file, of which there is a limit."""

import contextlib
import sys

OTHERS = 256
"""Open files for the library, picture servers and everything else."""
EACH = 2
"""A connection of a client, and the one to the model it asks."""


def connections_with_room(wanted: int) -> int:
    """So many connections, or as many as there is room for.

    The limit that a user's programs begin with is raised as far as that user may raise it.

    Args:
        wanted: How many there are to be.

    Examples:
        >>> connections_with_room(4)
        4
    """
    files = _raised(wanted * EACH + OTHERS)
    return max(1, min(wanted, (files - OTHERS) // EACH))


def _raised(wanted: int) -> int:
    """How many files may be open, which is as many as are wanted if that can be had."""
    if sys.platform == "win32":
        return wanted
    import resource  # not there on Windows

    soft, hard = (
        sys.maxsize if limit == resource.RLIM_INFINITY else limit
        for limit in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    reachable = min(wanted, hard)
    if soft >= reachable:
        return soft
    with contextlib.suppress(OSError, ValueError):
        _, kept = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (reachable, kept))
        return reachable
    return soft
