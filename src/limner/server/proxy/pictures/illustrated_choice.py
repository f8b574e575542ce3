"""One choice of an answer as a message of an illustrator, from its beginning to its commit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from enum import Enum
from types import MappingProxyType

from limner.errors import BackendUnavailable, LimnerError, SourceFailed
from limner.illustration import (
    Beat,
    Illustrator,
    Image,
    PushedPieces,
    Scanned,
    ScannedText,
    StreamingSession,
)
from limner.prompts import PromptTag
from limner.server.proxy.history.chat_recorder import WholeAnswer
from limner.server.proxy.history.message_target import MessageTarget
from limner.server.proxy.history.target_resolver import TargetResolver
from limner.server.proxy.pictures.answer_scanner import AnswerScanner
from limner.server.proxy.pictures.awaited_pictures import AwaitedPictures
from limner.server.proxy.pictures.choice_session import choice_session
from limner.server.proxy.pictures.issued_tickets import IssuedTickets
from limner.server.proxy.pictures.picture_sink import AnswerState, PictureTicket
from limner.server.proxy.pictures.said_text import SaidText

log = logging.getLogger(__name__)

GRACE = 1.0
"""Seconds in which a choice that is cancelled may still give its last text to the illustrator."""
NO_TICKETS: Mapping[int, PictureTicket] = MappingProxyType({})
CLOSING = "the server is closing"
STOPPED = "stopped by the reader"
GONE = "whoever asked for it went away before it was shown"


class _End(Enum):
    """What comes behind the last text."""

    COMPLETE = "complete"
    CUT = "cut"
    GONE = "gone"


class IllustratedChoice:
    """Feeds the text and the tags of one choice to a session of an illustrator.

    The session begins with the first tag or, where conversations are kept, with the first text.
    It is given the text at each tag and now and then, not with every chunk, so that a chunk
    without a tag costs next to nothing.

    Args:
        illustrator: Draws.
        resolver: Finds the place of the answer.
        ticket: Gives the address of a slot's picture, or a promise of one.
        on_begin: Told that it runs.
        on_seat: Told the place, once it is taken.
        on_end: Called when its pictures have ended and it is committed.
        owner: For whom the pictures are; the conversation if not given.
        make_scanner: Makes what finds its tags: from the text before, its slots, if it was seen.
        on_scanned: Told when all was scanned, and whether that came to its end.
        beat: When text is given on, for all choices.

    Attributes:
        owner: Whose it is.
        draws: Whether its pictures are drawn; said before there is a session that could be told.
        whole: Whether the text came to its end.
        kept_whole: Whether it was kept without a session, with what it is known by.
        on_stop: Called when somebody stops the answer here, while it still comes.
        kept: Set when the message is in the store, so that it can be recognised.
        hurry: Called by whoever waits for that.
    """

    def __init__(
        self,
        illustrator: Illustrator,
        resolver: TargetResolver,
        *,
        ticket: Callable[[MessageTarget | None, int], PictureTicket],
        on_begin: Callable[["IllustratedChoice"], None],
        on_seat: Callable[["IllustratedChoice"], None],
        on_end: Callable[["IllustratedChoice"], None],
        owner: str | None = None,
        make_scanner: Callable[[str, int, bool], AnswerScanner],
        on_scanned: Callable[[AnswerScanner, bool], None],
        beat: Beat,
    ) -> None:
        self._illustrator = illustrator
        self._resolver = resolver
        self._ticket = ticket
        self._on_begin = on_begin
        self._on_seat, self._on_end = on_seat, on_end
        self.owner = owner
        self._make_scanner = make_scanner
        self._on_scanned, self._beat = on_scanned, beat
        self._target: MessageTarget | None = None
        self._said, self._held = SaidText(), 0
        self._tags: dict[int, PromptTag] = {}
        self._scanner: AnswerScanner | None = None
        self._pieces: PushedPieces  # once it has begun
        self._pictures = AwaitedPictures()
        self._task: asyncio.Task[None] | None = None
        self._waits, self.draws = False, True
        self._issued = IssuedTickets()
        self._over = self._leaving = self._gone = self._read = self.whole = False
        self.kept_whole = False
        self._session: StreamingSession | None = None
        self.on_stop: Callable[[], None] = lambda: None
        self.kept, self.hurry = asyncio.Event(), resolver.hurry

    @property
    def target(self) -> MessageTarget:
        """The place of the answer; it is taken now if it was not."""
        if self._target is None:
            self._target = self._resolver.take()
            self._on_seat(self)
        return self._target

    @property
    def raw(self) -> str:
        """The text of the message so far, with its tags."""
        before = self._target.before if self._target is not None else ""
        return before + self._said.whole

    @property
    def task(self) -> asyncio.Task[None] | None:
        """What runs the session, once there is one."""
        return self._task

    @property
    def tags(self) -> Sequence[tuple[int, int]]:
        """Where the tags of the message's text begin and end, as far as it has been read."""
        return () if self._scanner is None else self._scanner.spans

    @property
    def committed(self) -> bool:
        """Whether the session is over and all is well."""
        task = self._task
        return task is not None and task.done() and not task.cancelled() and not task.exception()

    def answers(self, ids: Collection[str], asking: TargetResolver) -> bool:
        """Whether it may be an answer to one of these messages that was asked for before."""
        if self._resolver.order >= asking.order:
            return False
        if self._target is not None and self._target.message_id in ids:
            return True
        return self._resolver.answers(ids)

    @property
    def ended(self) -> bool:
        """Whether the session is over."""
        return self._task is not None and self._task.done()

    def scanner(self) -> AnswerScanner:
        """What finds its tags. Where an answer goes on, its place is taken with this."""
        if self._scanner is None:
            before, slots, seen = "", 0, True
            if self._resolver.continuing:
                target = self.target
                before, slots, seen = target.before, target.slots, target.seen
            self._scanner = self._make_scanner(before, slots, seen)
        return self._scanner

    def text(
        self, text: str, tags: Mapping[int, PromptTag], held: int
    ) -> Mapping[int, PictureTicket]:
        """The model wrote this, and closed these tags with it: have them drawn."""
        self._held = held
        self._said.add(text)
        if self._task is None and text and self._resolver.at_once:
            self._begin()
        if not self._waits and self._task is not None and not self._over:
            self._waits = True
            self._beat.at_next(self._at_beat)
        return self._ask_for(tags) if tags else NO_TICKETS

    def _ask_for(self, tags: Mapping[int, PromptTag]) -> Mapping[int, PictureTicket]:
        # Before it is known whose answer this is, its pictures have no address.
        known = self._target is not None or self._resolver.known
        place = self.target if known else None
        self._resolver.hurry()
        tickets = {ordinal: self._ticket(place, ordinal) for ordinal in tags}
        self._issued.issue(tickets, promised=not known)
        for ordinal in tags:
            self._pictures.expect(ordinal)
        if self.ended:
            for ordinal in tags:  # it broke down; the text goes on without pictures
                self._pictures.end(ordinal, None)
            return tickets
        self._tags.update(tags)
        if self._task is None:
            self._begin()
        self._flush()
        return tickets

    def finish(self, state: AnswerState) -> None:
        """No more text comes."""
        self.whole = state is AnswerState.COMPLETE
        if self._scanner is not None:
            self._on_scanned(self._scanner, self.whole)
        if self._scanner is not None and (missed := self._scanner.near_misses):
            log.info("the answer holds near misses of picture requests: %d", missed)
        self._end(_End.COMPLETE if state is AnswerState.COMPLETE else _End.CUT)

    def show(self, ticket: PictureTicket) -> None:
        """The reader is shown this picture, if it is one of this choice: it is drawn for good."""
        self._issued.show(ticket)

    def cancel(self) -> None:
        """The reader is gone: stop what was not shown, draw the rest, commit what there is."""
        task = self._task
        if task is None or task.done() or self._gone:
            return
        self.whole, self._gone = False, True
        if not self._over:
            self._end(_End.GONE)
        elif self._read:
            self._stop_unseen()
        if self._session is None and not self._issued.shown:
            # Nothing is drawn yet, and a library that is away is not waited for. Once there is a
            # session, it keeps what was stopped: cancelled, it would put that off.
            loop = asyncio.get_running_loop()
            late = loop.call_later(GRACE, lambda: self._session or task.cancel())
            task.add_done_callback(lambda _: late.cancel())

    @property
    def in_session(self) -> bool:
        """Whether the illustrator knows of it."""
        return self._session is not None or self.ended

    def stop(self) -> None:
        """Stop every picture that is not made yet, shown or not; what there is, is committed."""
        self._resolver.hurry()
        self._issued.shown.clear()
        if self._gone and self._session is not None:
            self._session.cancel(CLOSING)
        self.cancel()

    def _stop_unseen(self) -> None:
        if self._session is not None:
            shown = self._issued.shown
            self._session.stop_text(GONE, keep=lambda slot_id: slot_id.ordinal in shown)

    def leave(self) -> None:
        """Let what is not drawn yet wait for the next start.

        An answer that is still being written is cut.
        """
        if self._task is None or self._task.done():
            return
        self._resolver.hurry()
        if not self._over:
            self.whole = False
            self._end(_End.CUT)
        self._leaving = True
        if self._session is not None:
            self._session.leave(CLOSING)

    def promised(self, ticket: PictureTicket) -> int | None:
        """The ordinal of a picture that was promised before the answer's place was known."""
        return self._issued.promised(ticket.id)

    def placed(self, ticket: PictureTicket) -> PictureTicket:
        """The picture at its address; the answer's place is taken now if it was not."""
        ordinal = self._issued.promised(ticket.id)
        if ordinal is None:
            return ticket
        placed = self._ticket(self.target, ordinal)
        self._issued.issue({ordinal: placed}, promised=False)
        return placed

    def has(self, ordinal: int) -> bool:
        """Whether the picture of this slot was asked for here."""
        return ordinal in self._pictures

    def image(self, ordinal: int) -> Awaitable[Image | None]:
        """A picture, as soon as it is there; ``None`` if it never will be."""
        return self._pictures.image(ordinal)

    def gave_up(self, ordinal: int) -> bool:
        """Whether it is known that a picture of this slot will never be there."""
        return self._pictures.gave_up(ordinal)

    async def slot_kept(self, ordinal: int) -> None:
        """Wait until a slot is in the store, or cannot come there: a crash loses it no more."""
        found = await self._pictures.slot(ordinal)
        if found is not None and self._session is not None:
            await self._session.kept(found)

    def _begin(self) -> None:
        self._pieces = PushedPieces(on_left=self._left)
        self._task = asyncio.get_running_loop().create_task(self._run(), name="pictures")
        self._task.add_done_callback(self._done)
        self._on_begin(self)

    def _end(self, how: _End) -> None:
        if self._task is not None and not self._over:
            self._flush()
            self._pieces.when_taken(self._all_read)
            if how is _End.COMPLETE:
                self._pieces.end()
            elif how is _End.CUT:
                self._pieces.end(BackendUnavailable("the model's answer was cut"))
        self._over, self.on_stop = True, lambda: None

    def _all_read(self) -> None:
        """All text is with the session."""
        self._read = True
        if self._gone:
            self._stop_unseen()

    def _flush(self) -> None:
        self._stop_waiting()
        self._give()

    def _at_beat(self) -> None:
        self._waits = False
        self._give()

    def _give(self) -> None:
        if (text := self._said.take()) or self._tags:
            self._pieces.put(Scanned(text, self._tags, self._held))
            self._tags = {}

    def _stop_waiting(self) -> None:
        if self._waits:
            self._waits = False
            self._beat.forget(self._at_beat)

    def _left(self) -> None:
        """The session reads no more."""
        if not self._over and self._session is not None and self._session.stopped:
            self._over = True
            self.on_stop()

    def _rest(self) -> list[Scanned]:
        """What the session was not given yet when somebody stopped it."""
        self._flush()
        return self._pieces.rest()

    async def _run(self) -> None:
        await self._resolver.ready()
        target = self.target
        if await self._keep_whole(target):
            return
        chat_id = await self._resolver.keep(target)
        if target.goes_on:
            self.kept.set()
            await self._resolver.turn(target)
        scanner = self.scanner()
        source = ScannedText(
            self._pieces, start=scanner.start, before=scanner.before, rest=self._rest
        )
        async with choice_session(
            self._illustrator, source, target, chat_id=chat_id, owner=self.owner
        ) as events:
            self._session = events.session
            if not self.draws:
                events.session.stop_pictures(STOPPED)
            if self._leaving:
                events.session.leave(CLOSING)
            await events.session.begun.wait()
            self.kept.set()
            try:
                await self._pictures.follow(events)
            except SourceFailed as error:
                log.info("the text of message %s was cut: %s", target.message_id, error)

    async def _keep_whole(self, target: MessageTarget) -> bool:
        """Keep it without a session, if it has ended and asks for no picture; tells whether."""
        whole, ended = self._illustrator.whole, self._over and self.whole
        if not (ended and whole.wanted) or target.goes_on or self.scanner().slots:
            return False
        answer = WholeAnswer(target=target, text=self._said.whole, tags=self.tags, owner=self.owner)
        message = await self._resolver.keep_whole(answer)
        if message is not None:
            self.kept_whole = True
            whole.tell(message)
        return self.kept_whole

    def _done(self, task: asyncio.Task[None]) -> None:
        self._left()  # it may have been stopped before it was read at all
        self._over, self.on_stop, self._session = True, lambda: None, None  # they lead back here
        self.kept.set()
        self._stop_waiting()
        self._pictures.end_all()
        error = None if task.cancelled() else task.exception()
        message = self._target.message_id if self._target is not None else "of a choice"
        if isinstance(error, LimnerError):
            log.error("message %s could not be kept: %s", message, error)
        elif error is not None:
            log.error("message %s broke down", message, exc_info=error)
        self._on_end(self)
        del self._pieces  # they lead back here
