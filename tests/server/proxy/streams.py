"""What the tests of the proxy share: a sink that only writes down, and a reader of streams."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

from limner.backends.http.sse import SSEDecoder
from limner.illustration import StopWhat
from limner.prompts import PromptScanner, PromptTag, find_prompts
from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.mode import Mode
from limner.server.proxy.pictures.answer_scanner import AnswerScanner
from limner.server.proxy.pictures.picture_sink import AnswerState, PictureTicket
from limner.server.proxy.pictures.picture_text import picture_text
from limner.server.proxy.protocol.line_structure import stays_on_line
from limner.server.proxy.protocol.rewriter import StreamRewriter


class RecordingSink:
    """Draws nothing, and remembers what it was told, in order."""

    def __init__(self, before: str = "") -> None:
        self.before = before
        self.notes: list[tuple[Any, ...]] = []
        self.texts: defaultdict[int, str] = defaultdict(str)
        self.ended: dict[int, AnswerState] = {}

    async def recognised(self) -> None:
        """It is known."""

    async def conversation(self) -> str | None:
        """It has none."""
        return None

    unseen = ""

    def scanner(self, choice: int) -> AnswerScanner:
        """One for what goes on from the text before."""
        return AnswerScanner(before=self.before)

    def text(
        self, choice: int, chunk: str, tags: Mapping[int, PromptTag], held: int
    ) -> Mapping[int, PictureTicket]:
        """Keep the text and note the tags; the id of each picture tells which it was."""
        self.texts[choice] += chunk
        self.notes += ((choice, ordinal, tag.prompt) for ordinal, tag in tags.items())
        return {ordinal: ticket(choice, ordinal) for ordinal in tags}

    def said(self, choice: int) -> str:
        """All of a choice's text."""
        return self.before + self.texts[choice]

    def named(self, answer_id: str) -> None:
        """Nobody asks for it by name."""

    def finished(self, choice: int, state: AnswerState) -> None:
        """Note the end, which must come once."""
        assert choice not in self.ended
        self.ended[choice] = state

    def on_stop(self, handler: Any) -> None:
        """Nobody stops it."""

    in_session, chat = False, None

    def stop(self, what: StopWhat) -> None:
        """Nobody stops it."""

    def show(self, ticket: PictureTicket) -> None:
        """It is shown."""

    def cancel(self) -> None:
        """Nothing is drawn."""

    async def kept(self, ticket: PictureTicket) -> None:
        """It keeps nothing."""

    def placed(self, ticket: PictureTicket) -> PictureTicket:
        """It is where it is."""
        return ticket

    async def ready(self, ticket: PictureTicket) -> bool:
        """It is always there."""
        return True


def ticket(choice: int, ordinal: int) -> PictureTicket:
    """The ticket of a picture of the noting sink."""
    made = f"{choice:016x}{ordinal:016x}"
    return PictureTicket(made, f"http://127.0.0.1:8750/images/{made}.png")


def rewrite(*parts: bytes, mode: Mode = Mode.INLINE, sink: RecordingSink | None = None) -> bytes:
    """Everything that is sent when a stream comes in these parts."""
    rewriter = StreamRewriter(sink or RecordingSink(), OPENAI_CHAT, mode=mode)
    sent = [chunk for part in parts for chunk in rewriter.feed(part)]
    return b"".join(sent + rewriter.finish())


def shown(text: str, choice: int = 0) -> str:
    """What a reader is to get of a model's text, in mode `inline`; no tag that was left open."""
    scanner = AnswerScanner()
    scanner.feed(text)
    scanner.finish()
    made, said, at = [], "", 0
    for ordinal, tag in enumerate(find_prompts(text)):
        before, url = text[at : tag.start], ticket(choice, ordinal).url
        said += before
        made += [before, picture_text(tag.prompt, url, inline=stays_on_line(said))]
        at = tag.end
    return "".join([*made, text[at:].removesuffix(scanner.left)])


def data(stream: bytes) -> list[Any]:
    """The data of a stream's events, parsed; `[DONE]` as it is."""
    decoder = SSEDecoder()
    events = decoder.feed(stream) + decoder.finish()
    return [e.data if e.data.startswith("[DONE]") else json.loads(e.data) for e in events]


def texts(stream: bytes) -> dict[int, str]:
    """The content of each choice, put together as a client does; nothing after its end."""
    said: defaultdict[int, str] = defaultdict(str)
    over: set[int] = set()
    for chunk in data(stream):
        for choice in chunk.get("choices", ()) if isinstance(chunk, dict) else ():
            index, content = choice["index"], choice["delta"].get("content")
            if content:
                assert index not in over, "text behind the finish reason"
                said[index] += content
            if choice.get("finish_reason"):
                over.add(index)
    return dict(said)


def cut(whole: bytes, places: Iterable[int]) -> list[bytes]:
    """The bytes in parts."""
    ends = sorted({place % (len(whole) + 1) for place in places})
    return [whole[a:b] for a, b in zip([0, *ends], [*ends, len(whole)], strict=True)]


PLACES = st.lists(st.integers(0, 1 << 16), max_size=12)
"""Where the network cuts."""

HARMLESS = st.lists(
    st.sampled_from(["Once ", "a < b", "<", "<b>", "<!-- ", "<!--img", "`<`", "é😀\n\n", "x", '"'])
    | st.text(max_size=6),
    max_size=8,
).filter(lambda pieces: not _looks_like_a_tag("".join(pieces)))
"""Pieces of text in which nothing is, or looks for long like, a tag."""

TAG = '<!--img-prompt="a red fox in the snow" size="512x512"-->'

STORY = st.lists(
    st.sampled_from([TAG, "Once ", "<", TAG[:20], TAG[20:], "`", "<think>", "</think>", "😀", "\n"])
    | st.text(max_size=4),
    max_size=10,
)
"""Pieces of text with tags, whole, cut, hidden and broken ones."""


def _looks_like_a_tag(text: str) -> bool:
    scanner = PromptScanner()
    scanner.feed(text)
    return "img-prompt=" in text or "img_prompt=" in text or bool(scanner.open_tag)
