"""One life of a process that illustrates into a library, and a look at what it left behind.

Started as a program it imports everything once and then forks a process for each line of JSON it
is given: so a life begins within milliseconds, and can end by SIGKILL at any instant.
"""

import asyncio
import contextlib
import faulthandler
import json
import os
import random
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from tests.waiting import pause

from limner import Illustrator
from limner.errors import BackendRejected, StorageError
from limner.illustration import (
    EventStream,
    Image,
    ImageReady,
    ImageRequest,
    Message,
    StoreKeeper,
)
from limner.scheduling import Limiter
from limner.storage import Library
from limner.testing.scripted_backend import PIXEL

REFUSED = "refused"
"""A prompt that holds this word is never drawn."""

TOO_LONG = 30
"""Seconds after which a life that has not ended hangs: it tells where, and ends."""

KNOWN = {"limner.db", "limner.db-wal", "limner.db-shm", "pictures"}
"""What a library's directory holds."""


@dataclass(slots=True)
class LoggedBackend:
    """Draws a picture that nobody drew before, and tells when it starts and finishes.

    Args:
        log: A pipe to who outlives it, and who has room where the library has none.
        seconds: How long a picture takes in the middle.
    """

    log: int
    seconds: float

    async def generate(self, request: ImageRequest) -> Image:
        """Take some time, then give a picture or refuse."""
        self.write("start", request.prompt)
        seconds = random.uniform(0, 2 * self.seconds)
        await pause(seconds, because="whoever kills this process picks an instant")
        if REFUSED in request.prompt:
            self.write("refuse", request.prompt)
            raise BackendRejected("it does not like this")
        data = PIXEL + request.prompt.encode() + os.urandom(200)
        self.write("finish", request.prompt)
        return Image(data=data, media_type="image/png", width=64, height=64, seed=1)

    def write(self, what: str, prompt: str) -> None:
        """Tell a line that outlives this process."""
        os.write(self.log, f"{what} {prompt}\n".encode())  # one write: whole, or not at all


async def chunks(text: str, seed: int) -> AsyncIterator[str]:
    """The text in pieces, a model's pace apart."""
    chance = random.Random(seed)
    at = 0
    while at < len(text):
        end = at + chance.randint(1, 60)
        yield text[at:end]
        at = end
        await pause(chance.choice((0, 0, 0.001)), because="it is killed between any two pieces")


async def live(order: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Tell what an earlier life left, recover it, or else begin the message."""
    backend = LoggedBackend(order["pipe"], order["seconds"])
    async with await opened(order) as library:
        tell(await StoreKeeper().keep(lambda: look(library, order), for_ever=True))
        async with Illustrator(
            backend=backend,
            limiter=Limiter(max_concurrent=4),
            store=library,
            width=64,
            height=64,
            insert_mode=order["insert"],
        ) as illustrator:
            outages: list[object] = []
            illustrator.keeper.on_change(outages.append)
            await illustrator.keeper.keep(illustrator.recover)
            await illustrator.recovered()
            known = await illustrator.keeper.keep(lambda: library.load(order["message"]))
            if known is None:
                async with contextlib.AsyncExitStack() as stack:

                    async def enter() -> EventStream:
                        text = chunks(order["text"], order["seed"])
                        told = illustrator.stream(text, message_id=order["message"], chat_id="tale")
                        return await stack.enter_async_context(told)

                    async for event in await illustrator.keeper.keep(enter):
                        # What is shown while the store fails is kept when it works again.
                        if isinstance(event, ImageReady) and not outages:
                            backend.write("ready", event.slot.tag.prompt)


async def opened(order: dict[str, Any]) -> Library:
    """Open the library, as soon as it can be."""
    while True:
        try:
            return await Library.open(
                order["place"],
                pictures=order.get("pictures"),
                busy_timeout=order.get("busy", 5.0),
            )
        except StorageError as error:
            if not error.passing:
                raise
        await pause(0.01, because="somebody else starts it again")


async def look(library: Library, order: dict[str, Any]) -> dict[str, Any]:
    """What a library holds, and what those who drew have written down so far."""
    report = await library.check()
    return {
        "log": _lines(Path(order["log"])),
        "messages": {message.id: _seen(message) for message in await library.messages("tale")},
        "unfinished": [str(slot_id) for slot_id in await library.unfinished()],
        "unsound": [*report.missing, *report.damaged, *report.database],
        "orphans": list(report.orphans),
        "odd": sorted(str(path) for path in _odd_files(library)),
    }


async def look_only(order: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Tell what an earlier life left."""
    async with await opened(order) as library:
        tell(await StoreKeeper().keep(lambda: look(library, order), for_ever=True))


def _lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def _odd_files(library: Library) -> list[Path]:
    """Files that belong to nothing: half-written ones, and what nobody knows."""
    found: list[Path] = []
    if not library.is_shared:
        found += [path for path in Path(library.place).iterdir() if path.name not in KNOWN]
    for path in Path(library.pictures_place).rglob("*"):
        if (
            path.is_file()
            and path.parent.name != ".open"
            and path.name not in (".lock", ".library")
        ):
            found += [] if path.suffix == ".png" else [path]
    return found


def _seen(message: Message) -> dict[str, Any]:
    return {
        "text": message.text,
        "state": str(message.state),
        "slots": [
            {
                "prompt": slot.tag.prompt,
                "state": str(slot.state),
                "pending": len(slot.pending),
                "pictures": [getattr(made.image, "digest", "") for made in slot.alternatives],
                "selected": slot.selected,
            }
            for slot in message.slots
        ],
    }


def lived(order: dict[str, Any]) -> dict[str, Any]:
    """Let a process live, and kill it after some time if it has not ended by then.

    The time counts from its birth, or from when it has told what it found.
    """
    reading, writing = os.pipe()
    heard, order["pipe"] = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.close(heard)
        _be_born(order, writing)
    os.close(writing)
    os.close(order["pipe"])
    told, log = bytearray(), bytearray()
    try:
        killed = _killed(child, {reading: told, heard: log}, order)
        _, status = os.waitpid(child, 0)
        for pipe, said in ((reading, told), (heard, log)):
            while piece := os.read(pipe, 65536):
                said.extend(piece)
    finally:
        os.close(reading)
        os.close(heard)
    with Path(order["log"]).open("ab") as kept:
        kept.write(log)
    return {"killed": killed, "code": os.waitstatus_to_exitcode(status), "seen": _read(told)}


def _be_born(order: dict[str, Any], writing: int) -> NoReturn:
    def tell(seen: dict[str, Any]) -> None:
        with os.fdopen(writing, "wb") as out:
            out.write(json.dumps(seen).encode())

    work = look_only if order["do"] == "look" else live
    faulthandler.dump_traceback_later(TOO_LONG + 5, exit=True)
    try:
        asyncio.run(_within(work(order, tell)))
    except BaseException:  # whatever it is: a child must never go on as its parent
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


async def _within(work: Coroutine[Any, Any, None]) -> None:
    """Do the work; if it hangs, show where everybody waits, and end."""
    task = asyncio.ensure_future(work)
    _, hanging = await asyncio.wait({task}, timeout=TOO_LONG)
    if hanging:
        for waiting in asyncio.all_tasks():
            waiting.print_stack()
        faulthandler.dump_traceback()
        os._exit(3)
    await task


def _killed(child: int, pipes: dict[int, bytearray], order: dict[str, Any]) -> bool:
    """Hear what a process tells until it ends or its time has come.

    Meanwhile none of its files can grow, from one instant of its life to another, if it is to be
    ``full``: what a full disk does.
    """
    after, young, begun = order.get("kill_after"), order.get("young"), time.monotonic()
    watched, first = os.pidfd_open(child), next(iter(pipes))
    heard = [watched, *pipes]
    end = None if after is None or not young else begun + after
    room = [(begun + at, size) for at, size in zip(order.get("full") or (), (0, -1), strict=False)]
    try:
        while True:
            due = [at for at in (end, *(at for at, _ in room[:1])) if at is not None]
            left = max(0.0, min(due) - time.monotonic()) if due else None
            ready, _, _ = select.select(heard, [], [], left)
            for pipe in [pipe for pipe in ready if pipe in pipes]:
                piece = os.read(pipe, 65536)
                pipes[pipe] += piece
                if not piece:
                    heard.remove(pipe)
                    if pipe == first and after is not None and not young:
                        end = time.monotonic() + after
            if watched in ready:
                return False
            if room and time.monotonic() >= room[0][0]:
                hard = resource.prlimit(child, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(child, resource.RLIMIT_FSIZE, (room.pop(0)[1], hard))
            if end is not None and time.monotonic() >= end:
                os.kill(child, signal.SIGKILL)
                return True
    finally:
        os.close(watched)


def _read(told: bytearray) -> dict[str, Any] | None:
    """What a process told, if it lived long enough to say all of it."""
    try:
        seen: dict[str, Any] = json.loads(told)
    except ValueError:
        return None
    return seen


def warm_up() -> None:
    """Live once, so that all is imported that is only imported when it is needed."""
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("wb") as nowhere:
        order = {
            "place": f"{folder}/kept", "log": f"{folder}/log", "pipe": nowhere.fileno(),
            "seconds": 0, "seed": 1, "insert": "live", "message": "m",
            "text": '<!--img-prompt="a fox"-->',
        }  # fmt: skip
        for _ in range(2):
            asyncio.run(live(order, lambda seen: None))


def serve() -> None:
    """Do what each line of standard input orders, and answer with a line."""
    warm_up()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(lived(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
