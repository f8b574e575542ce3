"""One limiter for several illustrators: all their pictures together keep to it."""

import asyncio

from limner import Illustrator, Limiter
from limner.testing import ScriptedBackend, run_virtual


async def main() -> None:
    """Four stories at the same time, two pictures at a time, half a second between starts."""
    limiter = Limiter(max_concurrent=2, min_interval=0.5)
    backend = ScriptedBackend(seconds=3.0)
    story = '<!--img-prompt="a fox"--> and <!--img-prompt="an owl"-->'

    async def tell() -> None:
        async with Illustrator(backend=backend, limiter=limiter) as illustrator:
            await illustrator.illustrate(story)

    await asyncio.gather(*(tell() for _ in range(4)))
    print("at most", backend.peak, "at a time; starts:", [call.began for call in backend.calls])


run_virtual(main())
