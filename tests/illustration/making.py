"""What the tests of the room share: tags, illustrators over scripted backends, slow texts."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from limner.illustration import Change, Event, Illustrator, MemoryStore, Message, Slot
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend


def tag(prompt: str, attributes: str = "") -> str:
    """A tag of the default grammar."""
    return f'<!--img-prompt="{prompt}"{attributes}-->'


def made(backend: Any = None, *, max_concurrent: int = 3, **options: Any) -> Illustrator:
    """An illustrator over a scripted backend."""
    limiter = Limiter(max_concurrent=max_concurrent)
    return Illustrator(backend=backend or ScriptedBackend(), limiter=limiter, **options)


async def spoken(*timed: tuple[float, str]) -> AsyncIterator[str]:
    """Text that comes in pieces, each after some seconds."""
    for seconds, text in timed:
        await asyncio.sleep(seconds)
        yield text


async def all_events(block: Any) -> list[Event]:
    """Everything that happens in a block of `stream` or `follow`."""
    async with block as events:
        return [event async for event in events]


async def kept(store: Any, message_id: str = "m", variant: int | None = None) -> Message:
    """The message as it is kept; it must be there."""
    message: Message | None = await store.load(message_id, variant)
    assert message is not None
    return message


class NoisyStore(MemoryStore):
    """A memory store that takes time for each write, and tells what was written when."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__()
        self.seconds = seconds
        self.log: list[tuple[float, str, Any]] = []
        self.writing_now = 0
        self.most_at_once = 0
        self.fails: str | None = None

    async def _write(self, kind: str, what: Any) -> None:
        self.writing_now += 1
        self.most_at_once = max(self.most_at_once, self.writing_now)
        try:
            if self.seconds:
                await asyncio.sleep(self.seconds)
        finally:
            self.writing_now -= 1
        if self.fails == kind:
            raise OSError(f"no {kind}")
        self.log.append((asyncio.get_running_loop().time(), kind, what))

    async def save(self, message: Message) -> None:
        """Take time, then save."""
        await self._write("save", message)
        await super().save(message)

    async def append_text(self, message_id: str, variant: int, text: str) -> bool:
        """Take time, then append."""
        await self._write("text", text)
        return await super().append_text(message_id, variant, text)

    async def save_slots(self, *slots: Slot, change: Change | None = None) -> bool:
        """Take time, then save."""
        await self._write("slots", slots)
        return await super().save_slots(*slots, change=change)


class Answers:
    """A text model that gives prepared answers, and keeps what it was asked."""

    def __init__(self, *answers: str | Exception, seconds: float = 0.0) -> None:
        self.answers = list(answers)
        self.seconds = seconds
        self.asked: list[list[dict[str, str]]] = []

    async def complete(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The next answer."""
        self.asked.append([dict(message) for message in messages])
        await asyncio.sleep(self.seconds)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer
