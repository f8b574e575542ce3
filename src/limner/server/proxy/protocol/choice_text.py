"""The text of one choice on its way through: what was fed, what is settled, where its tags are."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from limner.prompts import PromptScanner, PromptTag, Text
from limner.server.proxy.pictures.picture_sink import AnswerState, PictureSink, PictureTicket
from limner.server.proxy.pictures.picture_text import picture_text

MOST_PICTURES = 1000
"""Tags of one answer that become pictures; what a model writes beyond that stays text."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture in the place of a tag.

    Attributes:
        start: Where its tag begins in the choice's text.
        end: The position after the tag.
        ticket: The picture.
        text: The Markdown that shows it.
    """

    start: int
    end: int
    ticket: PictureTicket
    text: str


Segment = str | Placed
"""A stretch of text as it was, or a picture."""


class ChoiceText:
    """Scans the text of one choice and hands its tags to the sink the instant they close.

    Args:
        index: Which choice.
        sink: Takes the pictures.
        patterns: As for `limner.prompts.PromptScanner`.

    Attributes:
        fed: How many characters came.
        settled: Up to where it is known what is text and what is tag.
        over: Whether its end is known; what comes after that is not scanned.
        waiting: Pictures that are sent after its text.
    """

    __slots__ = (
        "_ordinal",
        "_scanner",
        "_sink",
        "_tags",
        "fed",
        "index",
        "over",
        "settled",
        "waiting",
    )

    def __init__(self, index: int, sink: PictureSink, patterns: Sequence[str] | None) -> None:
        self.index = index
        self.fed = 0
        self.settled = 0
        self.over = False
        self.waiting: list[Placed] = []
        self._sink = sink
        self._scanner = PromptScanner(patterns)
        self._tags: deque[Placed] = deque()
        self._ordinal = 0

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
        self.fed += len(text)
        self._sink.text(self.index, text)
        for piece in self._scanner.feed(text):
            if isinstance(piece, Text):
                self.settled += len(piece.text)
            else:
                self._place(piece)
                self.settled = piece.end

    def finish(self, state: AnswerState) -> None:
        """No more text comes. A second call changes nothing."""
        if not self.over:
            self.over = True
            for piece in self._scanner.finish():
                if isinstance(piece, PromptTag):
                    self._place(piece)
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
            at = tag.end
            made.append(self._tags.popleft())
        if at < end:
            made.append(text[at - start : end - start])
        return made

    def _place(self, tag: PromptTag) -> None:
        if self._ordinal >= MOST_PICTURES:
            return
        ticket = self._sink.picture(self.index, self._ordinal, tag)
        self._ordinal += 1
        self._tags.append(Placed(tag.start, tag.end, ticket, picture_text(tag.prompt, ticket.url)))
