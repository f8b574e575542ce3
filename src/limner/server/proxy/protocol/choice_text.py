"""The text of one choice as it comes: what is text for certain, and where its pictures stand."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from limner.illustration import NO_TAGS
from limner.prompts import PromptTag
from limner.server.proxy.pictures.answer_scanner import AnswerScanner
from limner.server.proxy.pictures.picture_sink import AnswerState, PictureSink, PictureTicket
from limner.server.proxy.pictures.picture_text import picture_text
from limner.server.proxy.protocol.line_structure import stays_on_line

FAR = 4000
"""Characters before a tag that tell in what it stands."""


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


@dataclass(frozen=True, slots=True)
class Reworded:
    """Other words in the place of ``[start:end]``: none for a tag that was left open."""

    start: int
    end: int
    text: str = ""


Segment = str | Placed
"""A stretch of text, or a picture."""


class ChoiceText:
    """Scans the text of one choice and hands its tags to the sink the instant they close.

    Args:
        index: Which choice.
        sink: Takes the pictures.
        in_place: Whether pictures stand where their tags did.

    Attributes:
        fed: How many characters came.
        settled: Up to where it is known what is text and what is tag; negative as well.
        over: Whether its end is known; what comes after that is not scanned.
        waiting: Pictures that are sent after its text.
        given: What was given out in the place of tags.
    """

    __slots__ = (
        "_in_place",
        "_scanner",
        "_sink",
        "_tags",
        "_unseen",
        "fed",
        "given",
        "index",
        "over",
        "settled",
        "waiting",
    )

    def __init__(self, index: int, sink: PictureSink, *, in_place: bool = True) -> None:
        self.index = index
        self.fed = 0
        self.settled = 0
        self.over = False
        self.waiting: list[Placed] = []
        self.given: list[Placed | Reworded] = []
        self._sink = sink
        self._scanner: AnswerScanner | None = None
        self._tags: deque[Placed | Reworded] = deque()
        self._unseen = ""
        self._in_place = in_place

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
            self._unseen = scanner.unseen
        fed = self.fed = self.fed + len(text)
        if tags := scanner.feed(text):
            self._hand_over(scanner, text, tags)
        else:
            self._sink.text(self.index, text, tags, scanner.held)
        self.settled = fed - scanner.held
        if self._unseen:
            self._show_unseen()

    def passes(self, text: str) -> bool:
        """Take a text in which nothing can be part of a tag; of any other take nothing."""
        scanner = self._scanner
        if scanner is None or self._unseen or not (self.plain and scanner.passes(text)):
            return False
        self.fed = self.settled = self.fed + len(text)
        self._sink.text(self.index, text, NO_TAGS, 0)
        return True

    def finish(self, state: AnswerState) -> None:
        """No more text comes. A second call changes nothing."""
        if not self.over:
            self.over = True
            scanner = self._scanner
            if scanner is not None and (tags := scanner.finish()):
                self._hand_over(scanner, "", tags)
            self.settled = self.fed
            if scanner is not None and scanner.left:
                self._tags.append(Reworded(self.fed - len(scanner.left), self.fed))
            elif self._unseen:
                self._show_unseen()
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
            self.given.append(self._tags.popleft())
            if isinstance(tag, Placed):
                made.append(tag)
            elif tag.text:
                made.append(tag.text)
        if at < end:
            made.append(text[at - start : end - start])
        return made

    def shown_again(self, text: str, start: int) -> str:
        """What was shown of a part of the text that stood from `start` on."""
        end, at, made, after = start + len(text), start, [], ""
        for tag in self.given:
            if start <= tag.start and tag.end <= end:
                made.append(text[at - start : tag.start - start])
                at = tag.end
                if self._in_place or isinstance(tag, Reworded):
                    made.append(tag.text)
                else:
                    after += tag.text
        return "".join([*made, text[at - start :], after])

    def _hand_over(self, scanner: AnswerScanner, text: str, tags: Mapping[int, PromptTag]) -> None:
        tickets = self._sink.text(self.index, text, tags, scanner.held)
        for ordinal, tag in tags.items():
            ticket = tickets[ordinal]
            start, end = tag.start - scanner.start, tag.end - scanner.start
            kept = tag.source[-start:] if start < 0 and not self._unseen else ""
            inline = self._in_place and self._stays_on_line(scanner, tag)
            shown = picture_text(tag.prompt, ticket.url, inline=inline, page=ticket.page)
            self._tags.append(Placed(start, end, ticket, shown, kept))

    def _stays_on_line(self, scanner: AnswerScanner, tag: PromptTag) -> bool:
        """Whether blank lines around the picture would break what the text has begun."""
        said = self._sink.said(self.index)
        before, end = [], tag.start
        for start, behind in reversed(scanner.spans):
            if start < tag.start:
                if behind < tag.start - FAR:
                    break
                before.append(said[behind:end])
                end = start
        before.append(said[max(0, tag.start - FAR) : end])
        return stays_on_line("".join(reversed(before)))

    def _show_unseen(self) -> None:
        """Say the open tag of what was there before, once it is known to be none after all."""
        unseen = self._unseen
        if self.settled <= -len(unseen):
            return
        end = min([0, self.settled, *(tag.start for tag in self._tags)])
        self._unseen = unseen[end:] if self.settled == end < 0 else ""
        if end > -len(unseen):
            said = unseen[:end] if end else unseen
            self._tags.appendleft(Reworded(-len(unseen), end, said))
