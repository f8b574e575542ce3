"""Several processes as one: limits that all of them keep together.

Example:
    >>> from limner.cluster import ValkeyLimits
    >>> from limner.scheduling import Limiter
    >>> shared = ValkeyLimits.from_url("valkey://127.0.0.1:6379/0", name="pictures")
    >>> limiter = Limiter(max_concurrent=3, shared=shared)
"""

from limner.cluster.limits.on_outage import OnOutage
from limner.cluster.limits.valkey_limits import ValkeyLimits

__all__ = ["OnOutage", "ValkeyLimits"]
