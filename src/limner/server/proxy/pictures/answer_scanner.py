"""Finding the tags of one answer, and saying which slot each of them has."""

from collections.abc import Mapping, Sequence

from limner.illustration import NO_TAGS
from limner.prompts import PromptScanner, PromptTag, Text

MOST_PICTURES = 1000
"""Tags of one answer that become pictures; what a model writes beyond that stays text."""

MOST_HELD = 20_000
"""Characters of an open block of reasoning that a reader waits for at most."""


class AnswerScanner:
    """Reads an answer once, for everybody: for who shows its pictures and for who has them drawn.

    It alone numbers the tags, and bounds how many there may be.

    Args:
        patterns: As for `limner.prompts.PromptScanner`.
        before: The text that was there, if the answer goes on. A tag that is open where it ends
            may be closed by what comes.
        slots: How many slots that text has.
        seen: Whether the reader has seen the end of that text even if it is an open tag.
        reasoning: Marks of reasoning besides those in use; as for `PromptScanner`.
        begins_in_reasoning: Whether the answer begins inside reasoning.
        most_held: Characters of an open block of reasoning that a reader waits for at most.

    Attributes:
        start: Where the first new character stands in the whole answer.
        before: The tags that were there.
        slots: The ordinal of the next tag.
        spans: Where all tags begin and end, those as well that are too many.
        unseen: The open tag with which that text ends, which no reader has seen.
        never_closed: Whether the whole text ended inside a block of reasoning.
        left: The open tag with which the whole text ends.
        held: Characters at the end of which it is not known yet whether they are part of a tag.

    Examples:
        >>> scanner = AnswerScanner(before='A <img_prompt="fox"> and <img_pro')
        >>> scanner.feed('mpt="owl"> <')[1].prompt, scanner.slots, scanner.held
        ('owl', 2, 1)
    """

    __slots__ = (
        "_scanner",
        "before",
        "held",
        "left",
        "never_closed",
        "slots",
        "spans",
        "start",
        "unseen",
    )

    def __init__(
        self,
        patterns: Sequence[str] | None = None,
        *,
        before: str = "",
        slots: int = 0,
        seen: bool = True,
        reasoning: Sequence[tuple[str, str]] = (),
        begins_in_reasoning: bool = False,
        most_held: int = MOST_HELD,
    ) -> None:
        self._scanner = PromptScanner(
            patterns,
            reasoning=reasoning,
            begins_in_reasoning=begins_in_reasoning,
            most_held=most_held,
        )
        self.never_closed = False
        self.held = self.slots = 0
        self.left = ""
        self.spans: list[tuple[int, int]] = []
        self.before: Sequence[PromptTag] = tuple(self.feed(before).values()) if before else ()
        self.slots = max(self.slots, slots)
        self.start = len(before)
        self.unseen = "" if seen else self.open_tag

    @property
    def near_misses(self) -> int:
        """How often something was meant to be a tag, as it seems, and is none."""
        return self._scanner.near_misses

    @property
    def closed_unopened(self) -> bool:
        """Whether reasoning was closed that nothing had opened."""
        return self._scanner.closed_unopened

    @property
    def open_tag(self) -> str:
        """The open tag with which the text ends, unless it is too long to be one; else ``""``."""
        return self._scanner.open_tag

    def feed(self, text: str) -> Mapping[int, PromptTag]:
        """Take more of the text.

        Returns:
            The tags that are complete now, by the ordinals of their slots. Their positions count
            from the beginning of the whole answer.
        """
        if not self.held and self._scanner.passes(text):  # the usual case, quickly
            return NO_TAGS
        parts = self._scanner.feed(text)
        self.held += len(text)
        return self._taken(parts)

    def passes(self, text: str) -> bool:
        """Take a text in which nothing can be part of a tag; of any other take nothing."""
        return not self.held and self._scanner.passes(text)

    def finish(self) -> Mapping[int, PromptTag]:
        """No more text comes: nothing is held any more. A second call has nothing to add.

        An open tag at its end is no word of the text: it is `left`, and its place is in `spans`.
        """
        tag = self.open_tag
        self.never_closed = self.never_closed or self._scanner.in_reasoning
        parts = self._scanner.finish()
        taken = self._taken(parts)
        if tag and parts and not taken:
            self.left = tag
            self.spans.append((parts[-1].end - len(tag), parts[-1].end))
        return taken

    def _taken(self, parts: list[Text | PromptTag]) -> Mapping[int, PromptTag]:
        self.held -= sum(len(part.source) for part in parts)
        tags = [part for part in parts if isinstance(part, PromptTag)]
        if not tags:
            return NO_TAGS
        self.spans += [(tag.start, tag.end) for tag in tags]
        first = self.slots
        self.slots = max(first, min(first + len(tags), MOST_PICTURES))
        return dict(zip(range(first, self.slots), tags, strict=False))
