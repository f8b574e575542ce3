"""Several processes as one: limits that all of them keep, and events that all of them hear.

General layout: ``limits`` is a port of `limner.scheduling`, ``events`` a journal that all write and
read, ``leases`` what one of them has at a time, ``notes`` what is told for a while.

Examples:
    >>> from limner.cluster import ValkeyLimits
    >>> from limner.scheduling import Limiter
    >>> shared = ValkeyLimits.from_url("valkey://127.0.0.1:6379/0", name="pictures")
    >>> limiter = Limiter(max_concurrent=3, shared=shared)
"""

from limner.cluster.events.valkey_journal import ValkeyJournal
from limner.cluster.leases.valkey_leases import ValkeyLeases
from limner.cluster.limits.on_outage import OnOutage
from limner.cluster.limits.valkey_limits import ValkeyLimits
from limner.cluster.notes.valkey_notes import ValkeyNotes

__all__ = ["OnOutage", "ValkeyJournal", "ValkeyLeases", "ValkeyLimits", "ValkeyNotes"]
