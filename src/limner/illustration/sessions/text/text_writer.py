"""Bringing a text to the store while it is being written, together with its new slots."""

import asyncio
from collections.abc import Awaitable, Callable

from limner.illustration.model.slot import Slot
from limner.illustration.ports import MessageStore
from limner.illustration.sessions.text.flush_interval import GATHER, next_flush
from limner.uninterrupted import ended


class TextWriter:
    """Keeps what a session has, in order, one call of the store at a time.

    Text is handed over at the store's pace, at one beat for all streams; a slot at once, with the
    text that stands before it, and whoever wants to draw it waits until it is kept. What arrives
    while a call is under way goes into the next one, so a slow store gets fewer and larger pieces,
    and the reading of the model never waits for it.

    After an error of the store nothing more is written; everybody who waits gets that error.

    Args:
        store: Where the message is kept.
        message_id: The message.
        variant: Which of its answers.
        save: Keeps the whole message as it is now, in its turn.
        on_error: Told the first error.
    """

    def __init__(
        self,
        store: MessageStore,
        message_id: str,
        variant: int,
        *,
        save: Callable[[], Awaitable[None]],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._store = store
        self._message_id = message_id
        self._variant = variant
        self._save = save
        self._on_error = on_error
        self._text: list[str] = []
        self._slots: list[tuple[Slot, asyncio.Future[None]]] = []
        self._rewritten = False
        self._timer: asyncio.TimerHandle | None = None
        self._working: asyncio.Task[None] | None = None
        self._due = False
        self.error: Exception | None = None

    def text(self, piece: str) -> None:
        """More text; it follows what was given before."""
        if piece and self.error is None:
            self._text.append(piece)
            self._wait()

    def rewritten(self) -> None:
        """The text is not only longer than before: the message is to be kept as a whole."""
        if self.error is None:
            self._rewritten = True
            self._text.clear()
            self._wake()

    def taken(self) -> None:
        """All text that was given so far is in what `save` is about to keep."""
        self._text.clear()

    def slot(self, slot: Slot) -> "asyncio.Future[None]":
        """A new slot; the future is done when it is kept. Its error counts as seen."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        kept.add_done_callback(lambda done: done.cancelled() or done.exception())
        if self.error is not None:
            kept.set_exception(self.error)
        else:
            self._slots.append((slot, kept))
            self._wake()
        return kept

    async def settle(self) -> None:
        """As `flush`, where the whole message is kept next: text that waits is left to that.

        Raises:
            StorageError: It cannot be kept.
        """
        if self._timer is not None and not self._slots:
            self._stop_waiting()
            self._text.clear()
        await self.flush()

    async def flush(self) -> None:
        """Wait until everything is kept.

        Raises:
            StorageError: It cannot be kept.
        """
        while self._timer is not None or self._working is not None:
            self._wake()
            if self._working is not None:
                await ended(self._working)
            await asyncio.sleep(0)  # its callback runs now
        if self.error is not None:
            raise self.error

    def _wait(self) -> None:
        """Have text handed over at the next beat; what comes with a beat still belongs to it."""
        if self._timer is not None or self._working is not None:
            return
        if self._store.pace <= 0:
            self._wake()
            return
        loop = asyncio.get_running_loop()
        due = next_flush(loop.time() - GATHER, self._store.pace) + GATHER
        self._timer = loop.call_at(due, self._wake)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        self._stop_waiting()
        self._due = True
        if self._working is None:
            self._working = asyncio.create_task(self._work(), name=f"text of {self._message_id}")
            self._working.add_done_callback(self._worked)

    def _worked(self, task: "asyncio.Task[None]") -> None:
        self._working = None
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
        slots: list[tuple[Slot, asyncio.Future[None]]] = []
        try:
            while self._is_due():
                slots, self._slots = self._slots, []
                await self._write(slots)
                for _, kept in slots:
                    if not kept.done():
                        kept.set_result(None)
                slots = []
        except Exception as error:
            self.error = error
            for _, kept in (*slots, *self._slots):
                if not kept.done():
                    kept.set_exception(error)
            self._text.clear()
            self._slots.clear()
            self._rewritten = False
            self._on_error(error)

    async def _write(self, slots: list[tuple[Slot, "asyncio.Future[None]"]]) -> None:
        text, self._text = "".join(self._text), []
        if self._rewritten:
            self._rewritten = False
            await self._save()
            return
        if text:
            await self._store.append_text(self._message_id, self._variant, text)
        if slots:
            await self._store.save_slots(*(slot for slot, _ in slots))
