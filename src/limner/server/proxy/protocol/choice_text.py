"""The text of one choice as it comes: what is text for certain, and where its pictures stand."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from limner.prompts import PromptTag
from limner.server.proxy.pictures.answer_scanner import AnswerScanner
from limner.server.proxy.pictures.picture_sink import AnswerState, PictureSink, PictureTicket
from limner.server.proxy.pictures.picture_text import picture_text


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture in the place of a tag.

    Attributes:
        start: Where its tag begins in the choice's text; negative: in what was there before.
        end: The position after the tag.
        ticket: The picture.
        text: The Markdown that shows it.
        kept: What of the tag is sent before it. Of one that began in an answer which goes on, the
            reader has the beginning already, and gets the end.
    """

    start: int
    end: int
    ticket: PictureTicket
    text: str
    kept: str = ""


Segment = str | Placed
"""A stretch of text as it was, or a picture."""


class ChoiceText:
    """Scans the text of one choice and hands its tags to the sink the instant they close.

    Args:
        index: Which choice.
        sink: Takes the pictures.

    Attributes:
        fed: How many characters came.
        settled: Up to where it is known what is text and what is tag; negative as well.
        over: Whether its end is known; what comes after that is not scanned.
        waiting: Pictures that are sent after its text.
    """

    __slots__ = ("_scanner", "_sink", "_tags", "fed", "index", "over", "settled", "waiting")

    def __init__(self, index: int, sink: PictureSink) -> None:
        self.index = index
        self.fed = 0
        self.settled = 0
        self.over = False
        self.waiting: list[Placed] = []
        self._sink = sink
        self._scanner: AnswerScanner | None = None
        self._tags: deque[Placed] = deque()

    @property
    def held(self) -> int:
        """Characters of which it is not known yet whether they are part of a tag."""
        return self.fed - self.settled

    @property
    def plain(self) -> bool:
        """Whether all that came is text for certain, and every picture was given out."""
        return self.settled == self.fed and not self._tags

    def feed(self, text: str) -> None:
        """Take more of the text."""
        if not text:
            return
        scanner = self._scanner
        if scanner is None:
            scanner = self._scanner = self._sink.scanner(self.index)
        fed = self.fed = self.fed + len(text)
        if tags := scanner.feed(text):
            self._hand_over(scanner, text, tags)
        else:
            self._sink.text(self.index, text, tags, scanner.held)
        self.settled = fed - scanner.held

    def finish(self, state: AnswerState) -> None:
        """No more text comes. A second call changes nothing."""
        if not self.over:
            self.over = True
            if self._scanner is not None and (tags := self._scanner.finish()):
                self._hand_over(self._scanner, "", tags)
            self.settled = self.fed
            self._sink.finished(self.index, state)

    def untouched(self, end: int) -> bool:
        """Whether no tag stands before this position that was not given out yet."""
        return end <= self.settled and not (self._tags and self._tags[0].start < end)

    def segments(self, text: str, start: int, end: int) -> list[Segment]:
        """What becomes of ``[start:end]``, of which `text` begins at `start`; asked in order."""
        made: list[Segment] = []
        at = start
        while self._tags and self._tags[0].start < end:
            tag = self._tags[0]
            if tag.start > at:
                made.append(text[at - start : tag.start - start])
            if tag.end > end:
                return made
            at = max(at, tag.end)
            made.append(self._tags.popleft())
        if at < end:
            made.append(text[at - start : end - start])
        return made

    def _hand_over(self, scanner: AnswerScanner, text: str, tags: Mapping[int, PromptTag]) -> None:
        tickets = self._sink.text(self.index, text, tags, scanner.held)
        for ordinal, tag in tags.items():
            ticket = tickets[ordinal]
            start, end = tag.start - scanner.start, tag.end - scanner.start
            kept = tag.source[-start:] if start < 0 else ""
            shown = picture_text(tag.prompt, ticket.url)
            self._tags.append(Placed(start, end, ticket, shown, kept))
