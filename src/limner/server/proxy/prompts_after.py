"""Picture requests that a second model adds to an answer whose own model was told of none."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from limner.errors import LimnerError, TagError
from limner.prompts import Suggestion, find_prompts, format_tag, insert_prompts
from limner.server.proxy.proposer import Proposer
from limner.server.proxy.protocol.dialect import SECTION, Chunk, Dialect, TextPart
from limner.server.proxy.protocol.event_splitter import LARGEST, StreamEvent
from limner.server.proxy.protocol.json_paths import put

log = logging.getLogger(__name__)

STORIES = frozenset({"stop", "length", "end_turn", "max_tokens", "stop_sequence", "eos", SECTION})
"""How an answer ends that is a text; others end with calls of tools or a filter's word."""


class PromptsAfter:
    """Adds what a proposer says to answers; one that fails leaves them as they are.

    Args:
        proposer: Says which pictures belong into a text.
        dialect: The protocol of the answer.
        context: What was said before it.
        patterns: Tag patterns in place of the defaults.
    """

    def __init__(
        self,
        proposer: Proposer,
        dialect: Dialect,
        context: Sequence[Mapping[str, Any]],
        patterns: Sequence[str] | None,
    ) -> None:
        self._proposer = proposer
        self._dialect = dialect
        self._context = context
        self._patterns = patterns

    async def whole(self, body: bytes) -> bytes:
        """A whole answer with a tag in each place that was named for a picture."""
        texts = {}
        for part in self._stories(body):
            found = await self._proposed(part.text)
            try:
                made = insert_prompts(part.text, found, patterns=self._patterns).text
            except TagError as error:
                log.warning("no pictures for an answer: %s", error)
                continue
            if made != part.text:
                texts[part.path] = made
        return put(body, texts) if texts else body

    def _stories(self, body: bytes) -> Sequence[TextPart]:
        """The texts that are stories, of a whole answer."""
        parts = self._dialect.parts(body)
        splitter = self._dialect.splitter(LARGEST)
        events = splitter.feed(self._dialect.streamed(body)) if parts else []
        ends = Ends()
        for event in events:
            ends.take(None if event.data is None else self._dialect.read(event.data))
        return [part for part in parts if ends.is_story(part.choice)]

    def stream(self, read: Callable[[], Awaitable[bytes]]) -> "PromptedStream":
        """A stream with tags between its last text and its end."""
        return PromptedStream(read, self._dialect, self.tags)

    async def tags(self, text: str) -> str:
        """What is added to a text that has ended: each tag on a line of its own; or ``""``."""
        written = []
        for suggestion in await self._proposed(text):
            try:
                tag = format_tag(suggestion.prompt)
            except TagError:
                continue
            if find_prompts(tag, self._patterns):
                written.append(tag)
        return "".join(f"\n\n{tag}" for tag in written)

    async def _proposed(self, text: str) -> Sequence[Suggestion]:
        try:
            return await self._proposer.propose(text, context=self._context)
        except LimnerError as error:
            log.warning("no pictures for an answer: %s", error)
            return []


class Ends:
    """Why the choices of an answer end, as far as that says whether they are stories."""

    def __init__(self) -> None:
        self._others: set[int] = set()

    def take(self, chunk: Chunk | None) -> None:
        """Note what an event says."""
        for choice in (chunk.choices or ()) if chunk else ():
            if choice.finish_reason and choice.finish_reason not in STORIES:
                self._others.add(choice.index or 0)

    def is_story(self, index: int) -> bool:
        """Whether a choice is a text by itself."""
        return index not in self._others


class PromptedStream:
    """The bytes of a model's stream, with more text before its end.

    What comes before the first event that ends the answer passes as it comes. What comes from
    there on waits until it is known what is added; if more text follows after all, it was no end.

    Args:
        read: Gives the next bytes; ``b""``: there are no more.
        dialect: The protocol.
        more: Gives what is added to a text that has ended.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[bytes]],
        dialect: Dialect,
        more: Callable[[str], Awaitable[str]],
    ) -> None:
        self._read = read
        self._dialect = dialect
        self._more = more
        self._splitter = dialect.splitter(LARGEST)
        self._texts: defaultdict[int, list[str]] = defaultdict(list)
        self._ends = Ends()
        self._out: deque[bytes] = deque()
        self._held: list[StreamEvent] = []
        self._origin: bytes | None = None
        self._over = self._failed = self._stopped = False
        self._asking: asyncio.Future[str] | None = None

    def stop(self) -> None:
        """Nothing is to be added any more."""
        self._stopped = True
        if self._asking is not None:
            self._asking.cancel()

    async def read(self) -> bytes:
        """The next bytes; ``b""`` at the end."""
        while not self._out and not self._over:
            data = await self._read()
            self._over = not data
            done = False
            for event in self._splitter.feed(data) if data else self._splitter.finish():
                done = self._take(event) or done
            if done or self._over:
                await self._end()
        made = b"".join(self._out)
        self._out.clear()
        return made

    def _take(self, event: StreamEvent) -> bool:
        """Let an event pass, or hold it; tells whether it ends the stream."""
        data = event.data
        chunk = None if data is None else self._dialect.read(data)
        silent = data is not None and not (chunk and chunk.choices)
        done = silent and self._dialect.ends(data or b"")
        ends = self._failed = self._failed or event.failed or bool(chunk and chunk.failed)
        ends = ends or bool(silent and self._dialect.repeated(data or b""))
        said = False
        for choice in (chunk.choices or ()) if chunk else ():
            index = choice.index or 0
            if choice.text:
                said, self._origin = True, data
                self._texts[index].append(choice.text)
            ends = ends or bool(choice.finish_reason)
        self._ends.take(chunk)
        if said and self._held:
            self._out.extend(one.raw for one in self._held)
            self._held.clear()
        if (ends and not said) or done or self._held:
            self._held.append(event)
        else:
            self._out.append(event.raw)
        return done

    async def _added(self, text: str) -> str:
        if self._stopped:
            return ""
        self._asking = asyncio.ensure_future(self._more(text))
        try:
            return await self._asking
        except asyncio.CancelledError:
            if self._stopped:
                return ""
            raise

    async def _end(self) -> None:
        for index, pieces in self._texts.items():
            if self._failed or not self._ends.is_story(index):
                continue
            if added := await self._added("".join(pieces)):
                self._out.append(self._dialect.say(self._origin, index, added, b"\n"))
                self._held = [self._saying(event, added) for event in self._held]
        self._texts.clear()
        self._out.extend(event.raw for event in self._held)
        self._held.clear()

    def _saying(self, event: StreamEvent, added: str) -> StreamEvent:
        """An event with what was added, where it says again what was said."""
        data = event.data
        if data is None or not (repeated := self._dialect.repeated(data)):
            return event
        last = repeated[-1]
        made = put(data.strip(), {last.path: last.text + added})
        return StreamEvent(self._dialect.event(made, b"\n"), made)
