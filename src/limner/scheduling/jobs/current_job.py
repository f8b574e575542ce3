"""The jobs inside which the running code runs.

The answer travels in a context variable, so child tasks inherit it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar

from limner.scheduling.jobs.job_state import DONE, EXECUTING
from limner.scheduling.jobs.work_item import Engine, WorkItem

_inside: ContextVar[WorkItem | None] = ContextVar("limner_inside", default=None)

# Methods of their own name: a method that is looked up on an imported variable is made anew, as an
# object, for each call, and the limiter's inner loop calls both.

innermost = _inside.get
"""Return the innermost job the running code belongs to, of whatever limiter.

A task that was started inside a job may find it ended: read this through `living`.
"""

step_into = _inside.set
"""Let a job be the innermost from now on, in this context."""


def living(item: WorkItem | None) -> WorkItem | None:
    """Return the job, or if it has ended the nearest of its ancestors that has not."""
    while item is not None and item.state is DONE:
        item = item.parent
    return item


def ancestors(item: WorkItem | None) -> Iterator[WorkItem]:
    """Go outwards from a job, itself included."""
    while item is not None:
        yield item
        item = item.parent


def executing_in(engine: Engine, item: WorkItem | None) -> Iterator[WorkItem]:
    """Go through the jobs of one limiter that execute, from a job outwards."""
    return (
        other for other in ancestors(item) if other.engine is engine and other.state is EXECUTING
    )
