"""Who may run now: limiters, groups of them, barriers.

General layout, from the rule outwards:

- ``limits/``: what can be asked for, checked (``rate``, ``calendar_edge``, ``reservoir``,
  ``retry``, ``overflow``, ``limits``, ``options``), and ``admission``, the rule itself, pure
- ``jobs/``: a job as the limiter knows it (``work_item``) and as callers see it (``job``), who is
  next (``job_queue`` of ``fifo_queue`` and ``fair_queue``), what the running code belongs to
  (``current_job``, ``scope``), and what cannot end (``deadlock``)
- ``engine/``: the parts of a limiter, put together in ``engine``: ``core`` (loop, jobs, record,
  with ``timer``, ``events``, ``statistics``), ``intake``, a ``scheduler`` that gives slots,
  ``runner``, ``slot``, ``stream``. The scheduler is a seam: ``local_scheduler`` asks
  ``admission_control``, ``shared_scheduler`` asks a port, ``shared_limits``
- ``limiter`` with ``submission``, ``inspection`` and ``control``: what callers use
- ``tools/``: around it: ``group``, ``barrier``, ``batcher``, ``adaptive``

Only the standard library is needed. The errors are in `limner.errors`; the one a job raises
itself, `RetryAfter`, is here too.
"""

from limner.errors import RetryAfter
from limner.scheduling.engine.events import (
    Cancelled,
    Depleted,
    Done,
    Dropped,
    Empty,
    Event,
    Executing,
    Failed,
    Idle,
    JobEvent,
    Paused,
    Queued,
    Received,
    Resumed,
    Retried,
    Scheduled,
)
from limner.scheduling.engine.forecast import Explanation
from limner.scheduling.engine.shared_limits import Ask, Lease, LeaseHolder, Outlook, SharedLimits
from limner.scheduling.engine.slot import Slot
from limner.scheduling.engine.statistics import Spread, Statistics
from limner.scheduling.jobs.job import Job
from limner.scheduling.jobs.job_state import JobOutcome, JobState
from limner.scheduling.jobs.scope import Scope
from limner.scheduling.limiter import Limiter
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import JobOptions
from limner.scheduling.limits.overflow import Overflow
from limner.scheduling.limits.rate import Rate
from limner.scheduling.limits.reservoir import Reservoir
from limner.scheduling.limits.retry import Retry
from limner.scheduling.tools.adaptive import Adaptive
from limner.scheduling.tools.barrier import Barrier
from limner.scheduling.tools.batcher import Batcher
from limner.scheduling.tools.group import LimiterGroup

__all__ = [
    "Adaptive",
    "Ask",
    "Barrier",
    "Batcher",
    "Cancelled",
    "Depleted",
    "Done",
    "Dropped",
    "Empty",
    "Event",
    "Executing",
    "Explanation",
    "Failed",
    "Idle",
    "Job",
    "JobEvent",
    "JobOptions",
    "JobOutcome",
    "JobState",
    "Lease",
    "LeaseHolder",
    "Limiter",
    "LimiterGroup",
    "Limits",
    "Outlook",
    "Overflow",
    "Paused",
    "Queued",
    "Rate",
    "Received",
    "Reservoir",
    "Resumed",
    "Retried",
    "Retry",
    "RetryAfter",
    "Scheduled",
    "Scope",
    "SharedLimits",
    "Slot",
    "Spread",
    "Statistics",
]
