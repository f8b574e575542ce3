"""A real ComfyUI is asked for more pictures at once than it draws: `make comfyui COMFYUI=URL`.

It draws one at a time, so the last waits several times as long as a picture takes. The time-out of
a picture is less than that, if it takes two seconds or more; all are drawn nevertheless, or the
exit code is 1.
"""

import asyncio
import sys
import time

from limner.composition import open_pipeline
from limner.config import Settings
from limner.illustration import ImageReady, ImageStarted

COUNT = 5
STORY = " ".join(
    f'Night {n}. <!--img-prompt="a fox in night {n}, number {time.time_ns()}"-->'
    for n in range(COUNT)
)
LEAST = 5.0
"""Seconds of silence that even a quick machine is given."""


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def drawn(address: str, count: int, silence: float) -> tuple[int, float]:
    """How many of so many pictures were made, and in how many seconds."""
    settings = Settings(backend=address, max_concurrent=count, picture_timeout=silence)
    async with open_pipeline(settings) as pipeline:
        began = time.monotonic()

        def tell(_: object, event: object) -> None:
            if isinstance(event, ImageStarted | ImageReady):
                what = "sent" if isinstance(event, ImageStarted) else "ready"
                say(f"{time.monotonic() - began:7.1f} s  {event.slot.id.ordinal + 1} {what}")

        pipeline.illustrator.on_event(tell)
        text = STORY if count > 1 else STORY.partition(" Night 1")[0]
        result = await pipeline.illustrator.illustrate(text)
        for slot in result.failed:
            say(f"picture {slot.id.ordinal + 1} failed: {slot.failure and slot.failure.reason}")
        return sum(slot.image is not None for slot in result.slots), time.monotonic() - began


async def main(url: str) -> int:
    """Draw one to see how long it takes, and then five at once."""
    address = f"comfyui+{url}"
    one, alone = await drawn(address, 1, 0)
    say(f"one picture: {alone:.1f} s")
    silence = max(2 * alone, LEAST)
    made, together = await drawn(address, COUNT, silence)
    say(f"{made} of {COUNT} in {together:.1f} s, each given up after {silence:.0f} s of silence")
    return 0 if (one, made) == (1, COUNT) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))
