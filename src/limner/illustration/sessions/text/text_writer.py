"""Bringing a text to the store while it is being written, together with its new slots."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from limner.errors import StorageError
from limner.illustration.beat import Beat
from limner.illustration.model.slot import Slot
from limner.illustration.ports import MessageStore
from limner.illustration.store_keeper import StoreKeeper
from limner.uninterrupted import ended

Given = tuple[Slot, "asyncio.Future[None]"]
"""A slot, and what tells when it is kept."""


class TextWriter:
    """Keeps what a session has, in order, one call of the store at a time.

    Text is handed over at the store's pace, at one beat for all streams; a slot at once, with the
    text that stands before it, and whoever wants to draw it waits until it is kept. What arrives
    while a call is under way goes into the next one, so a slow store gets fewer and larger pieces,
    and the reading of the model never waits for it. Its pieces are joined when they are handed
    over, and nothing else is done for them: no task, and nobody waits.

    While the store fails for a while nobody waits: what comes then is kept later, the message as a
    whole, since what failed may have been done after all. After an error that does not pass nothing
    more is written here; the session tries once more at its end.

    Args:
        store: Where the message is kept.
        keeper: Asks a store again that fails.
        message_id: The message.
        variant: Which of its answers.
        beat: When text is handed over, for all streams.
        save: Keeps the whole message as it is now, in its turn.
        on_error: Told the first error.

    Attributes:
        error: Why nothing more is written, if that is so.
        missing: Whether something was given in vain, because the message was deleted: if it comes
            back it is to be kept as a whole.
    """

    def __init__(
        self,
        store: MessageStore,
        keeper: StoreKeeper,
        message_id: str,
        variant: int,
        *,
        beat: Beat,
        save: Callable[[], Awaitable[None]],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._message_id = message_id
        self._variant = variant
        self._beat = beat
        self._save = save
        self._on_error = on_error
        self._text: list[str] = []
        self._slots: list[Given] = []
        self._going: list[Given] = []  # slots of which it is known next whether they are kept
        self._rewritten = False
        self._waits = False
        self._working: asyncio.Future[Any] | None = None
        self._due = self._over = False
        self._behind = asyncio.Event()
        self.error: Exception | None = None
        self.missing = False

    @property
    def behind(self) -> bool:
        """Whether something is kept later, when the store works again."""
        return self._behind.is_set()

    def text(self, piece: str) -> None:
        """More text; it follows what was given before."""
        if piece and self.error is None:
            self._text.append(piece)
            self._wait()

    def at_beat(self, piece: str) -> None:
        """As `text`, from somebody who gathers it for the beat: it goes on at once."""
        if piece and self.error is None:
            self._text.append(piece)
            if self._working is None:
                self._wake()

    def rewritten(self) -> None:
        """The text is not only longer than before: the message is to be kept as a whole."""
        if self.error is None:
            self._rewritten = True
            self._text.clear()
            self._wake()

    def late(self) -> None:
        """Something could not be kept now: the message is kept as a whole when it can be."""
        self._behind.set()
        self.rewritten()

    def taken(self) -> None:
        """All that was given so far is in what `save` is about to keep.

        The slots as well: as they were given they belong to a text that may be another by now.
        """
        self._text.clear()
        self._take_slots()
        self._rewritten = False

    def slot(self, slot: Slot) -> "asyncio.Future[None]":
        """A new slot; the future is done when it is kept, or is known to be kept later.

        Its error counts as seen.
        """
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        kept.add_done_callback(lambda done: done.cancelled() or done.exception())
        if isinstance(self.error, StorageError):
            kept.set_result(None)
        elif self.error is not None:
            kept.set_exception(self.error)
        elif self.behind:
            kept.set_result(None)
            self.late()
        else:
            self._slots.append((slot, kept))
            self._wake()
        return kept

    async def end(self) -> None:
        """Write nothing more: the whole message is kept next. An error is left to that."""
        try:
            if self.error is None:
                await self.settle()
        finally:
            self._over = True
            if self._working is not None:
                self._working.cancel()
        if self._working is not None:
            await ended(self._working)
        del self._save, self._on_error  # they lead to who has it: see `StreamingSession`

    async def settle(self) -> None:
        """As `flush`, where the whole message is kept next: text that waits is left to that."""
        if self._waits and not self._slots:
            self._stop_waiting()
            self._text.clear()
        await self.flush()

    async def flush(self) -> None:
        """Wait until everything is kept, unless it is kept later."""
        while not self.behind and (self._waits or self._working is not None):
            self._wake()
            if self._working is not None:
                await self._written()
            await asyncio.sleep(0)  # its callback runs now

    async def _written(self) -> None:
        """Wait until what is under way is kept, or is known to be kept later."""
        if self._working is not None:
            first = asyncio.create_task(self._behind.wait())
            try:
                await asyncio.wait((self._working, first), return_when=asyncio.FIRST_COMPLETED)
            finally:
                first.cancel()

    def _wait(self) -> None:
        """Have text handed over at the next beat; what comes with a beat still belongs to it."""
        if not self._waits and self._working is None:
            self._waits = True
            self._beat.at_next(self._wake)

    def _stop_waiting(self) -> None:
        if self._waits:
            self._waits = False
            self._beat.forget(self._wake)

    def _wake(self) -> None:
        if self._waits:
            self._stop_waiting()
        self._due = True
        if self._working is not None or self._over:
            return
        whole = self._rewritten or self.missing
        if self._slots or whole or self.behind or self._keeper.outage is not None:
            self._working = asyncio.create_task(self._work(), name=f"text of {self._message_id}")
            self._working.add_done_callback(self._worked)
        elif self._text:
            self._hand_over()

    def _hand_over(self) -> None:
        """Give text alone to the store: every stream does it at every beat."""
        self._due = False
        text, self._text = "".join(self._text), []
        kept = self._store.append_text(self._message_id, self._variant, text)
        working = kept if isinstance(kept, asyncio.Future) else asyncio.ensure_future(kept)
        self._working = working
        working.add_done_callback(self._handed)

    def _handed(self, done: "asyncio.Future[bool]") -> None:
        self._working = None
        if done.cancelled():
            return  # the program is ending
        error = done.exception()
        if error is None:
            self.missing |= not done.result()
            self._go_on()
        elif isinstance(error, StorageError) and error.passing:
            self._keeper.failed(error)
            self.late()
        elif isinstance(error, Exception):
            self._broke(error)

    def _worked(self, done: "asyncio.Future[Any]") -> None:
        self._working = None
        if not done.cancelled():  # else the program is ending
            self._go_on()

    def _go_on(self) -> None:
        if self.error is None and (self._slots or self._rewritten):
            self._wake()
        elif self.error is None and self._text:
            self._wait()

    def _is_due(self) -> bool:
        """Whether there is something that does not wait for the next beat."""
        if self._due:
            self._due = False
            return True
        paced = self._store.pace > 0
        return bool(self._slots) or self._rewritten or (bool(self._text) and not paced)

    async def _work(self) -> None:
        try:
            while self._is_due():
                done = not self.behind and await self._keeper.tried(self._write)
                if not done:
                    self._behind.set()
                    self._take_slots()
                self._release()
                if not done:
                    await self._catch_up()
        except Exception as error:
            self._broke(error)

    def _take_slots(self) -> list[Slot]:
        """The slots that were given; whoever waits for them hears what comes of it."""
        slots = [slot for slot, _ in self._slots]
        self._going += self._slots
        self._slots.clear()
        return slots

    def _release(self, error: Exception | None = None) -> None:
        """Tell those who wait that their slots are kept, or will be, or that they never will."""
        going, self._going = self._going, []
        for _, kept in going:
            if kept.done():
                continue
            if error is None or isinstance(error, StorageError):
                kept.set_result(None)
            else:
                kept.set_exception(error)

    async def _catch_up(self) -> None:
        """Keep the message as a whole, as soon as the store takes it."""
        await self._keeper.keep(self._save, for_ever=True)
        if not self._rewritten:
            self._behind.clear()

    def _broke(self, error: Exception) -> None:
        self.error = error
        self._take_slots()
        self._release(error)
        self._text.clear()
        self._rewritten = False
        self._behind.clear()
        self._on_error(error)

    async def _write(self) -> None:
        if self._rewritten or self.missing:
            self._rewritten = False
            await self._save()
            return
        # Taken in one instant: slots that do not belong to this text would come with another.
        text, self._text = "".join(self._text), []
        slots = self._take_slots()
        there = True
        if text:
            there = await self._store.append_text(self._message_id, self._variant, text)
        if slots:
            there &= await self._store.save_slots(*slots)
        self.missing |= not there
