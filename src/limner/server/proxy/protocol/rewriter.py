"""A streamed answer with pictures in the place of its tags: a pure machine.

Events that no tag touches leave as they came, byte for byte. An event is held back while the end
of its text may be the beginning of a tag, and so are those behind it, since their order is part of
what a server says. Once more than `UNDECIDED` characters have been held, it is a tag for all that
anybody can tell: what is certain of the held events leaves, and other choices go on.
"""

from collections import deque
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from limner.server.proxy.mode import Mode
from limner.server.proxy.pictures.picture_sink import AnswerState, PictureSink
from limner.server.proxy.protocol.choice_text import ChoiceText, Placed, Segment
from limner.server.proxy.protocol.chunk_writing import line_end
from limner.server.proxy.protocol.dialect import PARTS, Chunk, Dialect, Said
from limner.server.proxy.protocol.event_splitter import LARGEST, StreamEvent
from limner.server.proxy.protocol.half_characters import HalfCharacters, second_half
from limner.server.proxy.protocol.held_events import HeldEvent, Share, goes_on, in_runs
from limner.server.proxy.protocol.json_paths import put
from limner.server.proxy.protocol.picture_chunk import PictureChunk, RepeatedChunk

UNDECIDED = 32
"""Characters; the beginning of a tag is shorter (``<!--img-prompt="`` has 16)."""


class StreamRewriter:
    r"""Takes the bytes of an event stream and gives back those to send.

    Guarantees:

    - A stream without a tag, or what looks like one for more than `UNDECIDED` characters, comes
      out exactly as it went in, however it was cut.
    - In any stream, each choice's text without its tags comes out whole and in order, and before
      the chunk with its finish reason.
    - Each tag becomes one event of its own, complete, with the identity of the chunk it was in.
    - Reasoning, tool calls, refusals, usage, errors, comments and what is not understood pass.
    - A tag reaches `sink` in the call of `feed` that brought its last byte.

    Args:
        sink: Takes the pictures.
        dialect: How the stream is read and written.
        mode: `Mode.INLINE` or `Mode.HOLD` (pictures in place), or `Mode.APPEND`.
        largest: Bytes one event may have.

    Attributes:
        done: Whether ``[DONE]`` or an error came: the answer is over, whatever follows.
    """

    def __init__(
        self,
        sink: PictureSink,
        dialect: Dialect,
        *,
        mode: Mode = Mode.INLINE,
        largest: int = LARGEST,
    ) -> None:
        self.done = False
        self._sink = sink
        self._append = mode is Mode.APPEND
        self._dialect = dialect
        self._read = dialect.read
        self._splitter = dialect.splitter(largest)
        self._so_far = dialect.so_far()
        self._choices: dict[int, ChoiceText] = {}
        self._finished: set[int] = set()
        self._halves = HalfCharacters()
        self._held: deque[HeldEvent] = deque()
        self._loose: deque[Share] = deque()
        self._out: list[bytes] = []
        self._origin: bytes | None = None
        self._line_end = b"\n"

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes.

        Returns:
            What to send, in order: whole events. Those that show a picture are `PictureChunk`.

        Raises:
            limner.errors.BackendUnavailable: An event is larger than allowed.
        """
        events = self._splitter.feed(data)
        if len(events) == 1:
            event = events[0]
            chunk = None if event.data is None else self._read(event.data)
            self._take(event, event.data, chunk)
        else:
            self._take_all(events)
        return self._sent()

    def finish(self) -> list[bytes]:
        """The stream has ended as it should: give what was held back."""
        self._take_all(self._splitter.finish())
        self._end(AnswerState.COMPLETE)
        return self._sent()

    def abort(self) -> list[bytes]:
        """The stream was cut: give what was held back, but no half of an event."""
        self._splitter.finish()
        self._end(AnswerState.CUT)
        return self._sent()

    def stopped(self) -> list[bytes]:
        """What ends the stream well, as somebody wants no more of it."""
        if self.done:
            return []
        if self._so_far is not None:
            return [self._again(self._so_far.ending())]
        left = [index for index in self._choices or (0,) if index not in self._finished]
        end = self._dialect.stopped(self._origin, left)
        return [end] if end else []

    def _sent(self) -> list[bytes]:
        out, self._out = self._out, []
        return out

    def _take(self, event: StreamEvent, data: bytes | None, chunk: Chunk | None) -> None:
        """Take an event, with what is read of its data."""
        if data is None:
            self._pass(HeldEvent(event.raw))
        elif event.failed:
            self._fail(self._dialect.event(data.strip(), b"\n"))
        elif chunk is None:
            halved = self._dialect.halves(data)
            if halved is not None and not halved.failed:
                self._take_halves(event.raw, data, halved)
            else:
                self._take_other(event.raw, data)
        elif chunk.failed:
            self._fail(event.raw)
        elif not chunk.choices:
            self._take_other(event.raw, data)
        else:
            self._take_said(event.raw, data, chunk.choices)

    def _take_all(self, events: Sequence[StreamEvent]) -> None:
        """Take several events of one read; plain text in a row is scanned at once."""
        for one in in_runs(events, self._read, self._choices):
            if isinstance(one, tuple):
                self._take(one[0], one[0].data, one[1])
            elif self._held or self._loose or not one.passes():
                for raw, (data, said) in zip(one.raws, one.says, strict=True):
                    self._take_said(raw, data, [said])
            else:
                self._origin = one.says[-1][0]
                so_far = self._so_far
                self._out += one.raws if so_far is None else map(so_far.own, one.raws)

    def _take_other(self, raw: bytes, data: bytes) -> None:
        """An event without text of its own; it may say that this was all."""
        if self._dialect.follows and (answer_id := self._dialect.answer_id(data)):
            self._sink.named(answer_id)
        repeated = self._dialect.repeated(data)
        if self._dialect.ends(data):
            self._end(AnswerState.COMPLETE)
            self.done = True
        if not repeated:
            self._pass(HeldEvent(raw))
            return
        said = [choice for choice in self._choices.values() if choice.index == repeated[0].choice]
        shares = [Share(choice, 0, "", choice.fed, last=True) for choice in said]
        if shares:
            self._settle_loose()
        self._pass(HeldEvent(raw, data, shares, repeated))

    def _fail(self, raw: bytes) -> None:
        self._end(AnswerState.CUT)
        self.done = True
        self._pass(HeldEvent(raw))

    def _take_said(self, raw: bytes, data: bytes, choices: Sequence[Said]) -> None:
        if len(choices) == 1 and not self._held and not self._loose:
            text = choices[0].text
            known = goes_on(choices[0], text, self._choices)
            if known is not None:
                known.feed(text)
                self._origin = data
                if known.plain:  # the usual case, quickly: nothing here could be a tag
                    self._out.append(raw if self._so_far is None else self._so_far.own(raw))
                else:
                    start = known.fed - len(text)
                    self._pass(HeldEvent(raw, data, [Share(known, 0, text, start)]))
                return
        if self._origin is None:
            self._origin = data
        shares = self._shares(data, choices)
        if self._held or self._loose or not all(share.plain for share in shares):
            if shares:
                self._settle_loose()
            self._pass(HeldEvent(raw, data, shares))
        else:
            self._send_own(raw)

    def _take_halves(self, raw: bytes, data: bytes, chunk: Chunk) -> None:
        known = self._choices
        choices = [self._halves.take(one, known.get(one.index or 0)) for one in chunk.choices or ()]
        shares = self._shares(data, choices)
        for share in shares:
            share.joined, share.half = choices[share.position].joined, choices[share.position].half
        if shares:
            self._settle_loose()
        self._pass(HeldEvent(raw, data, shares))

    def _shares(self, data: bytes, choices: Sequence[Said]) -> list[Share]:
        """Feed what a chunk says to its choices' scanners."""
        shares = []
        for position, choice in enumerate(choices):
            share = self._share(position, choice)
            if share is not None:
                shares.append(share)
                self._origin = data
        if self._held and shares:
            self._believe({share.choice for share in shares})
        return shares

    def _believe(self, going_on: Set[ChoiceText]) -> None:
        """Take a choice to be over that has ended, and whose text is not what comes next."""
        for held in self._held:
            for share in held.shares:
                if share.last and share.choice not in going_on:
                    share.choice.finish(AnswerState.COMPLETE)

    def _share(self, position: int, choice: Said) -> Share | None:
        """Feed what a chunk says of one choice to its scanner; `None` if there is nothing."""
        text = choice.text
        last = bool(choice.finish_reason)
        index = choice.index or 0
        known = self._choices.get(index)
        first = known is None and choice.role is not None
        if last and choice.finish_reason not in PARTS:
            self._finished.add(index)
        if known is None:
            known = ChoiceText(index, self._sink, in_place=not self._append)
            self._choices[index] = known
        if known.over or not (text or last):
            return None
        start = known.fed
        if text:
            known.feed(text)
        return Share(known, position, text, start, first, last)

    def _pass(self, held: HeldEvent) -> None:
        """Send an event, or put it behind those that wait."""
        if not self._held and self._untouched(held):
            self._send_raw(held)
            return
        self._held.append(held)
        while self._held and self._held[0].certain():
            self._send(self._held.popleft())
        if self._held and (
            self._held[0].touched() or any(c.held > UNDECIDED for c in self._choices.values())
        ):
            self._let_go()

    def _let_go(self) -> None:
        """Send what is certain of the held events; the rest of their texts follows by itself."""
        while self._held and not self._held[0].ends():
            held = self._held.popleft()
            rest = [share for share in held.shares if share.end > share.choice.settled]
            self._send(held)
            for share in rest:
                cut = max(share.start, share.choice.settled)
                share.text, share.start = share.text[cut - share.start :], cut
                self._loose.append(share)

    def _settle_loose(self) -> None:
        """Send of the texts whose events have left what is certain by now."""
        for _ in range(len(self._loose)):
            share = self._loose.popleft()
            choice = share.choice
            end = min(share.end, choice.settled)
            if end > share.start:
                known = share.text[: end - share.start]
                self._say(choice, self._placed(choice, choice.segments(known, share.start, end)))
                share.text, share.start = share.text[len(known) :], end
            if share.text:
                self._loose.append(share)

    def _send(self, held: HeldEvent) -> None:
        """Send an event with all of its texts that is certain."""
        self._line_end = line_end(held.raw)
        if held.certain() and self._untouched(held):
            self._send_raw(held)
            return
        if held.repeated:
            self._send_repeated(held)
            return
        self._origin = held.data
        texts: dict[int, str] = {}
        behind: list[tuple[ChoiceText, list[Segment]]] = []
        for share in held.shares:
            choice = share.choice
            end = min(share.end, choice.settled)
            known = share.text[: max(0, end - share.start)]
            made = choice.segments(known, share.start, share.start + len(known))
            made = self._placed(choice, self._completed(share, made))
            texts[share.position] = ""
            if share.last:
                if made and isinstance(made[-1], str) and not choice.waiting:
                    texts[share.position] = str(made.pop())
                self._say(choice, [*made, *choice.waiting])
                choice.waiting.clear()
            else:
                if made and isinstance(made[0], str):
                    texts[share.position] = str(made.pop(0))
                behind.append((choice, made))
        self._send_changed(held, texts)
        for choice, made in behind:
            self._say(choice, made)

    def _send_repeated(self, held: HeldEvent) -> None:
        """Send an event that says again what was said, with the same pictures."""
        for share in held.shares:
            choice, texts = share.choice, held.repeated
            self._say(choice, [*choice.segments("", share.start, share.start), *choice.waiting])
            choice.waiting.clear()
            at = share.start - sum(len(part.text) for part in texts)
            made = {}
            for part in texts:
                made[part.path] = choice.shown_again(part.text, at)
                at += len(part.text)
            said = self._dialect.event(put(held.data.strip(), made), self._line_end)
            own = said if self._so_far is None else self._so_far.own(said)
            self._out.append(self._again(own))

    def _again(self, event: bytes) -> bytes:
        """An event that says again what was said, with the pictures it may hold."""
        given = [tag for choice in self._choices.values() for tag in choice.given]
        tickets = [tag.ticket for tag in given if isinstance(tag, Placed)]
        return RepeatedChunk.of(event, tickets) if tickets else event

    def _untouched(self, held: HeldEvent) -> bool:
        """Whether an event can leave as it came: it may hold the other half of a character."""
        return held.untouched() and all(
            not share.joined or self._halves.came_raw(share.choice.index) for share in held.shares
        )

    def _send_own(self, event: bytes) -> None:
        """Send an event that the server has sent, as it came or changed."""
        self._out.append(event if self._so_far is None else self._so_far.own(event))

    def added(self, event: bytes) -> bytes:
        """An event that is sent behind all these, as it fits them."""
        return event if self._so_far is None else self._so_far.added(event)

    def _send_raw(self, held: HeldEvent) -> None:
        self._send_own(held.raw)
        for share in held.shares:
            if share.half:
                self._halves.left(share.choice.index, raw=True)

    def _completed(self, share: Share, made: list[Segment]) -> list[Segment]:
        """The segments of a changed event, for a client that may have half of the first letter."""
        if share.joined and made and self._halves.came_raw(share.choice.index):
            first = made[0]
            made[0] = second_half(first) if isinstance(first, str) else first
        if share.half:
            self._halves.left(share.choice.index, raw=False)
        return made

    def _send_changed(self, held: HeldEvent, texts: dict[int, str]) -> None:
        event, says = self._dialect.changed(held.data, texts, self._line_end)
        if says or any(share.first for share in held.shares):
            self._send_own(event)
        elif self._so_far is not None:
            self._so_far.left_out()

    def _placed(self, choice: ChoiceText, segments: list[Segment]) -> list[Segment]:
        """The segments that are sent now; the pictures of mode ``append`` wait."""
        if not self._append:
            return segments
        placed = [segment for segment in segments if isinstance(segment, Placed)]
        choice.waiting += (replace(segment, kept="") for segment in placed)
        text = "".join(s if isinstance(s, str) else s.kept for s in segments)
        return [text] if text else []

    def _say(self, choice: ChoiceText, segments: Iterable[Segment]) -> None:
        """Send each segment as an event of its own."""
        for segment in segments:
            text = segment if isinstance(segment, str) else segment.kept + segment.text
            said = self._dialect.say(self._origin, choice.index, text, self._line_end)
            chunk = self.added(said)
            if isinstance(segment, Placed):
                chunk = PictureChunk.of(chunk, segment.ticket)
            self._out.append(chunk)

    def _end(self, state: AnswerState) -> None:
        """Every choice has ended: nothing is held back any more."""
        for choice in self._choices.values():
            choice.finish(state)
        self._settle_loose()
        while self._held:
            self._send(self._held.popleft())
        for choice in self._choices.values():
            self._say(choice, choice.waiting)
            choice.waiting.clear()
