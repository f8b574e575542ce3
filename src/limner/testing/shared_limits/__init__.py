"""Limits shared between limiters of one process, as over a network that fails when it is told to.

`SharedLimitsServer` is what a cluster has in one place: the limits, their state, the order of all
jobs, the leases. Each limiter gets a `ScriptedSharedLimits` to it, as if it were a process of its
own. What passes between them is a message, and a `Fate` says of each when it arrives: at once,
late, twice, or never.

Examples:
    >>> import asyncio
    >>> from limner.scheduling import Limiter
    >>> from limner.testing import run_virtual
    >>> async def main():
    ...     server = SharedLimitsServer()
    ...     here = Limiter(max_concurrent=1, shared=ScriptedSharedLimits(server, "here"))
    ...     there = Limiter(max_concurrent=1, shared=ScriptedSharedLimits(server, "there"))
    ...     await asyncio.gather(here.run(asyncio.sleep, 1), there.run(asyncio.sleep, 1))
    ...     return asyncio.get_running_loop().time()
    >>> run_virtual(main())
    2.0
"""

from limner.testing.shared_limits.client import ScriptedSharedLimits
from limner.testing.shared_limits.server import Fate, SharedLimitsServer, at_once

__all__ = ["Fate", "ScriptedSharedLimits", "SharedLimitsServer", "at_once"]
