"""Taking up, in the background, what a former process left undrawn."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from limner.illustration import Illustrator
from limner.server.health import Readiness
from limner.storage import Library

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def recovering(
    illustrator: Illustrator, library: Library, readiness: Readiness
) -> AsyncIterator[None]:
    """Draw what is left for the time of the block; what is not done by its end stays pending.

    Args:
        illustrator: Draws.
        library: Where it was left; nothing is taken up while others have it open, as it may be
            theirs.
        readiness: Is told.
    """
    readiness.recovering = True
    task = asyncio.create_task(_recover(illustrator, library, readiness), name="recovery")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def _recover(illustrator: Illustrator, library: Library, readiness: Readiness) -> None:
    try:
        if await library.is_open_elsewhere():
            if not library.is_shared:  # else `others.presence` notices who is gone
                log.warning(
                    "another limner has the library open; what is left undrawn there is left to it"
                )
            return
        found = await illustrator.keeper.keep(illustrator.recover)
        if found.queued or found.cut:
            log.info(
                "taking up %d pictures and %d cut answers of before",
                len(found.queued),
                len(found.cut),
            )
        await illustrator.recovered()
    except Exception:
        # Whatever it is, the server works on without it; the log and /readyz tell.
        readiness.recovery_failed = True
        log.exception("what is left undrawn cannot be taken up")
    finally:
        readiness.recovering = False
