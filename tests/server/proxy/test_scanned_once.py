"""An answer is scanned once: links, slots and drawings are of the same tags, with one count."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.server.proxy.serving import Proxy, proxy
from tests.server.proxy.streams import TAG, RecordingSink, data, rewrite, texts
from tests.server.proxy.test_chats import Story
from tests.waiting import pause

from limner.illustration import Message, MessageState, SlotState
from limner.prompts import PromptScanner, find_pictures
from limner.server.proxy.mode import Mode
from limner.server.proxy.picture_id import PictureId
from limner.server.proxy.pictures.answer_scanner import MOST_PICTURES, AnswerScanner
from limner.storage import Library
from limner.testing.chat_server import ChatServer, Reply
from limner.testing.chat_server.dialects import DIALECTS

OPENAI = DIALECTS[0]


def tag(prompt: str) -> str:
    """A tag."""
    return f'<!--img-prompt="{prompt}"-->'


@contextlib.contextmanager
def scanned() -> Iterator[list[str]]:
    """All that any scanner is given in this block."""
    fed: list[str] = []
    feed, passes = PromptScanner.feed, PromptScanner.passes

    def noting(self: PromptScanner, chunk: str) -> object:
        fed.append(chunk)
        return feed(self, chunk)

    def passing(self: PromptScanner, chunk: str) -> bool:
        passed = passes(self, chunk)
        if passed:
            fed.append(chunk)
        return passed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PromptScanner, "feed", noting)
        patch.setattr(PromptScanner, "passes", passing)
        yield fed


class Telling(Story):
    """A front-end, and a model that says what it is told to, when its question is recognised."""

    def __init__(self, library: Library, limner: Proxy, fed: list[str]) -> None:
        super().__init__(library, limner, {})
        self.fed = fed
        self.replies: list[list[str]] = []
        self.think = 0.3

    def says(self, *chunks: str) -> None:
        """What the model says next."""
        self.replies.append(list(chunks))

    def reply(self, _: object) -> Reply:
        """What it says, after a while; what is scanned from then on is in `fed`."""
        thought = asyncio.Event()

        def begin() -> None:
            self.fed.clear()
            thought.set()

        asyncio.get_running_loop().call_later(self.think, begin)
        return Reply.stream(thought, *self.replies.pop(0))


@contextlib.asynccontextmanager
async def telling(
    place: Path, kind: type[Library] = Library, **options: Any
) -> AsyncIterator[Telling]:
    """A proxy with a library."""
    story: Telling
    with scanned() as fed:
        async with await kind.open(place) as library, ChatServer(lambda a: story.reply(a)) as model:
            kept = {"store": library, "cache": False}
            made = proxy(model, illustrator=kept, pictures={"library": library}, **options)
            async with made as limner:
                story = Telling(library, limner, fed)
                yield story


async def places(story: Story, shown: str) -> list[tuple[int, str, str]]:
    """For each picture that is shown: its ordinal, what its slot is of, and how that ended."""
    made = []
    for picture in find_pictures(shown):
        name = PictureId.read(picture.id or "")
        assert name is not None
        name = await name.whole(story.library.whole_ids)
        message = await story.library.load(name.message_id, name.variant)
        assert message is not None
        slot = message.slots[name.ordinal]
        assert message.text[slot.tag.start : slot.tag.end] == slot.tag.source
        assert await story.limner.pictures.image(picture.id or "") is not None
        made.append((name.ordinal, slot.prompt, slot.state.value))
    return made


@pytest.mark.real_time
async def test_an_answer_is_scanned_once() -> None:
    """Between the model's words and the pictures in the store one scanner reads it."""
    said = ["Once <", *TAG[1:], " and no <!--img", f"-prompt, but {TAG}", " here."]
    with scanned() as fed:
        async with ChatServer(Reply.stream(*said)) as model, proxy(model) as limner:
            shown = texts(await limner.ask())[0]
            await limner.pictures.settled()
    assert fed == said
    assert len(find_pictures(shown)) == len(limner.backend.calls) == 2


@pytest.mark.real_time
async def test_what_may_be_half_a_tag_at_an_answers_end_is_read_again() -> None:
    """What a stop may have left of one is shown to nobody: that is judged of the whole text."""
    said = [f"Once {TAG}", " <!--img", "-prompt, no."]
    with scanned() as fed:
        async with ChatServer(Reply.stream(*said)) as model, proxy(model) as limner:
            await limner.ask()
            await limner.pictures.settled()
    assert fed == [*said, "".join(said)]


@pytest.mark.real_time
async def test_a_kept_answer_is_scanned_once(tmp_path: Path) -> None:
    """Also where conversations are recognised and kept."""
    async with telling(tmp_path) as story:
        story.says("Once ", TAG, " upon.")
        await story.turn("Go.")
        assert story.fed == ["Once ", TAG, " upon."]


@pytest.mark.real_time
async def test_the_same_tags_become_links_and_drawings() -> None:
    """Beyond the most there may be, they are text for the reader and for whoever draws."""
    said = "".join(tag(f"p{number}") for number in range(MOST_PICTURES + 3))
    async with ChatServer(Reply.stream("A ", said)) as model, proxy(model) as limner:
        shown = texts(await limner.ask())[0]
        await limner.pictures.settled()
        pictures = find_pictures(shown)
        assert len(pictures) == len(limner.backend.calls) == MOST_PICTURES
        assert shown.count("<!--img-prompt=") == 3
        last = PictureId.read(pictures[-1].id or "")
        assert last is not None
        message = await limner.illustrator.store.load(last.message_id)
        assert message is not None
        assert len(message.slots) == MOST_PICTURES
        assert message.slots[last.ordinal].prompt == f"p{MOST_PICTURES - 1}"
        assert message.text == f"A {said}"


def test_the_most_pictures_are_of_the_whole_answer() -> None:
    """One that goes on has no more of them, and no ordinal is given twice."""
    scanner = AnswerScanner(before=TAG * (MOST_PICTURES - 1))
    assert list(scanner.feed(TAG * 3)) == [MOST_PICTURES - 1]
    full = AnswerScanner(before=TAG * (MOST_PICTURES + 3))
    assert (len(full.before), full.slots) == (MOST_PICTURES, MOST_PICTURES)
    assert full.feed(TAG) == {}
    old = AnswerScanner(before=TAG, slots=MOST_PICTURES + 7)
    assert (old.feed(TAG), old.slots) == ({}, MOST_PICTURES + 7)


@pytest.mark.real_time
async def test_what_goes_on_costs_what_is_new(tmp_path: Path) -> None:
    """The text before is read once, however many tags follow."""
    async with telling(tmp_path) as story:
        before = "A long beginning. " * 50 + TAG
        story.says(before)
        await story.turn("Go.")
        new = [part for number in range(40) for part in (f" and {number} ", tag(f"p{number}"))]
        story.says(*new)
        shown = await story.ask()
        assert story.fed == [before, *new]
        expected = [(number + 1, f"p{number}", "ready") for number in range(40)]
        assert await places(story, shown) == expected


@pytest.mark.real_time
async def test_ordinals_agree_after_branches_and_continues(tmp_path: Path) -> None:
    """Each address leads to the picture of the tag in whose place it stands."""
    async with telling(tmp_path) as story:
        story.says("A ", tag("a0"), tag("a1"))
        shown = await story.turn("Go.")
        for number in (2, 3):
            story.says(f" more {tag(f'a{number}')}")
            more = await story.ask()
            shown += more
            story.said[-1]["content"] += more
        expected = [(number, f"a{number}", "ready") for number in range(4)]
        assert await places(story, shown) == expected
        # Another answer beside it, which goes on as well.
        swipe = story.said[:1]
        old, story.said = story.said, list(swipe)
        story.says("B ", tag("b0"))
        other = await story.ask()
        story.said = [*swipe, {"role": "assistant", "content": other}]
        story.says(tag("b1"), " end.")
        other += (more := await story.ask())
        story.said[-1]["content"] += more
        assert await places(story, other) == [(0, "b0", "ready"), (1, "b1", "ready")]
        # The first one again with edited words, so that it is a third, and goes on.
        edited = old[-1]["content"].replace("more", "less")
        story.said = [*swipe, {"role": "assistant", "content": edited}]
        story.says(tag("a4"))
        assert await places(story, await story.ask()) == [(4, "a4", "ready")]
        # A branch of the chat, in which an answer goes on.
        story.said = [*old, {"role": "user", "content": "On."}]
        story.says("C ", tag("c0"))
        await story.ask()
        story.said[-1] = {"role": "user", "content": "Off."}
        story.says("D ", tag("d0"))
        branch = await story.ask()
        story.said.append({"role": "assistant", "content": branch})
        story.says(tag("d1"))
        branch += await story.ask()
        assert await places(story, branch) == [(0, "d0", "ready"), (1, "d1", "ready")]
        assert await places(story, shown) == expected


@pytest.mark.real_time
@pytest.mark.parametrize("cut", [1, 9, 16, 20, len(TAG) - 1])
async def test_a_tag_that_was_open_is_drawn_when_it_closes(tmp_path: Path, cut: int) -> None:
    """The reader never sees it: the model goes on in it, and he gets the picture alone."""
    async with telling(tmp_path) as story:
        story.says(f"One {tag('a0')} two ", TAG[:cut])
        shown = await story.turn("Go.")
        story.says(*TAG[cut:], " three ", tag("a2"))
        more = await story.ask()
        opened = cut > len("<!--")  # before that it may be anything, and was shown
        assert shown.rstrip().endswith("two" if opened else "two <")
        assert more.startswith("\n\n![" if opened else f"{TAG[cut:]}\n\n![")
        story.said[-1]["content"] += more
        whole = [(0, "a0", "ready"), (1, "a red fox in the snow", "ready"), (2, "a2", "ready")]
        assert await places(story, shown + more) == whole
        story.says("End.")
        await story.turn("On.")
        (chat,) = await story.library.chats()
        messages = await story.library.messages(chat.id)
        assert messages[1].text == f"One {tag('a0')} two {TAG} three {tag('a2')}"
        assert messages[1].state is MessageState.COMPLETE
        assert [slot.state for slot in messages[1].slots] == [SlotState.READY] * 3
        assert [len(await story.library.variants(m.id)) for m in messages] == [1] * 4
        assert story.limner.backend.calls[-1].request.prompt == "a2"


class _Slow(Library):
    """A library that takes a while to read, if it is told to."""

    seconds = 0.0

    async def load(self, message_id: str, variant: int | None = None) -> Message | None:
        await pause(self.seconds, because="a disk that is busy takes real time")
        return await super().load(message_id, variant)


@pytest.mark.real_time
async def test_an_answer_that_goes_on_waits_until_it_is_known_from_where(tmp_path: Path) -> None:
    """A model is often faster than a library: its first word may close a tag."""
    async with telling(tmp_path, _Slow, keep_timeout=60.0) as story:
        story.says("One ", TAG[:20])
        shown = await story.turn("Go.")
        story.think = 0.0
        assert isinstance(story.library, _Slow)
        story.library.seconds = 0.1
        story.says(TAG[20:], " two")
        shown += await story.ask()
        story.library.seconds = 0.0
        assert await places(story, shown) == [(0, "a red fox in the snow", "ready")]
        assert await story.chats() == [[("u", "Go.", 1), ("a", "One # two", 1)]]


@pytest.mark.real_time
async def test_a_library_that_does_not_answer_is_not_waited_for_long(tmp_path: Path) -> None:
    """Then what goes on is an answer by itself, and no word is lost."""
    async with telling(tmp_path, _Slow, keep_timeout=0.05) as story:
        story.says("One ", TAG[:20])
        await story.turn("Go.")
        assert isinstance(story.library, _Slow)
        story.library.seconds = 1.0
        story.says(TAG[20:], " two")
        sent = await story.limner.ask(messages=story.said)
        story.library.seconds = 0.0
        assert texts(sent)[0] == f"{TAG[20:]} two"
        await story.limner.pictures.settled()


@pytest.mark.real_time
async def test_a_tag_before_that_has_no_slot_gets_it_when_the_answer_goes_on(
    tmp_path: Path,
) -> None:
    """Its place was lost with a store that failed; what follows has the ordinals behind it."""
    async with telling(tmp_path) as story:
        story.says(tag("a0"), tag("a1"))
        shown = await story.turn("Go.")
        name = PictureId.read(find_pictures(shown)[0].id or "")
        assert name is not None
        name = await name.whole(story.library.whole_ids)
        message = await story.library.load(name.message_id)
        assert message is not None
        await story.library.save(replace(message, slots=message.slots[:1]))
        story.says(tag("a2"))
        shown += await story.ask()
        assert await places(story, shown) == [(n, f"a{n}", "ready") for n in range(3)]


@pytest.mark.parametrize("mode", [Mode.INLINE, Mode.APPEND])
def test_what_a_reader_has_of_a_tag_is_closed_in_its_place(mode: Mode) -> None:
    """Wherever the pictures go, nothing of the text does."""
    sink = RecordingSink(before=f"One {TAG[:9]}")
    sent = texts(rewrite(*OPENAI.events([*TAG[9:], " two"]), mode=mode, sink=sink))[0]
    (picture,) = find_pictures(sent)
    behind = len(TAG) - 9 if mode is Mode.INLINE else len(TAG) - 9 + len(" two")
    assert sent[: picture.start].rstrip("\n") == f"{TAG[9:]} two"[:behind]
    assert sink.notes == [(0, 0, "a red fox in the snow")]


def test_an_open_tag_that_becomes_text_comes_out_whole() -> None:
    """What may begin in it is found."""
    sink = RecordingSink(before=f"One {TAG[:20]}")
    said = f'" no {TAG} end'
    sent = rewrite(*OPENAI.events(list(said)), sink=sink)
    assert texts(sent)[0].startswith('" no \n\n![')
    assert texts(sent)[0].endswith(" end")
    assert sink.texts[0] == said
    assert len(data(sent)) > 5


def test_a_tag_that_stands_in_what_was_there_is_shown_before_what_is_new() -> None:
    """It was hidden by one that could begin before it, and turned out not to."""

    class Sink(RecordingSink):
        def scanner(self, choice: int) -> AnswerScanner:
            return AnswerScanner([r"A(.*?)Z", r"B(.*?)Y"], before=self.before)

    sink = Sink(before="A B fox Y and")
    said = [" so on", "." * 30_000]
    sent = texts(rewrite(*OPENAI.events(said), sink=sink))[0]
    assert sink.notes == [(0, 0, "fox")]
    assert sent.startswith("\n\n![fox](")
    assert sent.endswith("".join(said))
