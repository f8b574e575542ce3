"""What a library costs as it grows: opening it, a chat, lists, a gallery page, commits, streaming.

python -m benchmarks.storage [--sizes 100 1000 10000]
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

from limner.illustration import Alternative, Image, Message, Slot
from limner.storage import Library
from limner.testing.store_contract import a_message, a_picture, a_slot

MESSAGES_A_CHAT = 50
PICTURES_A_MESSAGE = 5
ROUNDS = 15
"""Of each measurement; the least counts, because other work only ever adds."""
TEXT = "Once upon a time there was a fox. " * 40

Doing = Callable[[], Awaitable[object]]


def with_picture(slot: Slot, image: Image) -> Slot:
    """The slot with a picture."""
    return replace(slot, alternatives=(Alternative(image, slot.prompt),), selected=0, attempts=1)


def conversation(start: int, end: int, image: Image) -> Iterator[Message]:
    """Messages with five slots of a picture each, fifty to a chat."""
    for number in range(start, end):
        name = f"m{number}"
        slots = (with_picture(a_slot(name, each), image) for each in range(PICTURES_A_MESSAGE))
        message = a_message(name, *slots, text=TEXT)
        yield replace(message, chat_id=f"c{number // MESSAGES_A_CHAT}")


async def milliseconds(doing: Doing) -> float:
    """The least CPU time of something, over all threads."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        await doing()
        times.append(time.process_time() - start)
    return min(times) * 1000


async def measured(library: Library, place: str) -> dict[str, float]:
    """What each kind of call takes now."""
    numbers = iter(range(10_000))

    async def reopen() -> None:
        await (await Library.open(place)).aclose()

    async def export() -> int:
        return sum(
            len(made.image.data)
            for message in await library.messages("c1")
            for slot in message.slots
            for made in slot.alternatives
        )

    async def commit() -> None:
        seed = next(numbers)
        slots = (a_slot("ten", each) for each in range(10))
        images = (replace(a_picture(seed * 10 + each), seed=seed) for each in range(10))
        pairs = zip(slots, images, strict=True)
        assert await library.save_slots(*(with_picture(slot, image) for slot, image in pairs))

    await library.save(replace(a_message("ten"), chat_id="c1"))
    await library.save(a_message("stream"))
    found = {
        "open the library": await milliseconds(reopen),
        "list 50 chats, or all": await milliseconds(library.chats),
        "open a chat of 50 messages, 250 pictures": await milliseconds(
            lambda: library.messages("c0")
        ),
        "read a message": await milliseconds(lambda: library.load("m7")),
        "gallery page of 50": await milliseconds(library.pictures),
        "gallery page of 50 of a chat": await milliseconds(lambda: library.pictures(chat_id="c0")),
        "export a chat, reading its pictures": await milliseconds(export),
        "unfinished drawings": await milliseconds(library.unfinished),
        "commit 10 new pictures": await milliseconds(commit),
        "append text": await milliseconds(lambda: library.append_text("stream", 0, "word ")),
    }
    await library.delete("ten")
    await library.delete("stream")
    await library.gc(grace=-60.0, keep_deleted=-60.0)
    return found


async def run(sizes: list[int]) -> None:
    """Let one library grow, and measure it at each size."""
    results: list[dict[str, float]] = []
    filling = []
    with tempfile.TemporaryDirectory() as place:
        async with await Library.open(place) as library:
            await library.save(a_message("seed", a_slot("seed", pictures=1)))
            image = (await library.pictures())[0].image
            done = 0
            for size in sizes:
                start = time.process_time()
                for message in conversation(done, size, image):
                    await library.save(message)
                filling.append((time.process_time() - start) * 1000 / (size - done))
                done = size
                results.append(await measured(library, place))
    heads = " | ".join(f"{size:,} messages" for size in sizes)
    print(f"| milliseconds of CPU | {heads} | {sizes[-1]:,} against {sizes[0]:,} |")
    print("|---|" + "--:|" * (len(sizes) + 1))
    rows = {"save a new message with 5 kept pictures": filling}
    rows |= {name: [result[name] for result in results] for name in results[0]}
    for name, times in rows.items():
        cells = " | ".join(f"{each:.2f}" for each in times)
        print(f"| {name} | {cells} | {times[-1] / times[0]:.2f} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    asyncio.run(run(parser.parse_args().sizes))


if __name__ == "__main__":
    main()
