"""The pipeline as one object: text goes in, an illustrated message comes out."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Unpack

from limner.closing import Closing
from limner.illustration.assembly import make_drawing, make_guard
from limner.illustration.capabilities import close
from limner.illustration.generation.budget import Budget, BudgetReport
from limner.illustration.generation.progress import Progress
from limner.illustration.generation.progress_board import ProgressBoard, ProgressChanged
from limner.illustration.generation.retry_policy import RestartPatience
from limner.illustration.illustrated import Illustrated
from limner.illustration.keyed_lock import KeyedLock
from limner.illustration.memory_store import MemoryStore
from limner.illustration.model.message import Role
from limner.illustration.model.request import RequestDefaults, size_of
from limner.illustration.model.slot import SlotId
from limner.illustration.operations.operations import MessageOperations
from limner.illustration.operations.while_writing import WhileWriting
from limner.illustration.options import (
    Families,
    Look,
    PictureSize,
    PictureTimeouts,
    Policies,
    SingleOptions,
)
from limner.illustration.plugins import make_backend
from limner.illustration.ports import (
    DrawingLedger,
    ImageBackend,
    MessageStore,
    TagWriter,
    TextModel,
)
from limner.illustration.sessions.event_stream import EventStream
from limner.illustration.sessions.events import Event
from limner.illustration.sessions.listeners import SessionListeners
from limner.illustration.sessions.manual_sessions import ManualSessions
from limner.illustration.sessions.recovery import Recovered, Recovery
from limner.illustration.sessions.registry import SessionManager, SessionPolicy
from limner.illustration.sessions.session_base import Session
from limner.illustration.sessions.session_request import (
    InsertMode,
    OnActive,
    SessionOptions,
    SessionRequest,
    VariantChoice,
)
from limner.illustration.sessions.session_runner import SessionRunner, WholeAnswers
from limner.illustration.sessions.text.scanned_text import Source
from limner.illustration.shared_context import SharedContext
from limner.illustration.store_keeper import StoreKeeper
from limner.scheduling import Limiter


class Illustrator(Closing):
    """Illustrates texts while they are written.

    It owns no global state: two illustrators know nothing of each other, unless they are given
    the same limiter or store. A backend given by name is made for it and closed with it; one
    given as an object stays its owner's.

    Args:
        backend: What draws: the name of an installed backend, or any `ImageBackend`.
        limiter: Through which every picture goes; three at a time, tried again after a server's own
            failures and waits for a server that is started again (`RestartPatience`), if not given.
        store: Where messages are kept; in memory if not given.
        patterns: Tag patterns in place of the defaults; see `limner.prompts.PromptScanner`.
        size: How large pictures are.
        look: What pictures look like: style, characters, seed.
        timeouts: How long pictures may be silent.
        policies: How it behaves where there is a choice: what is committed when, what a second
            message does to the first, what operations do while a message is written.
        budget: How many pictures may be drawn, and what they may cost.
        ledger: Remembers how many were; the store if it can and nothing else is given.
        prompt_writer: Writes the prompts after the end of each text (the independent mode).
        refiner: The model that changes prompts as a reader wishes.
        clock: Gives the seconds since the epoch.
        **single: Any field of `PictureSize`, `Look`, `PictureTimeouts` and `Policies` by its own
            name, such as ``width=512`` or ``insert_mode="batch"``; it goes before its family.

    Raises:
        limner.errors.UnknownBackend: There is no backend of that name.
        limner.errors.MissingExtra: What the backend, or a tag pattern, needs is not installed.
        ValueError: A size, a timeout or a choice is out of range.

    Examples:
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
        patterns: Sequence[str] | None = None,
        size: PictureSize = PictureSize(),  # noqa: B008 - it is frozen
        look: Look = Look(),  # noqa: B008 - as above
        timeouts: PictureTimeouts = PictureTimeouts(),  # noqa: B008 - as above
        policies: Policies = Policies(),  # noqa: B008 - as above
        budget: Budget | None = None,
        ledger: DrawingLedger | None = None,
        prompt_writer: TagWriter | None = None,
        refiner: TextModel | None = None,
        clock: Callable[[], float] = time.time,
        **single: Unpack[SingleOptions],
    ) -> None:
        families = Families(size=size, look=look, timeouts=timeouts, policies=policies)
        options = families.with_single(single)
        policies = options.policies
        chosen = make_backend(backend) if isinstance(backend, str) else backend
        self._own_backend = chosen if isinstance(backend, str) else None
        self.limiter = limiter or Limiter(max_concurrent=3, retry=RestartPatience())
        self.store: MessageStore = store if store is not None else MemoryStore()
        self.sessions = SessionManager(SessionPolicy(policies.policy))
        durable, outlives = policies.durable, not isinstance(self.store, MemoryStore)
        self._durable = outlives if durable is None else durable
        self.keeper = StoreKeeper(policies.endurance)
        self.budget = make_guard(budget, ledger, chosen, self.store, clock, self.keeper)
        drawing = make_drawing(
            chosen, self.limiter, options, self.budget, self.store if policies.cache else None,
            self.store, clock,
        )  # fmt: skip
        writing = SessionOptions(
            insert=InsertMode(policies.insert_mode),
            durable=self._durable,
            patterns=patterns,
            prompt_writer=prompt_writer,
        )
        self.patience, self._listeners = drawing.patience, SessionListeners()
        self._shared = SharedContext(
            store=self.store, keeper=self.keeper, drawing=drawing, lock=KeyedLock(), clock=clock,
            board=ProgressBoard(self.limiter, lambda: asyncio.get_running_loop().time()),
        )  # fmt: skip
        manual = ManualSessions(self._shared, self.sessions, self._listeners)
        self._recovery = Recovery(self._shared, self.sessions, manual, options=writing)
        self._runner = SessionRunner(self._shared, self.sessions, manual, self._listeners, writing)
        self.whole = WholeAnswers(self.sessions, self._listeners, writing)
        self.operations = MessageOperations(
            model=refiner, shared=self._shared, sessions=self.sessions, manual=manual,
            while_writing=WhileWriting(policies.while_writing),
        )  # fmt: skip

    async def aclose(self) -> None:
        """Stop what still runs, and close the backend if it was made here. Twice is fine.

        What is not drawn yet stays pending if the store outlives this object (see ``durable``);
        what a failing store has not taken yet is offered to it once more.
        """
        self.keeper.hurry()
        sessions = self.sessions.active()
        for session in sessions:
            session.cancel("the illustrator was closed", leave=self._durable)
        for session in sessions:
            await session.wait()
        await self.budget.flush()
        await close(self._own_backend)

    def stream(
        self,
        chunks: Source,
        *,
        message_id: str | None = None,
        chat_id: str = "default",
        variant: VariantChoice = None,
        continuing: bool = False,
        role: Role | str = Role.ASSISTANT,
        pictures: bool = True,
        owner: str | None = None,
        context: Sequence[Mapping[str, Any]] = (),
        prompt_writer: TagWriter | None = None,
        on_active: OnActive | str = OnActive.JOIN,
        text: bool = True,
    ) -> AbstractAsyncContextManager[EventStream]:
        """Illustrate a text and watch it happen.

        Leaving the block early cancels what is not done, unless others watch the same session;
        what there is, is committed. If its task is cancelled, other pictures wait for `resume`.

        Args:
            chunks: A string, its pieces as an iterable or asynchronous one, or a `ScannedText`.
            message_id: The message's identity; a new one if not given.
            chat_id: The conversation it belongs to.
            variant: Which of the message's answers is written: the one that is selected is
                written anew, ``"new"`` adds one, a number means that one.
            continuing: The answer goes on where it ended: its text, slots and pictures stay, and
                there are events for what is new only.
            role: Who speaks; only what a model (the ``assistant``) says is illustrated.
            pictures: Whether it is: without, its tags are kept as text and nothing is drawn.
            prompt_writer: Writes the prompts of this text, when it has ended.
            owner: For whom the pictures are (fair turns, budgets); by default the conversation.
            context: What was said before, as ``{"role": ..., "content": ...}`` entries, for the
                model that writes the prompts in the independent mode.
            on_active: What becomes of this text if that answer is being written already:
                ``"join"`` leaves it unread and watches the session there is, all that has happened
                first; ``"refuse"`` raises; ``"replace"`` cancels that session and writes anew.
            text: Whether to tell of the text too; ``False`` for who wants to hear of pictures only.

        Returns:
            A block that gives the events, ending with `Finished`; its `EventStream.cancel` stops
            the work.

        Raises:
            ValueError: These choices do not go together.
            limner.errors.MessageBusy: On entering: that answer is being written already, and
                ``on_active`` is ``"refuse"``.
            limner.errors.StorageError: On entering: the store cannot be read.
            limner.errors.NotKept: From the iteration, after `Finished`, if the store did not take
                all of it; a store that fails for a while is tried again first (``endurance``).
            limner.errors.SourceFailed: From the iteration, after `Finished`, if the text stopped
                with an error.
        """
        request = SessionRequest(
            message_id=message_id or uuid.uuid4().hex,
            chat_id=chat_id,
            variant=variant,
            continuing=continuing,
            role=Role(role),
            pictures=pictures,
            owner=owner,
            context=tuple(context),
            prompt_writer=prompt_writer,
            on_active=OnActive(on_active),
        )
        return self._runner.block(request, chunks, text=text)

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
        on_active: OnActive | str = OnActive.JOIN,
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
            on_active: What becomes of it if that answer is being written.

        Raises:
            limner.errors.LimnerError: As `stream`.
        """
        request = SessionRequest(
            message_id=message_id or uuid.uuid4().hex,
            chat_id=chat_id,
            variant=variant,
            role=Role(role),
            owner=owner,
            context=tuple(context),
            snapshots=True,
            on_active=OnActive(on_active),
        )
        return self._runner.block(request, snapshots)

    async def illustrate(
        self,
        chunks: Source,
        *,
        message_id: str | None = None,
        chat_id: str = "default",
        **options: Any,
    ) -> Illustrated:
        """Illustrate a text and give the result.

        Failed pictures do not raise: they are in ``result.failed``. Cancelled, it acts as `stream`.

        Args:
            chunks: As for `stream`.
            message_id: As for `stream`.
            chat_id: As for `stream`.
            **options: The others of `stream`.

        Raises:
            limner.errors.MessageBusy: That answer is being written already, and ``on_active`` is
                ``"refuse"``.
            limner.errors.StorageError: The store failed for good before anything was written.
            limner.errors.NotKept: The store did not take all of it; see the error's ``result``.
            limner.errors.SourceFailed: The text stopped with an error; what arrived is
                illustrated, and in the error's ``result``.
        """
        block = self.stream(chunks, message_id=message_id, chat_id=chat_id, **options)
        async with block as events:
            async for _ in events:
                pass
            return events.result

    async def recover(self, message_id: str | None = None, variant: int | None = None) -> Recovered:
        """Take up what a former process had to leave, of one message or of all, once at the start.

        Answers that nobody writes any more are marked as cut, with all they have. What was asked
        for and never drawn is drawn now, in the background, the oldest first; what is in the
        store is not drawn again. No other process may be writing there.

        Raises:
            limner.errors.StorageError: The store cannot be read or written.
        """
        return await self._recovery.recover(message_id, variant)

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

    def on_event(
        self, handler: Callable[[Session, Event], None], *kinds: type[Event]
    ) -> Callable[[], None]:
        """As `on_progress`, with every event of every session, or with those of some kinds only.

        Of pictures that are drawn by hand there are `ImageStarted`, `ImageProgress`, `ImageReady`
        and `ImageFailed`, with the slot as it then is: one that failed may still have a picture.
        """
        return self._listeners.add(handler, *kinds)

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

    def slot_of(self, job_id: str) -> SlotId | None:
        """The slot whose picture one of the limiter's jobs draws, while it waits or draws.

        ``None``: it is no job of this illustrator's, or it has ended.
        """
        return self._shared.drawing.slot_of(job_id)

    def size_of(self, attributes: Mapping[str, str]) -> tuple[int, int]:
        """How large a picture is asked for: what its tag's attributes say, else what holds now."""
        defaults = self._shared.drawing.defaults
        return size_of(attributes, (defaults.width, defaults.height))

    async def budget_report(self, owner: str | None = None, message_id: str = "") -> BudgetReport:
        """How much of the budget is used: of what bounds all, one owner's, and one message's.

        Raises:
            limner.errors.StorageError: The ledger cannot be read.
        """
        return await self.budget.report(owner, message_id)
