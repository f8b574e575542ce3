"""The tags limner's own meta-prompts ask for, found while the text is coming."""

from limner.prompts.grammar.memoised_find import MemoisedFind
from limner.prompts.grammar.open_tag import OpenTag, Progress, opening_at
from limner.prompts.grammar.tag import PromptTag, Text
from limner.prompts.grammar.verbatim import Verbatim


class DefaultGrammar:
    """Finds ``<!--img-prompt="…"-->`` and ``<img_prompt="…">``, without regular expressions.

    Only a possible beginning of a tag is held back: a piece of an opening as a short string, an
    open tag as a list of parts, inside which reading resumes where it stopped. When an open tag
    turns out to be text, that text is read again from its second character. This stays linear:
    an opening holds a quotation mark, so a tag that began inside another one takes quotation
    marks for closing that the other takes for opening; a third one can be alive beside them no
    more, and no character is read more than three times.

    >>> grammar = DefaultGrammar()
    >>> [piece.source for piece in grammar.feed('A <!--img-prompt="fox"--> B <im')]
    ['A ', '<!--img-prompt="fox"-->', ' B ']
    >>> grammar.finish()
    [Text(text='<im', start=28)]
    """

    __slots__ = ("_offset", "_open", "_parts", "_tail", "_verbatim")

    def __init__(self) -> None:
        self._verbatim = Verbatim()
        self._offset = 0  # of the first character not yet given out
        self._tail = ""  # what may become an opening
        self._open: OpenTag | None = None
        self._parts: list[str] = []  # the open tag's source

    def feed(self, chunk: str) -> list[Text | PromptTag]:
        """Take the next piece of text, not empty; what is certain now."""
        if self._open is not None:
            return self._resume(self._open, chunk)
        if not self._tail and self._verbatim.passes(chunk):
            start = self._offset
            self._offset = start + len(chunk)
            return [Text(chunk, start)]
        text = self._tail + chunk
        self._tail = ""
        return self._scan(text, 0, final=False)

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
        found = tag.result(text[: tag.length], self._offset)
        self._open = None
        self._parts = []
        self._offset = found.end
        self._verbatim.skip_tag(found.source)
        return [found, *self._scan(text[tag.length :], 0, final=False)]

    def _give_up(self, text: str, *, final: bool) -> list[Text | PromptTag]:
        self._open = None
        self._parts = []
        self._verbatim.consume(MemoisedFind(text), 0, 1)
        return self._scan(text, 1, final=final)

    def _scan(self, text: str, at: int, *, final: bool) -> list[Text | PromptTag]:
        """Read `text`, which begins at the offset; ``text[:at]`` is plain and taken already."""
        verbatim = self._verbatim
        marks = MemoisedFind(text)
        found: list[Text | PromptTag] = []
        given = 0
        while at < len(text):
            angle = len(text) if verbatim.hidden else marks.find("<", at)
            if at < angle:
                at = verbatim.consume(marks, at, angle)
                continue
            if not verbatim.settle("<"):
                continue
            tag = self._tag_at(text, at, final=final)
            if tag is not None:
                if given < at:
                    found.append(Text(text[given:at], self._offset + given))
                found.append(tag)
                verbatim.skip_tag(tag.source)
                at = given = at + len(tag.source)
            elif self._tail or self._open is not None:
                break
            else:
                at = verbatim.consume(marks, at, at + 1)
        if given < at:
            found.append(Text(text[given:at], self._offset + given))
        self._offset += at
        return found

    def _tag_at(self, text: str, at: int, *, final: bool) -> PromptTag | None:
        """The tag that begins at a ``<``, if it is complete; one that may become so is held."""
        opening = opening_at(text, at)
        if opening is None:
            return None
        if not opening:
            self._tail = "" if final else text[at:]
            return None
        tag = OpenTag(opening)
        end = tag.advance(text, at + len(opening))
        if tag.progress is Progress.COMPLETE:
            return tag.result(text[at:end], self._offset + at)
        if tag.progress is Progress.OPEN and not final:
            self._open = tag
            self._parts = [text[at:]]
        return None
