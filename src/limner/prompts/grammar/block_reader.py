r"""Tags in and behind blocks of reasoning, which may never close.

A block is what stands behind an opening mark that begins the text or a line. If its closing mark
comes, everything in it is text. If the text ends without it, it was none, and its tags count. So
from the first tag in an open block on the text is held back until one or the other is certain;
where that would be too much, the block is taken for what it seems to be.
"""

from collections.abc import Callable, Iterable

from limner.prompts.grammar.reasoning_mark import ClosingMark, ReasoningMark, ReasoningMarks
from limner.prompts.grammar.tag import PromptTag, Text
from limner.prompts.grammar.tag_grammar import TagGrammar

Piece = Text | PromptTag


MakeGrammar = Callable[[ReasoningMarks, int, bool], TagGrammar]
"""Makes a grammar that knows some marks; its text begins at an offset, perhaps inside a line."""


class BlockReader:
    """Reads a text with a grammar, and each block of reasoning in it by itself.

    Args:
        make: Makes the grammar, and another for each block.
        marks: What marks reasoning.
        start: Where the text begins, in characters from the start of the whole text.
        mid_line: Whether it begins inside a line.
        most_held: Characters of an open block that are held back at most.
    """

    __slots__ = ("_block", "_grammar", "_inner_marks", "_make", "_marks", "_missed", "_most_held")

    def __init__(
        self,
        make: MakeGrammar,
        marks: ReasoningMarks,
        start: int = 0,
        *,
        mid_line: bool = False,
        most_held: int | None = None,
    ) -> None:
        self._most_held = most_held
        self._make = make
        self._marks = marks
        self._grammar = make(marks, start, mid_line)
        self._inner_marks: dict[ReasoningMark, ReasoningMarks] = {}
        self._block: _Block | None = None
        self._missed = 0

    @property
    def closed_unopened(self) -> bool:
        """Whether a closing mark came that nothing had opened."""
        return self._grammar.closed_unopened

    @property
    def near_misses(self) -> int:
        """How often something was nearly a tag, where a tag would have counted."""
        return self._grammar.near_misses + self._missed

    @property
    def in_reasoning(self) -> bool:
        """Whether a block of reasoning is open where the text has got to."""
        return self._block is not None

    @property
    def open_tag(self) -> str:
        """The tag that is open where the text has got to; else ``""``."""
        return self._grammar.open_tag if self._block is None else self._block.open_tag

    def begin_inside(self) -> None:
        """The text begins inside a block that any closing mark ends. Before anything is fed."""
        inner = BlockReader(self._make, ReasoningMarks(()))
        self._block = _Block(inner, self._marks.closings, self._most_held)

    def feed(self, chunk: str) -> list[Piece]:
        """Take the next piece of text, not empty; what is certain now."""
        if self._block is None:
            found = self._grammar.feed(chunk)
            if self._grammar.block is None:
                return found
            chunk = self._enter(self._grammar.block)
        else:
            found = []
        while self._block is not None and chunk:
            chunk = self._block.feed(chunk, found)
            if self._block.closed:
                self._grammar.leave_block(self._block.length)
                self._block = None
                if chunk:
                    found += self._grammar.feed(chunk)
                    block = self._grammar.block
                    chunk = self._enter(block) if block is not None else ""
        return found

    def passes(self, chunk: str) -> bool:
        """Take the whole of a non-empty piece if it is plain text for certain, else nothing."""
        return self._block is None and self._grammar.passes(chunk)

    def _enter(self, mark: ReasoningMark) -> str:
        """Begin to read a block; return what has been fed of it."""
        marks = self._inner_marks.get(mark)
        if marks is None:
            marks = self._inner_marks[mark] = self._marks.without(mark)
        inner = BlockReader(self._make, marks, self._grammar.offset, mid_line=True)
        self._block = _Block(inner, (mark.closing,), self._most_held)
        return self._grammar.take_unread()

    def finish(self) -> list[Piece]:
        """The text has ended: give out what was held back."""
        found: list[Piece] = []
        while self._block is None:
            found += self._grammar.finish()
            if self._grammar.block is None:
                return found
            rest = self._enter(self._grammar.block)
            if rest:
                found += self.feed(rest)
        found += self._block.finish()
        self._missed += self._block.near_misses
        self._block = None
        return found


class _Block:
    """A block of reasoning that is open."""

    __slots__ = ("_closing", "_end", "_held", "_most_held", "_reader", "closed", "length")

    def __init__(self, reader: BlockReader, closings: Iterable[str], most_held: int | None) -> None:
        self.closed = False
        self.length = 0
        self._reader: BlockReader | None = reader
        self._most_held = most_held
        self._end = 0  # of what has been given out, once the reader is not asked any more
        self._closing = ClosingMark(closings)
        self._held: list[Piece] = []

    @property
    def near_misses(self) -> int:
        return self._reader.near_misses if self._reader is not None else 0

    @property
    def open_tag(self) -> str:
        return self._reader.open_tag if self._reader is not None else ""

    def feed(self, chunk: str, found: list[Piece]) -> str:
        """Take a piece; add what is certain to what was found; return what stands behind it."""
        end = self._closing.find(chunk)
        self.closed = end >= 0
        inside = chunk[:end] if self.closed else chunk
        self.length += len(inside)
        if self._reader is None:
            found.append(Text(inside, found[-1].end if found else self._end))
            self._end = found[-1].end
        else:
            self._read(self._reader, inside, found)
        return chunk[end:] if self.closed else ""

    def _read(self, reader: BlockReader, inside: str, found: list[Piece]) -> None:
        for piece in reader.feed(inside):
            (self._held if self._held or isinstance(piece, PromptTag) else found).append(piece)
        held = self._held[-1].end - self._held[0].start if self._held else 0
        too_much = self._most_held is not None and held > self._most_held
        if self.closed or too_much:
            self._held += reader.finish()
            self._reader = None
            if self._held:
                text = Text("".join(piece.source for piece in self._held), self._held[0].start)
                found.append(text)
                self._end = text.end
            self._held = []

    def finish(self) -> list[Piece]:
        return [*self._held, *self._reader.finish()] if self._reader is not None else []
