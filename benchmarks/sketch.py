"""How fast `sketch` paints, how large its files are, and whether it holds the event loop up.

Run it from the repository's root: ``python -m benchmarks.sketch``. The method and the numbers of
one run are in ``README.md`` beside this file.
"""

import asyncio
import platform
import time
from collections.abc import Coroutine
from importlib.metadata import version
from statistics import mean

from limner.backends.images.sketch import SketchBackend
from limner.backends.images.sketch.renderer import paint
from limner.illustration.model.image import ImageRequest

PROMPTS = (
    "a small fox in a snowy forest at sunrise",
    "a lighthouse on a cliff in a storm at night",
    "an old wizard reading a book by candlelight in a tower room",
    "a sailing ship and a whale under the stars",
    "a red dragon flying over mountains at sunset",
    "a knight and a horse before a castle at dawn",
    "two children walking through an autumn forest with a lantern",
    "a mermaid and fish in a coral reef",
    "a busy market street in an old town",
    "loneliness",
)
SIZES = ((64, 64), (384, 256), (768, 512), (1024, 1024), (2048, 2048))
TICK = 0.001
"""Seconds between two looks at the clock."""


def painting() -> None:
    """CPU seconds a picture in one process, by size, and the size of the files."""
    print("| size | pictures | CPU s, mean | CPU s, largest | file KB, mean |")
    print("|---|---|---|---|---|")
    paint(PROMPTS[0], width=64, height=64)  # the libraries load
    for width, height in SIZES:
        prompts = PROMPTS if width < 2048 else PROMPTS[:4]
        spent, files = [], []
        for prompt in prompts:
            start = time.process_time()
            files.append(len(paint(prompt, width=width, height=height)))
            spent.append(time.process_time() - start)
        print(
            f"| {width}x{height} | {len(spent)} | {mean(spent):.2f} | {max(spent):.2f} "
            f"| {mean(files) / 1000:.0f} |"
        )


async def lateness() -> None:
    """How late a ticker on the loop is while nothing runs, and while two pictures are painted."""
    async with SketchBackend(workers=2) as backend:
        start = time.perf_counter()
        await backend.generate(ImageRequest(prompt=PROMPTS[0], width=64, height=64))
        print(
            f"\nfirst picture (64x64, worker start included): {time.perf_counter() - start:.2f} s"
        )
        print("\n| loop | ticks | late ms, p50 | p99 | largest | its own CPU ms a tick, largest |")
        print("|---|---|---|---|---|---|")
        await watched("idle", asyncio.sleep(3))
        await watched("two at a time, one worker starting", many(backend))
        await watched("two at a time, workers warm", many(backend))


async def many(backend: SketchBackend) -> None:
    """Eight pictures, two at a time."""
    await asyncio.gather(*(backend.generate(ImageRequest(prompt=prompt)) for prompt in PROMPTS[:8]))


async def watched(name: str, work: Coroutine[object, object, None]) -> None:
    """Tick until the work is done, then tell how late the ticks were."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    late: list[float] = []
    busy = 0.0  # lateness with little CPU is the machine's, not the backend's
    while not task.done():
        due, spent = loop.time() + TICK, time.thread_time()
        await asyncio.sleep(TICK)
        late.append(max(0.0, loop.time() - due) * 1000)
        busy = max(busy, (time.thread_time() - spent) * 1000)
    await task
    late.sort()
    p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
    print(f"| {name} | {len(late)} | {p50:.2f} | {p99:.2f} | {late[-1]:.2f} | {busy:.2f} |")


def main() -> None:
    """Print everything as Markdown."""
    print(
        f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in ("numpy", "pillow", "resvg-py"))
        + "\n"
    )
    painting()
    asyncio.run(lateness())


if __name__ == "__main__":
    main()
