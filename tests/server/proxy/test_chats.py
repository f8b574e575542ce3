"""Conversations behind a front-end, kept in a real library: swipes, edits, restarts, strangers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests import waiting
from tests.server.proxy.serving import Proxy, proxy, recognised
from tests.server.proxy.streams import TAG, texts
from tests.waiting import PATIENCE, pause

from limner.errors import StorageUnavailable
from limner.illustration import Message, MessageState, Role, SlotState
from limner.prompts import find_pictures
from limner.server.proxy.picture_id import PictureId
from limner.storage import Library, MessagePlace
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatRequest as Asked
from limner.testing.chat_server import ChatServer, Hang, Reply, Step

pytestmark = pytest.mark.real_time


OWL = '<!--img-prompt="an owl"-->'


class Story:
    """A model that never says the same twice, and a front-end that asks it."""

    def __init__(self, library: Library, limner: Proxy, headers: dict[str, str]) -> None:
        self.library = library
        self.limner = limner
        self.headers = headers
        self.said: list[dict[str, Any]] = []

    def user(self, text: str) -> None:
        """The user writes."""
        self.said.append({"role": "user", "content": text})

    async def ask(self, **fields: Any) -> str:
        """What the front-end shows of the answer; it is kept and committed."""
        sent = await self.limner.ask(messages=self.said, headers=self.headers, **fields)
        await self.limner.pictures.settled()
        return texts(sent)[0]

    async def turn(self, text: str, **fields: Any) -> str:
        """The user writes, the model answers."""
        self.user(text)
        answer = await self.ask(**fields)
        self.said.append({"role": "assistant", "content": answer.strip()})
        return answer

    async def chats(self) -> list[list[tuple[str, str, int]]]:
        """Role, text and number of answers of all messages of all chats, the oldest chat first."""
        made = []
        for chat in reversed(await self.library.chats()):
            messages = await self.library.messages(chat.id)
            made.append(
                [
                    (
                        m.role.value[0],
                        m.text.replace(TAG, "#"),
                        len(await self.library.variants(m.id)),
                    )
                    for m in messages
                ]
            )
        return made

    async def is_drawn(self, answer: str) -> list[bool]:
        """Of each picture in an answer, whether it is to be had."""
        found = [picture.id for picture in find_pictures(answer)]
        return [await self.limner.pictures.image(name or "") is not None for name in found]


@contextlib.asynccontextmanager
async def telling(
    place: Path,
    backend: ScriptedBackend | None = None,
    kind: type[Library] = Library,
    end: Sequence[Step] = (),
    patient: bool = True,
    **options: Any,
) -> AsyncIterator[Story]:
    """A proxy with a library. The model counts its answers.

    Args:
        place: Of the library.
        backend: Draws.
        kind: What kind of library it is.
        end: What comes behind the first answer's text.
        patient: Whether the model waits with its first word until the conversation is recognised.
        **options: Of the proxy.
    """
    count = 0

    def script(asked: Asked) -> Reply:
        nonlocal count
        count += 1
        ending = end if count == 1 else ()
        first = [recognised()] if patient else []
        return Reply.stream(*first, f"A{count} ", TAG, f" z{count}", *ending)

    async with await kind.open(place) as library, ChatServer(script) as model:
        async with proxy(
            model,
            backend=backend,
            illustrator={"store": library, "cache": False},
            pictures={"library": library},
            **options,
        ) as limner:
            yield Story(library, limner, {})


async def begin(story: Story) -> aiohttp.ClientResponse:
    """A streamed answer, of which nothing is read yet."""
    body = {"model": "m", "stream": True, "messages": story.said}
    return await story.limner.client.post(f"{story.limner.url}/chat/completions", json=body)


async def until(response: aiohttp.ClientResponse, seen: bytes) -> str:
    """What more is shown of an answer until this was seen, a picture for example."""
    sent = b""
    while seen not in sent:
        more = await response.content.readany()
        assert more, sent
        sent += more
    return texts(sent)[0]


async def test_three_turns_are_one_chat_in_order(tmp_path: Path) -> None:
    """With the user's words as its title, both sides' messages, and the model's own text."""
    async with telling(tmp_path) as story:
        answers = [await story.turn(text) for text in ("Tell  me\na tale.", "On.", "And?")]
        (chat,) = await story.library.chats()
        assert chat.title == "Tell me a tale."
        messages = await story.library.messages(chat.id)
        assert [m.role for m in messages] == [Role.USER, Role.ASSISTANT] * 3
        assert [m.text for m in messages[::2]] == ["Tell  me\na tale.", "On.", "And?"]
        assert all(m.state is MessageState.COMPLETE for m in messages)
        assert [m[2] for m in (await story.chats())[0]] == [1] * 6
        for answer in answers:
            assert await story.is_drawn(answer) == [True]


async def test_another_answer_is_beside_the_first_and_a_swipe_goes_back(tmp_path: Path) -> None:
    """All pictures stay where they were; the library shows what the front-end shows."""
    async with telling(tmp_path) as story:
        story.user("Go.")
        swipes = [await story.ask() for _ in range(3)]
        ids = [find_pictures(swipe)[0].id for swipe in swipes]
        assert len(set(ids)) == 3
        assert await story.chats() == [[("u", "Go.", 1), ("a", "A3 # z3", 3)]]
        for swipe in swipes:
            assert await story.is_drawn(swipe) == [True]
        story.said.append({"role": "assistant", "content": swipes[0]})
        await story.turn("On.")
        whole = [("u", "Go.", 1), ("a", "A1 # z1", 3), ("u", "On.", 1), ("a", "A4 # z4", 1)]
        assert await story.chats() == [whole]
        # From another swipe on, it is another story; the first one stays.
        story.said[1:] = [{"role": "assistant", "content": swipes[1]}]
        await story.turn("Off.")
        other = [("u", "Go.", 1), ("a", "A2 # z2", 3), ("u", "Off.", 1), ("a", "A5 # z5", 1)]
        assert await story.chats() == [whole, other]
        await story.turn("More.")
        assert [len(chat) for chat in await story.chats()] == [4, 6]


async def test_an_answer_that_goes_on_keeps_its_message_and_pictures(tmp_path: Path) -> None:
    """Only what is new is drawn; addresses given before lead where they led."""
    backend = ScriptedBackend(seconds=0.0)
    async with telling(tmp_path, backend) as story:
        first = await story.turn("Go.")
        more = await story.ask()
        assert await story.chats() == [[("u", "Go.", 1), ("a", "A1 # z1A2 # z2", 1)]]
        assert len(backend.calls) == 2
        (old,), (new,) = find_pictures(first), find_pictures(more)
        images = [await story.limner.pictures.image(one.id or "") for one in (old, new)]
        assert images[0] is not None
        assert images[1] is not None
        assert images[0].data != images[1].data or old.id != new.id
        story.said[-1]["content"] += more
        await story.turn("On.")
        assert [m[1] for m in (await story.chats())[0]][2:] == ["On.", "A3 # z3"]
        assert len(await story.chats()) == 1


@contextlib.asynccontextmanager
async def retelling(place: Path, *answers: str) -> AsyncIterator[Story]:
    """A proxy with a library, before a model that gives these answers."""
    left = list(answers)

    def script(asked: Asked) -> Reply:
        return Reply.stream(recognised(), left.pop(0))

    async with await Library.open(place) as library, ChatServer(script) as model:
        made = proxy(model, illustrator={"store": library}, pictures={"library": library})
        async with made as limner:
            yield Story(library, limner, {})


async def test_a_tag_that_is_closed_by_what_goes_on_moves_no_picture(tmp_path: Path) -> None:
    """It began in what was there: the pictures behind it keep their places, each in its own."""
    first = f'A1 {TAG} z1 <!--img-prompt="a h'
    async with retelling(tmp_path, first, f'en"--> A2 {OWL} z2') as story:
        await story.turn("Go.")
        shown = find_pictures(await story.ask())
        (chat,) = await story.library.chats()
        slots = (await story.library.messages(chat.id))[-1].slots
        assert [slot.prompt for slot in slots][1:] == ["a hen", "an owl"]
        images = [await story.limner.pictures.image(one.id or "") for one in shown]
        assert images == [slot.image for slot in slots[1:]]
        assert None not in images


async def test_what_is_no_tag_in_the_whole_answer_shows_nobody_elses_picture(
    tmp_path: Path,
) -> None:
    """What goes on stands in code that began before: it leads to no picture that was there."""
    async with retelling(tmp_path, f"A1 {TAG} z1\n\n```\ncode\n", f"A2 {OWL} z2") as story:
        await story.turn("Go.")
        (chat,) = await story.library.chats()
        (fox,) = (await story.library.messages(chat.id))[-1].slots
        for shown in find_pictures(await story.ask()):
            assert await story.limner.pictures.image(shown.id or "") != fox.image


async def test_an_edited_answer_that_goes_on_is_another_answer(tmp_path: Path) -> None:
    """It has the pictures of what it came from, without drawing them again."""
    backend = ScriptedBackend(seconds=0.0)
    async with telling(tmp_path, backend) as story:
        first = await story.turn("Go.")
        story.said[-1]["content"] = first.replace("A1", "Changed").strip()
        await story.ask()
        assert len(backend.calls) == 2
        ((_, answer),) = [
            await story.library.messages(chat.id) for chat in await story.library.chats()
        ]
        assert answer.variant == 1
        assert answer.text.startswith("Changed")
        assert [slot.image is not None for slot in answer.slots] == [True, True]
        assert await story.is_drawn(first) == [True]


async def test_edited_words_begin_another_chat_and_leave_the_first_alone(tmp_path: Path) -> None:
    """Up to the edit they are the same; pictures of both are to be had."""
    async with telling(tmp_path) as story:
        answers = [await story.turn(text) for text in ("Go.", "On.", "And?")]
        before = await story.chats()
        story.said[2:] = []
        await story.turn("Back!")
        after = await story.chats()
        assert before[0] in after
        (other,) = [chat for chat in after if chat != before[0]]
        assert other == [*before[0][:2], ("u", "Back!", 1), ("a", "A4 # z4", 1)]
        for answer in answers:
            assert await story.is_drawn(answer) == [True]


async def test_the_last_answer_edited_has_its_new_words_beside_the_old(tmp_path: Path) -> None:
    """A front-end that trims each answer does not begin a chat each time."""
    async with telling(tmp_path) as story:
        await story.turn("Go.")
        story.said[-1]["content"] = story.said[-1]["content"].replace("z1", "trimmed")
        await story.turn("On.")
        (chat,) = await story.chats()
        assert [m[2] for m in chat] == [1, 2, 1, 1]
        assert chat[1][1].endswith("trimmed")


async def test_users_and_named_chats_never_meet(tmp_path: Path) -> None:
    """The same words of others are other chats, with other pictures."""
    asking: list[dict[str, Any]] = [{}, {"user": "eve"}, {"user": "mallory"}]
    async with telling(tmp_path) as story:
        ids = set()
        for fields in asking:
            for headers in ({}, {"X-Limner-Chat": "c"}, {"Authorization": "Bearer k"}):
                story.headers, story.said = headers, [{"role": "user", "content": "Go."}]
                ids.add(find_pictures(await story.ask(**fields))[0].id[:16])  # type: ignore[index]
        assert len(ids) == 9
        assert [len(chat) for chat in await story.chats()] == [2] * 9


async def test_a_picture_of_somebody_else_does_not_open_their_chat(tmp_path: Path) -> None:
    """Whoever sends another's words and picture begins a chat of their own."""
    async with telling(tmp_path) as story:
        await story.turn("Go.", user="eve")
        await story.turn("On.", user="mallory")
        eve, mallory = await story.chats()
        assert [m[1] for m in eve] == ["Go.", "A1 # z1"]
        assert [m[1] for m in mallory] == ["Go.", "A1 # z1", "On.", "A2 # z2"]


async def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    """The chat goes on, an answer is given anew, and every address still leads to its picture."""
    async with telling(tmp_path) as story:
        first = await story.turn("Go.")
        said = story.said
    async with telling(tmp_path) as story:
        story.said = said[:1]
        second = await story.ask()
        assert await story.chats() == [[("u", "Go.", 1), ("a", "A1 # z1", 2)]]
        assert await story.is_drawn(first) == await story.is_drawn(second) == [True]
        ids = {find_pictures(answer)[0].id for answer in (first, second)}
        assert len(ids) == 2
        story.said = [*said, {"role": "user", "content": "On."}]
        await story.ask()
        assert [len(chat) for chat in await story.chats()] == [4]


async def test_a_picture_that_was_not_drawn_before_a_restart_is_drawn_after_it(
    tmp_path: Path,
) -> None:
    """Its address stays, and whoever asks for it waits."""
    async with telling(tmp_path, ScriptedBackend(seconds=3600)) as story:
        story.user("Go.")
        shown = texts(await story.limner.ask(messages=story.said))[0]
    async with telling(tmp_path, ScriptedBackend(seconds=0.2)) as story:
        waiting = asyncio.create_task(story.is_drawn(shown))
        await story.limner.illustrator.recover()
        assert await waiting == [True]
        assert await story.chats() == [[("u", "Go.", 1), ("a", "A1 # z1", 1)]]


async def test_a_server_that_closes_before_an_answer_is_begun_leaves_its_picture_to_be_drawn(
    tmp_path: Path,
) -> None:
    """However slow the library is: the text that came is kept first."""
    begun, opened = asyncio.Event(), asyncio.Event()

    class Slow(Library):
        async def save_said(self, *said: Any, **more: Any) -> None:
            begun.set()
            await opened.wait()
            await super().save_said(*said, **more)

    async with telling(tmp_path, ScriptedBackend(seconds=3600), kind=Slow) as story:
        story.user("Go.")
        shown = texts(await story.limner.ask(messages=story.said))[0]
        await begun.wait()
        closing = asyncio.create_task(story.limner.pictures.aclose())
        await asyncio.sleep(0)
        opened.set()
        await closing
    async with telling(tmp_path) as story:
        await story.limner.illustrator.recover()
        await story.limner.illustrator.recovered()
        assert await story.is_drawn(shown) == [True]
        assert await story.chats() == [[("u", "Go.", 1), ("a", "A1 # z1", 1)]]


async def test_an_answer_that_a_closing_server_cuts_leaves_its_picture_to_be_drawn(
    tmp_path: Path,
) -> None:
    """The text that came stays, marked as cut."""
    async with telling(tmp_path, ScriptedBackend(seconds=3600), end=[Hang()]) as story:
        story.user("Go.")
        async with await begin(story) as response:
            shown = await until(response, b"![")
            await story.limner.pictures.aclose()
    async with telling(tmp_path) as story:
        await story.limner.illustrator.recover()
        await story.limner.illustrator.recovered()
        assert await story.is_drawn(shown) == [True]
        (chat,) = await story.library.chats()
        assert (await story.library.messages(chat.id))[-1].state is MessageState.CUT


async def test_a_chat_that_lost_its_beginning_is_known_by_its_pictures(tmp_path: Path) -> None:
    """When a conversation has become too long, front-ends leave out what was said first."""
    async with telling(tmp_path) as story:
        for text in ("Go.", "On.", "And?"):
            await story.turn(text)
        del story.said[:3]
        await story.turn("More.")
        del story.said[:2]
        await story.turn("Still.")
        assert [len(chat) for chat in await story.chats()] == [10]
        del story.said[-1]
        await story.ask()
        (chat,) = await story.chats()
        assert [m[2] for m in chat] == [1] * 9 + [2]


async def test_a_chat_that_began_elsewhere_is_taken_over_whole(tmp_path: Path) -> None:
    """With the greeting of a character, and without what the system says."""
    async with telling(tmp_path) as story:
        story.said = [
            {"role": "system", "content": "Be kind."},
            {"role": "assistant", "content": "Hello!"},
            {"role": "user", "content": [{"type": "text", "text": "Go."}]},
            {"role": "assistant", "content": "I did."},
        ]
        await story.turn("On.")
        story.said[0] = {"role": "system", "content": "Be kinder."}
        await story.turn("And?")
        (chat,) = await story.chats()
        assert [m[1] for m in chat][:4] == ["Hello!", "Go.", "I did.", "On."]
        assert len(chat) == 7
        assert (await story.library.chats())[0].title == "Go."


async def test_an_answer_that_was_stopped_stays_in_its_chat(tmp_path: Path) -> None:
    """What the reader saw of it is enough to know it by."""
    async with telling(tmp_path, end=[Hang()]) as story:
        story.user("Go.")
        async with await begin(story) as response:
            shown = await until(response, b"![")
            response.close()
        await story.limner.pictures.settled()
        story.said.append({"role": "assistant", "content": shown.strip()})
        await story.turn("On.")
        (chat,) = await story.chats()
        assert [m[1:] for m in chat][1:] == [("A1 # z1", 1), ("On.", 1), ("A2 # z2", 1)]


async def test_what_is_drawn_for_the_beginning_goes_on_while_an_answer_goes_on(
    tmp_path: Path,
) -> None:
    """The first picture is not drawn twice, and each address leads to its own."""
    backend = ScriptedBackend(seconds=1.0)
    async with telling(tmp_path, backend) as story:
        shown = []
        story.user("Go.")
        for _ in range(2):
            sent = await story.limner.ask(messages=story.said)
            shown.append(texts(sent)[0])
            story.said[1:] = [{"role": "assistant", "content": "".join(shown)}]
        assert await story.is_drawn("".join(shown)) == [True, True]
        await story.limner.pictures.settled()
        assert len(backend.calls) == 2
        assert await story.chats() == [[("u", "Go.", 1), ("a", "A1 # z1A2 # z2", 1)]]


class _Full(Library):
    """A library that can be read and not written."""

    broken = False

    async def save_said(self, *said: Any, **more: Any) -> None:
        if self.broken:
            raise StorageUnavailable("the disk is full", place="here")
        await super().save_said(*said, **more)

    async def load(self, message_id: str, variant: int | None = None) -> Message | None:
        if self.broken:
            raise StorageUnavailable("the disk is gone", place="here")
        return await super().load(message_id, variant)


async def test_a_library_that_fails_for_a_while_costs_nothing(tmp_path: Path) -> None:
    """The text comes whole; when the library is well again, so are the chats and the pictures."""
    async with telling(tmp_path, kind=_Full) as story:
        await story.turn("Go.")
        assert isinstance(story.library, _Full)
        story.library.broken = True
        story.user("On.")
        said = texts(await story.limner.ask(messages=story.said))[0]
        assert said.startswith("A2 ")
        assert said.endswith(" z2")
        story.library.broken = False
        await story.limner.pictures.settled()
        story.said.append({"role": "assistant", "content": said.strip()})
        await story.turn("And?")
        (chat,) = await story.chats()
        assert [m[0] for m in chat] == ["u", "a", "u", "a", "u", "a"]
        assert await story.is_drawn(said) == [True]


async def test_a_chat_that_begins_while_the_library_fails_is_kept(tmp_path: Path) -> None:
    """All of it is in memory until the library takes it."""
    async with telling(tmp_path, kind=_Full) as story:
        assert isinstance(story.library, _Full)
        story.library.broken = True
        story.user("Go.")
        said = texts(await story.limner.ask(messages=story.said))[0]
        story.library.broken = False
        await story.limner.pictures.settled()
        ((question, answer),) = await story.chats()
        assert (question[0], answer[0]) == ("u", "a")
        assert await story.is_drawn(said) == [True]
        assert await story.library.writing() == []
        assert await story.library.unfinished() == []


async def test_several_choices_are_answers_of_one_message(tmp_path: Path) -> None:
    """As a front-end shows them: swipes."""

    def both(text: str) -> list[dict[str, Any]]:
        return [{"choices": [{"index": i, "delta": {"content": text}}]} for i in (0, 1)]

    def script(asked: Asked) -> Reply:
        return Reply.stream(recognised(), *both("A "), *both(TAG), *both(" z"))

    async with await Library.open(tmp_path) as library, ChatServer(script) as model:
        made = proxy(model, illustrator={"store": library}, pictures={"library": library})
        async with made as limner:
            story = Story(library, limner, {})
            story.user("Go.")
            sent = texts(await limner.ask(messages=story.said, n=2))
            await limner.pictures.settled()
            assert await story.chats() == [[("u", "Go.", 1), ("a", "A # z", 2)]]
            names = {find_pictures(sent[index])[0].id for index in (0, 1)}
            assert len(names) == 2
            assert [await story.is_drawn(sent[index]) for index in (0, 1)] == [[True], [True]]


async def test_an_answer_that_comes_before_its_chat_is_known_is_not_held_back(
    tmp_path: Path,
) -> None:
    """A slow library costs the answer its place among the swipes, and no time."""
    opened = asyncio.Event()

    class Slow(Library):
        async def load(self, message_id: str, variant: int | None = None) -> Message | None:
            await opened.wait()
            return await super().load(message_id, variant)

    async with telling(tmp_path, kind=Slow, patient=False, keep_timeout=0.05) as story:
        story.user("Go.")
        sent = texts(await story.limner.ask(messages=story.said))[0]
        assert sent.startswith("A1 ")
        assert sent.endswith(" z1")
        assert not opened.is_set()
        opened.set()
        await story.limner.pictures.settled()
        assert await story.chats() == [[("u", "Go.", 1), ("a", "A1 # z1", 1)]]
        assert await story.is_drawn(sent) == [True]


async def test_a_client_that_leaves_while_the_library_hangs_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    """The last text is given up after a moment: no answer waits for ever for its end."""
    opened = asyncio.Event()

    class Stuck(Library):
        async def save_said(self, *said: Any, **more: Any) -> None:
            await opened.wait()
            await super().save_said(*said, **more)

    async with telling(tmp_path, kind=Stuck, end=[Hang()]) as story:
        story.user("Go.")
        async with await begin(story) as response:
            await until(response, b"A1 ")
            response.close()
        try:
            async with asyncio.timeout(PATIENCE):
                await story.limner.pictures.settled()
        finally:
            opened.set()


async def test_a_client_hears_of_no_picture_before_its_place_is_kept(tmp_path: Path) -> None:
    """From then on no crash loses it."""
    opened = asyncio.Event()

    class Slow(Library):
        async def save_said(self, *said: Any, **more: Any) -> None:
            await opened.wait()
            await super().save_said(*said, **more)

    backend = ScriptedBackend(seconds=3600)
    async with telling(tmp_path, backend, kind=Slow, keep_timeout=60) as story:
        story.user("Go.")
        async with await begin(story) as response:
            await until(response, b"A1 ")
            opened.set()
            shown = await until(response, b"![")
            name = PictureId.read(find_pictures(shown)[0].id or "")
            assert name is not None
            name = await name.whole(story.library.whole_ids)
            message = await story.library.load(name.message_id)
            assert message is not None
            assert message.text.startswith(f"A1 {TAG}")
            assert [slot.state for slot in message.slots] == [SlotState.QUEUED]


async def test_what_cannot_be_recognised_is_put_into_nobodys_chat(tmp_path: Path) -> None:
    """A name that a client gives is never the id of a chat."""
    async with telling(tmp_path, kind=_Full) as story:
        await story.turn("Go.")
        (chat,) = await story.library.chats()
        assert isinstance(story.library, _Full)
        story.library.broken = True
        story.headers = {"X-Limner-Chat": chat.id}
        story.user("On.")
        await story.limner.ask(messages=story.said, headers=story.headers)
        story.library.broken = False
        await story.turn("And?")
        assert [m[1] for m in (await story.chats())[0]] == ["Go.", "A1 # z1"]


async def test_a_side_request_is_in_no_chat(tmp_path: Path) -> None:
    """Nor is what the model server refuses."""
    async with telling(tmp_path) as story:
        story.user("### Task: Suggest a title.")
        await story.ask()
        assert await story.chats() == []
    refused = Reply.stream("x").steps
    async with await Library.open(tmp_path) as library:
        async with ChatServer(Reply(refused, status=500)) as model:
            made = proxy(model, illustrator={"store": library}, pictures={"library": library})
            async with made as limner:
                url = f"{limner.url}/chat/completions"
                asked = [{"role": "user", "content": "Go."}]
                body = {"model": "m", "stream": True, "messages": asked}
                async with limner.client.post(url, json=body) as response:
                    assert response.status == 500
                await limner.pictures.settled()
                assert await library.chats() == []


class _Late(Library):
    """A library that says what it knows a little later than a fast model answers."""

    async def places(self, ids: Sequence[str]) -> dict[str, MessagePlace]:
        await pause(0.02, because="a disk that is busy takes real time")
        return await super().places(ids)


async def test_answers_of_a_fast_model_are_variants_wherever_their_tags_stand(
    tmp_path: Path,
) -> None:
    """Its first tag may close before anybody knows whose answer it is: the link waits, alone."""

    def both(text: str) -> list[dict[str, Any]]:
        return [{"choices": [{"index": i, "delta": {"content": text}}]} for i in (0, 1)]

    replies = [Reply.stream(TAG, " B ", TAG, " z")] * 3 + [Reply.stream(*both(TAG), *both(" z"))]
    async with await _Late.open(tmp_path) as library, ChatServer(replies) as model:
        store = {"store": library, "cache": False}
        async with proxy(model, illustrator=store, pictures={"library": library}) as limner:
            story = Story(library, limner, {})
            story.user("Go.")
            shown = [texts(await limner.ask(messages=story.said))[0] for _ in range(3)]
            shown += texts(await limner.ask(messages=story.said, n=2)).values()
            await limner.pictures.settled()
            assert [[kind for kind, _, _ in chat] for chat in await story.chats()] == [["u", "a"]]
            (chat,) = await library.chats()
            _, answer = await library.messages(chat.id)
            assert len(await library.variants(answer.id)) == len(shown) == 5
            assert len({p.id for text in shown for p in find_pictures(text)}) == 8
            assert all([all(await story.is_drawn(text)) for text in shown])


async def test_a_greeting_in_common_is_no_conversation_in_common(tmp_path: Path) -> None:
    """All chats with one character begin alike; each has its own title, from what the user says."""
    begun = [
        {"role": "system", "content": "You are Mia."},
        {"role": "user", "content": "[Start a new chat]"},
        {"role": "assistant", "content": "Hello, I am Mia."},
    ]
    async with telling(tmp_path) as story:
        for words in ("A tale of foxes!", "A tale of owls!"):
            story.said = [dict(message) for message in begun]
            await story.turn(words)
        story.said = [begun[0], begun[2], {"role": "user", "content": "A tale of bears!"}]
        await story.ask()
        story.said = [{"role": "user", "content": f"{'Be kind. ' * 200}\n\nA tale of cats!"}]
        await story.ask()
        titles = [chat.title for chat in await story.library.chats()]
    animals = ("cats", "bears", "owls", "foxes")
    assert titles == [f"A tale of {animal}!" for animal in animals]


async def test_in_a_group_the_name_before_an_answer_is_none_of_its_words(tmp_path: Path) -> None:
    """The front-end puts it there; swipes and further turns find their place all the same."""
    async with telling(tmp_path) as story:
        story.user("Go.")
        first = await story.ask()
        story.said.append({"role": "assistant", "content": f"Mia: {first.strip()}"})
        story.said.append({"role": "system", "content": "[Write the next reply only as Tom.]"})
        second = await story.ask()
        await story.ask()
        story.said.pop()
        story.said.append({"role": "assistant", "content": f"Tom: {second.strip()}"})
        await story.turn("On.")
        (chat,) = await story.chats()
    assert [(kind, text[:2], count) for kind, text, count in chat] == [
        ("u", "Go", 1),
        ("a", "A1", 1),
        ("a", "A2", 2),
        ("u", "On", 1),
        ("a", "A4", 1),
    ]


async def test_pictures_that_wait_follow_an_answer_that_was_edited(tmp_path: Path) -> None:
    """What the front-end shows of it is drawn for its new words as well."""
    async with telling(tmp_path) as story:
        story.limner.illustrator.limiter.pause()
        story.user("Go.")
        shown = texts(await story.limner.ask(messages=story.said))[0]
        story.said.append({"role": "assistant", "content": shown.replace("z1", "trimmed")})
        story.user("On.")
        await story.limner.ask(messages=story.said)
        story.limner.illustrator.limiter.resume()
        await story.limner.pictures.settled()
        (chat,) = await story.library.chats()
        _, answer, *_ = await story.library.messages(chat.id)

        async def drawn() -> bool:
            edited = await story.library.load(answer.id, 1)
            return edited is not None and [s.state for s in edited.slots] == [SlotState.READY]

        await waiting.until(drawn)


async def test_a_model_goes_on_inside_the_tag_it_left_open(tmp_path: Path) -> None:
    """The front-end does not have it, and the model is shown it all the same."""
    replies = [Reply.stream("A  ", TAG[:20]), Reply.stream(TAG[20:], " z")]
    async with await Library.open(tmp_path) as library, ChatServer(replies) as model:
        store = {"store": library, "cache": False}
        async with proxy(model, illustrator=store, pictures={"library": library}) as limner:
            story = Story(library, limner, {})
            shown = await story.turn("Go.")
            more = await story.ask()
            assert shown == "A  "
            assert (await story.is_drawn(more), await story.chats()) == (
                [True],
                [[("u", "Go.", 1), ("a", "A  # z", 1)]],
            )
    last = model.requests[-1].body["messages"][-1]
    assert last == {"role": "assistant", "content": f"A  {TAG[:20]}"}


async def test_a_model_that_begins_inside_its_reasoning_is_known_by_its_first_answer(
    tmp_path: Path,
) -> None:
    """What it thinks is not drawn then, and its tags are found again, after a restart as well."""
    answer = f'Perhaps <!--img-prompt="a draft"--> </think>Once. {TAG} End.'
    async with await Library.open(tmp_path) as library, ChatServer(Reply.stream(answer)) as model:
        store = {"store": library, "cache": False}
        async with proxy(model, illustrator=store, pictures={"library": library}) as limner:
            story = Story(library, limner, {})
            story.user("Go.")
            assert await story.is_drawn(await story.ask()) == [True, True]
            shown = await story.ask()
            assert (await story.is_drawn(shown), "a draft" in shown) == ([True], True)
            story.said.append({"role": "assistant", "content": shown})
            await story.turn("On.")
            assert model.requests[-1].body["messages"][1]["content"] == answer
        async with proxy(model, illustrator=store, pictures={"library": library}) as limner:
            story.limner = limner
            await story.ask()
            assert model.requests[-1].body["messages"][1]["content"] == answer
