"""What every grammar of tags does: it reads chunks, and stops where a block of reasoning begins."""

from abc import ABC, abstractmethod

from limner.prompts.grammar.reasoning_mark import ReasoningMark, ReasoningMarks
from limner.prompts.grammar.tag import PromptTag, Text
from limner.prompts.grammar.verbatim import Verbatim


class TagGrammar(ABC):
    """Finds tags in text that comes in chunks, and stops where a block of reasoning begins.

    `limner.prompts.grammar.block_reader` reads the block, and has the grammar go on behind it.

    Args:
        marks: What marks reasoning.
        start: Where the text begins, in characters from the start of the whole text.
        mid_line: Whether it begins inside a line.

    Attributes:
        block: The mark of the block before which it has stopped.
        offset: Where what it has not given out begins, in characters from the start of all.
        unread: What was fed and stands behind the beginning of the block.
        verbatim: Knows where a tag would be only text.
    """

    __slots__ = ("block", "offset", "unread", "verbatim")

    def __init__(self, marks: ReasoningMarks, start: int, mid_line: bool) -> None:
        self.block: ReasoningMark | None = None
        self.offset = start
        self.unread = ""
        self.verbatim = Verbatim(marks, mid_line=mid_line)

    @property
    def closed_unopened(self) -> bool:
        """Whether a closing mark came that nothing had opened."""
        return self.verbatim.closed_unopened

    @property
    def near_misses(self) -> int:
        """How often something was nearly a tag; 0 where that cannot be known."""
        return 0

    @property
    def open_tag(self) -> str:
        """The tag that is open where the text has got to, as far as it has come; else ``""``."""
        return ""

    @abstractmethod
    def feed(self, chunk: str) -> list[Text | PromptTag]:
        """Take the next piece of text, not empty; what is certain now."""

    def passes(self, chunk: str) -> bool:
        """Take the whole of a non-empty piece if it is plain text for certain, else nothing."""
        return False

    @abstractmethod
    def finish(self) -> list[Text | PromptTag]:
        """The text has ended: what was held back is decided as it stands."""

    def leave_block(self, length: int) -> None:
        """Go on behind the block, which had so many characters."""
        self.offset += length
        self.block = None
        self.verbatim.leave_block()

    def take_unread(self) -> str:
        """Give out what was fed and stands behind the beginning of the block."""
        unread, self.unread = self.unread, ""
        return unread
