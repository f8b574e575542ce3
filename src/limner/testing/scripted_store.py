"""A store in memory that fails when a test says: it is locked, full, or cannot be reached."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from limner.errors import StorageBusy, StorageError
from limner.illustration import (
    Change,
    DrawingLimit,
    DrawingRecord,
    Image,
    MemoryStore,
    Message,
    Slot,
    SlotId,
)

READS = frozenset(
    {"load", "variants", "message_ids", "unfinished", "writing", "picture", "count", "spent"}
)


def locked() -> StorageError:
    """What a library says that somebody else holds."""
    return StorageBusy("the library is held by somebody else", place="memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFault:
    """A stretch of time in which calls fail.

    Attributes:
        begin: Its first instant, in seconds on the loop's clock.
        end: Its last one.
        error: Makes what is raised.
        seconds: How long a call takes to fail.
        reads: Whether calls that only read fail as well.
        done: Whether what is written is done all the same, as where an answer is lost on its way.
        calls: Which calls fail, by name; empty: all.
    """

    begin: float = 0.0
    end: float = float("inf")
    error: Callable[[], Exception] = locked
    seconds: float = 0.0
    reads: bool = False
    done: bool = False
    calls: frozenset[str] = frozenset()

    def hits(self, call: str, now: float) -> bool:
        """Whether a call at this instant fails.

        Examples:
            >>> StoreFault(begin=1, end=2).hits("save", 1.5), StoreFault(begin=1).hits("load", 1.5)
            (True, False)
        """
        reached = self.begin <= now < self.end and (not self.calls or call in self.calls)
        return reached and (self.reads or call not in READS)


class ScriptedStore(MemoryStore):
    """Keeps messages in memory, and fails as its faults say.

    Args:
        *faults: What goes wrong when.

    Attributes:
        calls: How often each call was tried, and how often it failed, by name.

    Examples:
        >>> from limner.illustration import Illustrator
        >>> from limner.testing import ScriptedBackend, run_virtual
        >>> async def main():
        ...     store = ScriptedStore(StoreFault(begin=0, end=30))
        ...     async with Illustrator(backend=ScriptedBackend(), store=store) as illustrator:
        ...         await illustrator.illustrate('<!--img-prompt="a fox"-->', message_id="m")
        ...     message = await store.load("m")
        ...     return [str(slot.state) for slot in message.slots]
        >>> run_virtual(main())
        ['ready']
    """

    def __init__(self, *faults: StoreFault) -> None:
        super().__init__()
        self.faults: list[StoreFault] = list(faults)
        self.calls: dict[str, tuple[int, int]] = {}

    def _count(self, call: str, failed: bool) -> None:
        tried, broken = self.calls.get(call, (0, 0))
        self.calls[call] = tried + 1, broken + failed

    async def _fault(self, call: str) -> StoreFault | None:
        now = asyncio.get_running_loop().time()
        fault = next((fault for fault in self.faults if fault.hits(call, now)), None)
        self._count(call, fault is not None)
        if fault is not None and fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault is not None and not fault.done:
            raise fault.error()
        return fault

    async def load(self, message_id: str, variant: int | None = None) -> Message | None:
        """See `limner.illustration.MessageStore`, as for all that follow."""
        _raise(await self._fault("load"))
        return await super().load(message_id, variant)

    async def variants(self, message_id: str) -> tuple[int, ...]:
        """The numbers of the message's answers."""
        _raise(await self._fault("variants"))
        return await super().variants(message_id)

    async def select_variant(self, message_id: str, variant: int) -> bool:
        """Show another of the answers."""
        fault = await self._fault("select_variant")
        done = await super().select_variant(message_id, variant)
        _raise(fault)
        return done

    async def save(self, message: Message) -> None:
        """Keep an answer."""
        fault = await self._fault("save")
        await super().save(message)
        _raise(fault)

    async def append_text(self, message_id: str, variant: int, text: str) -> bool:
        """Keep more of an answer."""
        fault = await self._fault("append_text")
        done = await super().append_text(message_id, variant, text)
        _raise(fault)
        return done

    async def save_slots(self, *slots: Slot, change: Change | None = None) -> bool:
        """Keep slots of an answer."""
        fault = await self._fault("save_slots")
        done = await super().save_slots(*slots, change=change)
        _raise(fault)
        return done

    async def message_ids(self, chat_id: str) -> list[str]:
        """The messages of a conversation."""
        _raise(await self._fault("message_ids"))
        return await super().message_ids(chat_id)

    async def unfinished(self) -> list[SlotId]:
        """The slots that wait for pictures."""
        _raise(await self._fault("unfinished"))
        return await super().unfinished()

    async def writing(self) -> list[tuple[str, int]]:
        """The answers that are being written."""
        _raise(await self._fault("writing"))
        return await super().writing()

    async def picture(self, request_key: str) -> Image | None:
        """A picture of an identical request."""
        _raise(await self._fault("picture"))
        return await super().picture(request_key)

    async def record(self, drawing: DrawingRecord) -> None:
        """Remember a drawing."""
        fault = await self._fault("record")
        await super().record(drawing)
        _raise(fault)

    async def admit(self, drawing: DrawingRecord, limits: Sequence[DrawingLimit]) -> int | None:
        """Remember a drawing, unless a limit is reached."""
        fault = await self._fault("admit")
        reached = await super().admit(drawing, limits)
        _raise(fault)
        return reached

    async def count(
        self, *, since: float = 0.0, owner: str | None = None, message_id: str | None = None
    ) -> int:
        """How many drawings were begun."""
        _raise(await self._fault("count"))
        return await super().count(since=since, owner=owner, message_id=message_id)

    async def settle(self, drawing: DrawingRecord) -> None:
        """Put what a drawing really cost in place of what was expected."""
        fault = await self._fault("settle")
        await super().settle(drawing)
        _raise(fault)

    async def spent(
        self,
        unit: str,
        *,
        since: float = 0.0,
        owner: str | None = None,
        message_id: str | None = None,
    ) -> int:
        """What drawings cost."""
        _raise(await self._fault("spent"))
        return await super().spent(unit, since=since, owner=owner, message_id=message_id)


def _raise(fault: StoreFault | None) -> None:
    if fault is not None:
        raise fault.error()
