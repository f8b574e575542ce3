"""Watching a message's text grow: what is new for the reader, and which pictures it asks for."""

from collections.abc import Iterable, Iterator, Sequence

from limner.illustration.sessions.text.scanned import Scanned
from limner.prompts import PromptScanner, PromptTag, Text, open_tag


class StreamingMonitor:
    """Feeds the growing text to the scanner and keeps it all.

    It is driven by the text itself; nothing polls. A source pushes its pieces (`feed`), or shows
    all it has so far again and again (`observe`), or gives its tags together with its text, which
    is not scanned again then (`take`). Because the scanner is finished with the stream, a tag
    that closes with the very last character is found like any other.

    Args:
        patterns: Tag patterns in place of the defaults; see `limner.prompts.PromptScanner`.
        as_it_is: Whether readers see half a tag at its end, as of what a person wrote.

    Examples:
        >>> monitor = StreamingMonitor()
        >>> [part.source for part in monitor.feed('Snow. <!--img-prompt="a fox"--')]
        ['Snow. ']
        >>> [part.prompt for part in monitor.feed(">")]
        ['a fox']
        >>> monitor.text
        'Snow. <!--img-prompt="a fox"-->'
    """

    def __init__(self, patterns: Sequence[str] | None = None, *, as_it_is: bool = False) -> None:
        self._patterns = patterns
        self._as_it_is = as_it_is
        self._finished = False
        self.rewrites = 0
        """How often the source took back something it had said."""
        self._begin()

    def _begin(self) -> None:
        self._scanner: PromptScanner | None = None  # none is needed where the tags are given
        self.tags: list[PromptTag] = []
        self._encoded = bytearray()
        self._whole: str | None = None
        self._unreleased = ""  # of what comes with its tags: the text behind `released`
        self.characters = 0
        self.released = 0
        self._unfinished = 0
        self.took_back = False
        """Whether readers had been given what now is half a tag at the end of the text."""

    @property
    def scanner(self) -> PromptScanner:
        """What finds the tags of a text that comes without them."""
        if self._scanner is None:
            self._scanner = PromptScanner(self._patterns)
        return self._scanner

    @property
    def near_misses(self) -> int:
        """How often something was meant to be a tag, as it seems, and is none."""
        return 0 if self._scanner is None else self._scanner.near_misses

    def feed(self, chunk: str) -> list[Text | PromptTag]:
        """Take the next piece of the message's text.

        Raises:
            TypeError: It is not a string.
        """
        if not isinstance(chunk, str):
            raise TypeError(f"a chunk of text must be a str, not {type(chunk).__name__}")
        parts = self.scanner.feed(chunk)
        self._keep(chunk)
        return self._noted(parts)

    def go_on(self, text: str, tags: Iterable[PromptTag], seen: int) -> None:
        """Begin with a text that is there.

        Args:
            text: The text.
            tags: Its tags.
            seen: Up to where readers see it; half a tag may stand behind it.
        """
        self._keep(text)
        self.tags += tags
        self.released, self._unreleased = seen, text[seen:]

    def take(self, piece: Scanned) -> list[Text | PromptTag]:
        """Take the next piece of a text that comes with its tags.

        Examples:
            >>> monitor = StreamingMonitor()
            >>> [part.source for part in monitor.take(Scanned("A fox ran. <", held=1))]
            ['A fox ran. ']
        """
        self._keep(piece.text)
        first, known = self.released, self._unreleased + piece.text
        parts: list[Text | PromptTag] = []
        at = first
        for tag in piece.tags.values():
            if at < tag.start:
                parts.append(Text(known[at - first : tag.start - first], at))
            parts.append(tag)
            at = tag.end
        certain = self.characters - piece.held
        if at < certain:
            parts.append(Text(known[at - first : certain - first], at))
            at = certain
        self._unreleased = known[at - first :]
        self.released = at
        self.tags += piece.tags.values()
        return parts

    def _keep(self, text: str) -> None:
        # As bytes while it grows: a long text with a single emoji would take four times as much.
        self._encoded += text.encode("utf-8", "surrogatepass")
        self.characters += len(text)

    def observe(self, whole: str) -> list[Text | PromptTag]:
        """Take the whole text as its source shows it now, and give what is new in it.

        A source may take back what it said. What it left as it was at the beginning of the text
        is not given again; all behind it is, and `rewrites` has grown. A tag that is given again
        is the old one if it is the same tag in the same order: see
        `limner.illustration.model.tag_match`.

        Raises:
            TypeError: It is not a string.

        Examples:
            >>> monitor = StreamingMonitor()
            >>> [part.source for part in monitor.observe("A fox ran.")]
            ['A fox ran.']
            >>> [part.source for part in monitor.observe("A fox slept. <")]
            ['slept. ']
            >>> monitor.rewrites
            1
        """
        if not isinstance(whole, str):
            raise TypeError(f"a text must be a str, not {type(whole).__name__}")
        text = self.text
        if whole.startswith(text) and not self._finished:
            return self.feed(whole[len(text) :]) if len(whole) > len(text) else []
        if whole == text:
            return []
        same = _common_prefix(text[: self.released], whole)
        finished = self._finished
        self._begin()
        self.rewrites += 1
        parts = self.feed(whole)
        if finished:
            parts += self._end()
        return list(_from(parts, same))

    def finish(self) -> list[Text | PromptTag]:
        """Tell that no more text comes; gives what was still held back, but for half a tag."""
        self._finished = True
        return self._end()

    def _end(self) -> list[Text | PromptTag]:
        self._whole = self.text
        self._encoded.clear()
        rest, self._unreleased = self._unreleased, ""
        given = self.told
        if rest or self._scanner is None:
            parts = self._noted([Text(rest, self.released)] if rest else [])
        else:
            parts = self._noted(self._scanner.finish())
        behind = self.tags[-1].end if self.tags else 0
        if not self._as_it_is and "<" in self.text[behind:]:  # as every such tag begins
            self._unfinished = len(open_tag(self.text, start=behind))
        self.took_back = self.told < given
        return list(_until(parts, self.told))

    @property
    def told(self) -> int:
        """Up to where readers have been given it: not half a tag, once nothing more comes."""
        return min(self.released, self.characters - self._unfinished)

    @property
    def text(self) -> str:
        """The raw text so far, with its tags."""
        if self._whole is not None:
            return self._whole
        return self._encoded.decode("utf-8", "surrogatepass")

    @property
    def visible(self) -> str:
        """What a reader has been given so far: without tags, and without what may become one."""
        text, at, kept = self.text, 0, []
        for tag in self.tags:
            kept.append(text[at : tag.start])
            at = tag.end
        return "".join((*kept, text[at : self.told]))

    def _noted(self, parts: list[Text | PromptTag]) -> list[Text | PromptTag]:
        self.tags += (part for part in parts if isinstance(part, PromptTag))
        if parts:
            self.released = parts[-1].end
        return parts


def _common_prefix(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # comparing slices is far quicker than comparing characters
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _until(parts: Iterable[Text | PromptTag], place: int) -> Iterator[Text | PromptTag]:
    """The parts before a place, of a text that reaches over it what is before."""
    for part in parts:
        if part.end <= place:
            yield part
        elif isinstance(part, Text) and part.start < place:
            yield Text(part.text[: place - part.start], part.start)


def _from(parts: Iterable[Text | PromptTag], place: int) -> Iterable[Text | PromptTag]:
    """The parts behind a place; a text that reaches over it is cut there, a tag is not."""
    for part in parts:
        if part.start >= place or (isinstance(part, PromptTag) and part.end > place):
            yield part
        elif part.end > place and isinstance(part, Text):
            yield Text(part.text[place - part.start :], place)
