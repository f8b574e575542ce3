"""A library to run commands on."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from limner import Illustrator
from limner.illustration import Message, MessageState, Role
from limner.storage import Library
from limner.testing import ScriptedBackend

T = TypeVar("T")

FOX = 'Snow. <!--img-prompt="a fox"-->\n\nNight. <!--img-prompt="an owl"-->'


def in_library(place: Path, work: Callable[[Library], Coroutine[Any, Any, T]]) -> T:
    """Do something in a library and close it."""

    async def run() -> T:
        async with await Library.open(place) as library:
            return await work(library)

    return asyncio.run(run())


def fill(place: Path) -> None:
    """Make two chats: "Fox tales" (fox1) with all its pictures, "Owl tales" (owl1) without any."""

    async def tell(library: Library) -> None:
        await library.create_chat("Fox tales", id="fox1")
        asked = Message(
            id="q1", chat_id="fox1", text="Of a fox!", role=Role.USER, state=MessageState.COMPLETE
        )
        await library.save(asked)
        await library.create_chat("Owl tales", id="owl1")
        backend = ScriptedBackend(seconds=0.0)
        async with Illustrator(backend=backend, store=library) as illustrator:
            await illustrator.illustrate(FOX, message_id="a1", chat_id="fox1")
            backend.fails = lambda request: ValueError("no paint")
            await illustrator.illustrate(FOX, message_id="b1", chat_id="owl1")

    in_library(place, tell)
