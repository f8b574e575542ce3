"""Events that wait, until it is known whether their text is a tag."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from limner.server.proxy.protocol.choice_text import ChoiceText
from limner.server.proxy.protocol.dialect import Chunk, Said, TextPart
from limner.server.proxy.protocol.event_splitter import StreamEvent


@dataclass(slots=True)
class Share:
    """What a chunk adds to the text of one choice: ``text`` stands there from ``start`` on.

    It may be the choice's first, or come with a finish reason (`last`). Its first character may
    have begun in the chunk before (`joined`), and half a character stand behind its text (`half`).
    """

    choice: ChoiceText
    position: int
    text: str
    start: int
    first: bool = False
    last: bool = False
    joined: bool = False
    half: bool = False

    @property
    def end(self) -> int:
        """Where its text ends."""
        return self.start + len(self.text)

    @property
    def plain(self) -> bool:
        """Whether nothing of its choice is held back by it, or has to come before its end."""
        return self.choice.plain and not (self.last and self.choice.waiting)


@dataclass(slots=True)
class HeldEvent:
    """An event that waits, the texts it holds, and those it says again."""

    raw: bytes
    data: bytes = b""
    shares: Sequence[Share] = ()
    repeated: Sequence[TextPart] = ()

    def certain(self) -> bool:
        """Whether it is known what is text and what is tag."""
        return all(share.end <= share.choice.settled for share in self.shares)

    def untouched(self) -> bool:
        """Whether it can leave as it came, once it is certain."""
        return all(
            share.choice.untouched(share.end)
            and not (share.last and share.choice.waiting)
            and not (self.repeated and share.choice.given)
            for share in self.shares
        )

    def ends(self) -> bool:
        """Whether a choice ends with it, so that all of its text has to come before."""
        return any(share.last for share in self.shares)

    def touched(self) -> bool:
        """Whether it cannot, already now."""
        return any(
            not share.choice.untouched(min(share.end, share.choice.settled))
            for share in self.shares
        )


@dataclass(slots=True)
class TextRun:
    """Events in a row that add text to one choice and say nothing else.

    Attributes:
        choice: The choice.
        raws: The bytes of each event.
        says: Its data, and what it says.
        texts: Its words.
    """

    choice: ChoiceText
    raws: list[bytes] = field(default_factory=list)
    says: list[tuple[bytes, Said]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def passes(self) -> bool:
        """Have its choice take all of the text, if nothing in it can be part of a tag."""
        return self.choice.passes("".join(self.texts))


def goes_on(said: Said, text: str, choices: Mapping[int, ChoiceText]) -> ChoiceText | None:
    """The choice to which something adds its text, if that is known and does not end with it."""
    known = choices.get(said.index or 0)
    if known is None or known.over or said.finish_reason or not text:
        return None
    return known


def in_runs(
    events: Sequence[StreamEvent],
    read: Callable[[bytes], Chunk | None],
    choices: Mapping[int, ChoiceText],
) -> Iterator[tuple[StreamEvent, Chunk | None] | TextRun]:
    """The events in order, with those together that make a run."""
    run: TextRun | None = None
    for event in events:
        data = event.data
        chunk = None if data is None or event.failed else read(data)
        choices_of = None if chunk is None or chunk.failed else chunk.choices
        said = choices_of[0] if choices_of and len(choices_of) == 1 else None
        text = "" if said is None else said.text
        known = None if said is None else goes_on(said, text, choices)
        if run is not None and known is not run.choice:
            yield run
            run = None
        if said is None or known is None or data is None:
            yield event, chunk
            continue
        if run is None:
            run = TextRun(known)
        run.raws.append(event.raw)
        run.says.append((data, said))
        run.texts.append(text)
    if run is not None:
        yield run
