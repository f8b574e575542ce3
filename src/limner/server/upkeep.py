"""What a server does now and then so that its library keeps within bounds."""

import asyncio
import logging

from limner.errors import LimnerError
from limner.server.services import Services
from limner.storage import Bound, Bounded, keep_within

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two times that it is looked."""


async def keep_bounds(services: Services, bound: Bound, *, every: float = EVERY) -> None:
    """Remove what a bound does not allow, at once and from time to time, and tell of it."""
    while True:
        try:
            for one in await bounded(services, bound):
                log.info(
                    "%s: %d pictures are more than are kept and were removed, %d of them shown"
                    " (%d bytes)",
                    one.owner or "nobody",
                    one.pictures,
                    one.shown,
                    one.bytes,
                )
        except LimnerError as error:
            log.warning("the library cannot be kept within its bound: %s", error)
        await asyncio.sleep(every)


async def bounded(services: Services, bound: Bound, *, dry_run: bool = False) -> list[Bounded]:
    """Remove what a bound does not allow; whoever looks at it hears of it."""
    store = services.illustrator.store
    return await keep_within(services.library, bound, store=store, dry_run=dry_run)
