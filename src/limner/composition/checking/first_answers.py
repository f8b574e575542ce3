"""What a server says at its start of those behind it that cannot be used yet."""

import asyncio
import logging
from collections.abc import Sequence

from limner.composition.checking.checkup import Finding
from limner.composition.checking.configured import ConfiguredServer
from limner.errors import LimnerError

log = logging.getLogger(__name__)

PAUSE = 5.0
"""Seconds after which a server that did not answer is asked again; twice as long each time."""
LONGEST = 300.0
"""Seconds that are never more than that."""
_OPTIONS = {"model": "--llm", "picture": "--backend"}
"""What names a server, by its kind."""


async def tell_first_answers(
    servers: Sequence[ConfiguredServer], *, pause: float = PAUSE, longest: float = LONGEST
) -> None:
    """Say once which servers cannot be used yet, and of each of these when it can.

    They may be started later than whoever asks them, so nothing waits for them. Whoever has said
    nothing wrong is not told of. It ends when each has answered.

    Args:
        servers: Those that are asked to write and draw.
        pause: Seconds after which one is asked again; twice as long each time.
        longest: At most so many.
    """
    await asyncio.gather(*(_follow(one, pause, longest) for one in servers))


async def _follow(server: ConfiguredServer, pause: float, longest: float) -> None:
    told = False
    while not _answers(found := await _asked(server)):
        if not told:
            told = True
            log.warning(
                "the %s server (%s) cannot be used yet: %s; a line here tells when it answers",
                server.kind, _OPTIONS[server.kind], found[0].told,
            )  # fmt: skip
        await asyncio.sleep(pause)
        pause = min(2 * pause, longest)
    if told and found:
        log.info("the %s server %s answers now: %s", server.kind, found[0].server, found[0].said)
    for one in found:
        if not one.ok:
            log.warning("the %s server %s: %s", server.kind, one.server, one.told)


def _answers(found: list[Finding]) -> bool:
    return all(one.ok for one in found if one.step == "reachable")


async def _asked(server: ConfiguredServer) -> list[Finding]:
    try:
        return await server.ask()
    except LimnerError as error:
        log.debug("a %s server cannot be asked: %s", server.kind, error)
        return []  # what stands in the settings was looked at before, and is complained of there
