"""What becomes of running jobs while nobody can say whether they may run."""

from enum import StrEnum


class OnOutage(StrEnum):
    """What becomes of running jobs when the server cannot be reached for a lease's length."""

    STOP = "stop"
    """They are cancelled, so that the limit is never exceeded."""
    FINISH = "finish"
    """They go on; others may start meanwhile, and the limit may be exceeded by so many."""
