"""The pipeline as one object: text goes in, an illustrated message comes out."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self, cast

from limner.illustration.generation.budget import Budget, BudgetGuard, BudgetReport
from limner.illustration.generation.drawing import Drawing
from limner.illustration.generation.patience import PICTURE_TIMEOUT, SETTLE_TIMEOUT, Patience, bound
from limner.illustration.generation.progress import Progress
from limner.illustration.generation.progress_board import ProgressBoard, ProgressChanged
from limner.illustration.generation.retry_policy import second_try
from limner.illustration.generation.styling import styling
from limner.illustration.memory_store import MemoryStore
from limner.illustration.model.illustrated import Illustrated
from limner.illustration.model.message import Role
from limner.illustration.model.request import Composer, RequestDefaults
from limner.illustration.operations.commission import Commissions
from limner.illustration.operations.keyed_lock import KeyedLock
from limner.illustration.operations.operations import MessageOperations
from limner.illustration.operations.turns import WhileWriting
from limner.illustration.plugins import make_backend
from limner.illustration.ports import DrawingLedger, ImageBackend, MessageStore, TextModel
from limner.illustration.sessions.event_stream import EventStream
from limner.illustration.sessions.events import Event
from limner.illustration.sessions.opening import InsertMode, Opening, SessionOptions, VariantChoice
from limner.illustration.sessions.prompt_writer import PromptWriter
from limner.illustration.sessions.recovery import Recovered, Recovery
from limner.illustration.sessions.scanned_text import Source
from limner.illustration.sessions.session import StreamingSession
from limner.illustration.sessions.session_manager import SessionManager, SessionPolicy
from limner.illustration.sessions.session_runner import SessionRunner
from limner.illustration.shared_context import SharedContext
from limner.prompts import Character, Style
from limner.scheduling import Limiter


class Illustrator:
    """Illustrates texts while they are written.

    It owns no global state: two illustrators know nothing of each other, unless they are given
    the same limiter or store. A backend given by name is made for it and closed with it; one
    given as an object stays its owner's.

    Args:
        backend: What draws: the name of an installed backend, or any `ImageBackend`.
        limiter: Through which every picture goes; three at a time, tried again after a server's own
            failures (`second_try`), if not given.
        store: Where messages are kept; in memory if not given.
        insert_mode: ``"live"`` commits each picture when it is ready, ``"batch"`` all at once.
        patterns: Tag patterns in place of the defaults; see `limner.prompts.PromptScanner`.
        width: Of the pictures, in pixels, 64 to 2048; a tag's ``size`` goes before it.
        height: Of the pictures, in pixels, 64 to 2048.
        seed: Makes the pictures repeatable where the backend can; by default each is fresh.
        negative_prompt: What pictures should not show, for backends that know the idea.
        picture_timeout: Seconds without a sign of a picture at its server, after which it fails
            (`limner.illustration.generation.patience`); 0 or ``None``: no bound.
        settle_timeout: The same for all of a message: what was not tried is left waiting then.
        policy: Whether messages of one chat are illustrated side by side, or a new one cancels
            the one before.
        while_writing: Whether manual operations on a message that is being written are refused
            or wait.
        style: Joined to every prompt when it is drawn, and never stored in it: one or several.
        styles: Those that a tag may name in their place.
        characters: Joined to the prompts in which they occur.
        compose: In the place of these three: makes of a prompt what the backend is told.
        cache: Whether a picture that is kept for an identical request is used again, for backends
            with an ``identity``; asking for another picture by hand never uses it.
        budget: How many pictures may be drawn.
        ledger: Remembers how many were; the store if it can and nothing else is given.
        prompt_writer: Writes the prompts after the end of each text (the independent mode).
        refiner: The model that changes prompts as a reader wishes.
        durable: Whether the store outlives this object: then closing it leaves what is not drawn
            yet to `recover`. By default every store but a `MemoryStore` does.
        clock: Gives the seconds since the epoch.

    Raises:
        limner.errors.UnknownBackend: There is no backend of that name.
        limner.errors.MissingExtra: What the backend, or a tag pattern, needs is not installed.
        ValueError: A size, a timeout or a choice is out of range.

    Example:
        >>> import asyncio
        >>> from limner import Illustrator
        >>> async def main():
        ...     async with Illustrator(backend="sketch", width=128, height=96) as illustrator:
        ...         return await illustrator.illustrate('Snow. <!--img-prompt="a fox"--> The end.')
        >>> result = asyncio.run(main())
        >>> [str(slot.state) for slot in result.slots]
        ['ready']
    """

    def __init__(
        self,
        *,
        backend: ImageBackend | str = "sketch",
        limiter: Limiter | None = None,
        store: MessageStore | None = None,
        insert_mode: InsertMode | str = InsertMode.LIVE,
        patterns: Sequence[str] | None = None,
        width: int = 768,
        height: int = 512,
        seed: int | None = None,
        negative_prompt: str = "",
        picture_timeout: float | None = PICTURE_TIMEOUT,
        settle_timeout: float | None = SETTLE_TIMEOUT,
        policy: SessionPolicy | str = SessionPolicy.PER_MESSAGE,
        while_writing: WhileWriting | str = WhileWriting.REFUSE,
        style: Style | Sequence[Style] = (),
        styles: Sequence[Style] = (),
        characters: Sequence[Character] = (),
        compose: Composer | None = None,
        cache: bool = True,
        budget: Budget | None = None,
        ledger: DrawingLedger | None = None,
        prompt_writer: PromptWriter | None = None,
        refiner: TextModel | None = None,
        durable: bool | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        chosen = make_backend(backend) if isinstance(backend, str) else backend
        self._own_backend = chosen if isinstance(backend, str) else None
        self.limiter = limiter or Limiter(max_concurrent=3, retry=second_try)
        self.store: MessageStore = store if store is not None else MemoryStore()
        self.sessions = SessionManager(SessionPolicy(policy))
        self._durable = not isinstance(self.store, MemoryStore) if durable is None else durable
        options = SessionOptions(
            insert=InsertMode(insert_mode),
            settle_timeout=bound(settle_timeout, "settle_timeout"),
            durable=self._durable,
            patterns=patterns,
            prompt_writer=prompt_writer,
        )
        self._budget = BudgetGuard(
            budget or Budget(), ledger or _ledger_of(self.store, budget), clock
        )
        drawing = Drawing(
            chosen,
            self.limiter,
            defaults=RequestDefaults(
                width=width, height=height, seed=seed, negative_prompt=negative_prompt
            ),
            patience=Patience(bound(picture_timeout, "picture_timeout")),
            store=self.store if cache else None,
            composer=compose or styling(style, styles, characters),
            budget=self._budget,
        )
        self._shared = SharedContext(
            store=self.store,
            drawing=drawing,
            lock=KeyedLock(),
            board=ProgressBoard(self.limiter, lambda: asyncio.get_running_loop().time()),
            clock=clock,
        )
        self._commissions = Commissions(self._shared)
        self._recovery = Recovery(self._shared, self.sessions, self._commissions, options=options)
        self._runner = SessionRunner(self._shared, self.sessions, self._commissions, options)
        self.operations = MessageOperations(
            model=refiner,
            shared=self._shared,
            sessions=self.sessions,
            commissions=self._commissions,
            while_writing=WhileWriting(while_writing),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop what still runs, and close the backend if it was made here. Twice is fine.

        What is not drawn yet stays pending if the store outlives this object (see ``durable``).
        """
        sessions = self.sessions.active()
        for session in sessions:
            session.cancel("the illustrator was closed", leave=self._durable)
        for session in sessions:
            await session.ended.wait()
        await self._commissions.aclose(leave=self._durable)
        close = getattr(self._own_backend, "aclose", None)
        if close is not None:
            await close()

    def stream(
        self,
        chunks: Source,
        *,
        message_id: str | None = None,
        chat_id: str = "default",
        variant: VariantChoice = None,
        continuing: bool = False,
        role: Role | str = Role.ASSISTANT,
        owner: str | None = None,
        context: Sequence[Mapping[str, Any]] = (),
    ) -> AbstractAsyncContextManager[EventStream]:
        """Illustrate a text and watch it happen.

        Leaving the block early cancels what is not done; the text so far and the finished
        pictures are committed.

        Args:
            chunks: The text: a string, or its pieces as an iterable or asynchronous iterable,
                or a `ScannedText`.
            message_id: The message's identity; a new one if not given.
            chat_id: The conversation it belongs to.
            variant: Which of the message's answers is written: the one that is selected is
                written anew, ``"new"`` adds one, a number means that one.
            continuing: The answer goes on where it ended: its text, slots and pictures stay, and
                there are events for what is new only.
            role: Who speaks; only what a model (the ``assistant``) says is illustrated.
            owner: For whom the pictures are, for fair turns and budgets; the conversation if not
                given.
            context: What was said before, as ``{"role": ..., "content": ...}`` entries, for the
                model that writes the prompts in the independent mode.

        Returns:
            A block that gives the events, ending with `Finished`; its `EventStream.cancel` stops
            the work.

        Raises:
            ValueError: These choices do not go together.
            limner.errors.MessageBusy: On entering: that answer is being written already.
            limner.errors.StorageError: On entering: the store cannot be read; from the iteration:
                it failed meanwhile.
            limner.errors.SourceFailed: From the iteration, after `Finished`, if the text stopped
                with an error.
        """
        opening = Opening(
            message_id=message_id or uuid.uuid4().hex,
            chat_id=chat_id,
            variant=variant,
            continuing=continuing,
            role=Role(role),
            owner=owner,
            context=tuple(context),
        )
        return self._runner.block(opening, chunks)

    def follow(
        self,
        snapshots: AsyncIterable[str],
        *,
        message_id: str | None = None,
        chat_id: str = "default",
        variant: VariantChoice = None,
        role: Role | str = Role.ASSISTANT,
        owner: str | None = None,
        context: Sequence[Mapping[str, Any]] = (),
    ) -> AbstractAsyncContextManager[EventStream]:
        """Illustrate a text whose source only shows all it has so far, again and again.

        The source may also take back what it said (`TextRewritten`). Tags that still stand, in
        the same order, keep their slots and pictures; those that are gone lose them
        (`PromptGone`), and new ones are drawn.

        Args:
            snapshots: The whole text so far, each time it has changed.
            message_id: As for `stream`, as is all that follows.
            chat_id: Its conversation.
            variant: Which answer.
            role: Who speaks.
            owner: For whom.
            context: What was said before.

        Returns:
            As `stream`.

        Raises:
            As `stream`.
        """
        opening = Opening(
            message_id=message_id or uuid.uuid4().hex,
            chat_id=chat_id,
            variant=variant,
            role=Role(role),
            owner=owner,
            context=tuple(context),
            snapshots=True,
        )
        return self._runner.block(opening, snapshots)

    async def illustrate(
        self,
        chunks: Source,
        *,
        message_id: str | None = None,
        chat_id: str = "default",
        **options: Any,
    ) -> Illustrated:
        """Illustrate a text and give the result.

        Failed pictures do not raise: they are in ``result.failed``.

        Args:
            chunks: As for `stream`.
            message_id: As for `stream`.
            chat_id: As for `stream`.
            **options: The others of `stream`.

        Raises:
            limner.errors.MessageBusy: That answer is being written already.
            limner.errors.StorageError: The store failed.
            limner.errors.SourceFailed: The text stopped with an error; what arrived is
                illustrated, and in the error's ``result``.
        """
        block = self.stream(chunks, message_id=message_id, chat_id=chat_id, **options)
        async with block as events:
            async for _ in events:
                pass
            return events.result

    async def recover(self, message_id: str | None = None) -> Recovered:
        """Take up what a former process had to leave, of one message or of all, once at the start.

        Answers that nobody writes any more are marked as cut, with all they have. What was asked
        for and never drawn is drawn now, in the background, the oldest first; what is in the
        store is not drawn again. No other process may be writing into the same store.

        Raises:
            limner.errors.StorageError: The store cannot be read or written.
        """
        return await self._recovery.recover(message_id)

    async def recovered(self, message_id: str | None = None) -> None:
        """Wait until what `recover` found, of one message or of all, is drawn or has failed."""
        await self._recovery.join(message_id)

    async def resume(self, message_id: str) -> Illustrated:
        """Take up one message and wait until nothing of it is missing.

        Raises:
            limner.errors.UnknownSlot: There is no such message.
            limner.errors.StorageError: The store cannot be read or written.
        """
        return await self._recovery.resume(message_id)

    def draw_with(
        self, *, width: int, height: int, seed: int | None = None, negative_prompt: str = ""
    ) -> None:
        """Give pictures other defaults from now on; the options are those of the constructor.

        Raises:
            ValueError: A size is out of range.
        """
        self._shared.drawing.defaults = RequestDefaults(
            width=width, height=height, seed=seed, negative_prompt=negative_prompt
        )

    def on_event(self, handler: Callable[[StreamingSession, Event], None]) -> Callable[[], None]:
        """Have a function called with every event of every stream; otherwise as `on_progress`."""
        return self._runner.on_event(handler)

    def progress(self, message_id: str | None = None) -> Progress:
        """How far the pictures of a message are, streamed and manual, or those of all messages.

        The count of a message begins anew when another picture is asked for after all had ended.
        """
        return self._shared.board.progress(message_id)

    def on_progress(self, handler: Callable[[ProgressChanged], None]) -> Callable[[], None]:
        """Have a function called at every change of `progress`.

        Args:
            handler: Called at once, in the loop; an error in it is logged and harms nobody.

        Returns:
            A function that ends it.
        """
        return self._shared.board.on_change(handler)

    async def budget_report(self, owner: str | None = None) -> BudgetReport:
        """How much of the budget is used: of what bounds all, and of one owner's.

        Raises:
            limner.errors.StorageError: The ledger cannot be read.
        """
        return await self._budget.report(owner)


def _ledger_of(store: MessageStore, budget: Budget | None) -> DrawingLedger | None:
    """The store, if there is something to count and it can."""
    counts = all(hasattr(store, name) for name in ("record", "count", "oldest"))
    if budget is None or not budget.bounds():
        return None
    if not counts:
        raise ValueError("a budget needs a ledger, and this store is none: give one as ledger=")
    return cast(DrawingLedger, store)
