"""The tags limner's own meta-prompts ask for, found while the text is coming."""

import re

from limner.prompts.grammar.memoised_find import MemoisedFind
from limner.prompts.grammar.open_tag import OpenTag, Progress
from limner.prompts.grammar.opening import Opening, looks_like_one, opening_at
from limner.prompts.grammar.reasoning_mark import USUAL_MARKS, ReasoningMarks
from limner.prompts.grammar.tag import PromptTag, Text
from limner.prompts.grammar.tag_grammar import TagGrammar

LONGEST_DOUBT = 64
"""Characters within which it shows whether a tag was meant."""

TELLING = re.compile(r"<(?:!--\s*i|img[-_])", re.IGNORECASE)
"""So much of an opening is taken for one, even if nothing follows."""


class DefaultGrammar(TagGrammar):
    """Finds ``<!--img-prompt="…"-->`` and ``<img_prompt="…">``, and what models make of them.

    Only a possible beginning of a tag is held back: a piece of an opening as a short string, an
    open tag as a list of parts, inside which reading resumes where it stopped. When an open tag
    turns out to be text, that text is read again from its second character. This stays linear:
    an opening holds a quotation mark, which closes, or ends as none, every open tag with marks of
    the same kind. So beside it one more of each kind can be alive, and no character is read more
    often than there are kinds.

    Args:
        marks: What marks reasoning.
        start: Where the text begins, in characters from the start of the whole text.
        mid_line: Whether it begins inside a line.
        strict: Whether only exact tags count.

    >>> grammar = DefaultGrammar()
    >>> [piece.source for piece in grammar.feed('A <!--img-prompt="fox"--> B <im')]
    ['A ', '<!--img-prompt="fox"-->', ' B ']
    >>> grammar.finish()
    [Text(text='<im', start=28)]
    """

    __slots__ = ("_doubt", "_near_misses", "_open", "_parts", "_strict", "_tail")

    def __init__(
        self,
        marks: ReasoningMarks = USUAL_MARKS,
        start: int = 0,
        mid_line: bool = False,
        *,
        strict: bool = False,
    ) -> None:
        super().__init__(marks, start, mid_line)
        self._near_misses = 0
        self._strict = strict
        self._doubt = ""  # given out already, and perhaps the beginning of a near miss
        self._tail = ""  # what may become an opening
        self._open: OpenTag | None = None
        self._parts: list[str] = []  # the open tag's source

    @property
    def open_tag(self) -> str:
        """The tag that is open where the text has got to, as far as it has come; else ``""``."""
        if self._open is not None:
            return "".join(self._parts)
        return self._tail if TELLING.match(self._tail) else ""

    @property
    def near_misses(self) -> int:
        """How often something was nearly a tag."""
        return self._near_misses

    def feed(self, chunk: str) -> list[Text | PromptTag]:
        """Take the next piece of text, not empty; what is certain now."""
        if self._doubt:
            self._doubt += chunk[:LONGEST_DOUBT]
            self._judge(self._doubt, 0)
        if self._open is not None:
            return self._resume(self._open, chunk)
        start = self.offset
        if self.passes(chunk):
            return [Text(chunk, start)]
        text = self._tail + chunk
        self._tail = ""
        return self._scan(text, 0, final=False)

    def passes(self, chunk: str) -> bool:
        """Take the whole of a non-empty piece if it is plain text for certain, else nothing."""
        if self._doubt or self._tail or self._open is not None:
            return False
        if not self.verbatim.passes(chunk):
            return False
        self.offset += len(chunk)
        return True

    def finish(self) -> list[Text | PromptTag]:
        """The text has ended: what was held back is text, or holds a tag further inside."""
        if self._open is not None:
            return self._give_up("".join(self._parts), final=True)
        text, self._tail = self._tail, ""
        return self._scan(text, 0, final=True)

    def _resume(self, tag: OpenTag, chunk: str) -> list[Text | PromptTag]:
        tag.advance(chunk, 0)
        self._parts.append(chunk)
        if tag.progress is Progress.OPEN:
            return []
        text = "".join(self._parts)
        if tag.progress is Progress.FAILED:
            return self._give_up(text, final=False)
        found = tag.result(text[: tag.length], self.offset)
        self._open = None
        self._parts = []
        self.offset = found.end
        self.verbatim.skip_tag(found.source)
        return [found, *self._scan(text[tag.length :], 0, final=False)]

    def _give_up(self, text: str, *, final: bool) -> list[Text | PromptTag]:
        self._open = None
        self._parts = []
        self._near_misses += 1
        self.verbatim.consume(MemoisedFind(text), 0, 1)
        return self._scan(text, 1, final=final)

    def _scan(self, text: str, at: int, *, final: bool) -> list[Text | PromptTag]:
        """Read `text`, which begins at the offset; ``text[:at]`` is plain and taken already."""
        verbatim = self.verbatim
        marks = MemoisedFind(text)
        found: list[Text | PromptTag] = []
        given = 0
        while at < len(text):
            angle = len(text) if verbatim.hidden else marks.find("<", at)
            if at < angle:
                at = verbatim.consume(marks, at, angle)
                if verbatim.block is not None:
                    self.block = verbatim.block
                    self.unread = text[at:]
                    break
                continue
            if not verbatim.settle("<"):
                continue
            tag = self._tag_at(text, at, final=final)
            if tag is not None:
                if given < at:
                    found.append(Text(text[given:at], self.offset + given))
                found.append(tag)
                verbatim.skip_tag(tag.source)
                at = given = at + len(tag.source)
            elif self._tail or self._open is not None:
                break
            else:
                at = verbatim.consume(marks, at, at + 1)
        if given < at:
            found.append(Text(text[given:at], self.offset + given))
        self.offset += at
        return found

    def _tag_at(self, text: str, at: int, *, final: bool) -> PromptTag | None:
        """The tag that begins at a ``<``, if it is complete; one that may become so is held."""
        opening = opening_at(text, at, strict=self._strict)
        if not isinstance(opening, Opening):
            if opening and not final:
                self._tail = text[at:]
            else:
                self._judge(text, at)
            return None
        tag = OpenTag(opening)
        end = tag.advance(text, at + opening.length)
        if tag.progress is Progress.COMPLETE:
            return tag.result(text[at:end], self.offset + at)
        if tag.progress is Progress.OPEN and not final:
            self._open = tag
            self._parts = [text[at:]]
        else:
            self._near_misses += 1
        return None

    def _judge(self, text: str, at: int) -> None:
        """Count what begins at a ``<`` and is no tag if it was meant to be one."""
        like = looks_like_one(text, at)
        self._near_misses += like is True
        self._doubt = text[at:] if like is None else ""
