"""Who may run now: limiters, groups of them, barriers.

General layout, from the rule outwards:

- ``rate`` (and ``calendar_edge``), ``reservoir``, ``retry``, ``limits``, ``options``: what can be
  asked for, checked
- ``admission``: the rule itself, pure; ``store``: where its state is kept
- ``lane``, ``fair_lane``, ``line``: who is next; ``high_water``: who goes when too many wait;
  ``timer``: the one timer
- ``dispatcher``, ``execution``, ``short_cut``, ``engine``: a limiter's engine: taking in and
  granting; running, retrying, ending; all of that straight on for plain jobs; holding and answering
  (``forecast``, ``statistics``)
- ``ancestry``, ``scope``: what the running code belongs to
- ``limiter`` with ``inspection`` and ``control``, ``slot``, ``job``, ``events``: what callers see
- ``group``, ``barrier``, ``batcher``, ``adaptive``: around it

Only the standard library is needed. The errors are in `limner.errors`; the one a job raises
itself, `RetryAfter`, is here too.
"""

from limner.errors import RetryAfter
from limner.scheduling.adaptive import Adaptive
from limner.scheduling.barrier import Barrier
from limner.scheduling.batcher import Batcher
from limner.scheduling.events import (
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
from limner.scheduling.forecast import Explanation
from limner.scheduling.group import LimiterGroup
from limner.scheduling.job import Job, JobOutcome, JobState
from limner.scheduling.limiter import Limiter
from limner.scheduling.limits import Limits, Overflow
from limner.scheduling.options import JobOptions
from limner.scheduling.rate import Rate
from limner.scheduling.reservoir import Reservoir
from limner.scheduling.retry import Retry
from limner.scheduling.scope import Scope
from limner.scheduling.slot import Slot
from limner.scheduling.statistics import Spread, Statistics
from limner.scheduling.store import LocalStore, Store

__all__ = [
    "Adaptive",
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
    "Limiter",
    "LimiterGroup",
    "Limits",
    "LocalStore",
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
    "Slot",
    "Spread",
    "Statistics",
    "Store",
]
