"""Responses whose server remembers what was said: limner knows in which chat they go on."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.server.proxy.dialects.speaking import BY_NAME
from tests.server.proxy.serving import Proxy, proxy, recognised
from tests.server.proxy.streams import TAG

from limner.prompts import find_pictures
from limner.server.proxy import IllustratorPictureService
from limner.server.proxy.history.target_resolver import TargetResolver
from limner.storage import Library
from limner.storage.database.sqlite import SqliteDatabase
from limner.storage.repositories import recognition
from limner.testing.chat_server import ChatRequest, ChatServer, Reply, error_body

pytestmark = pytest.mark.real_time

SPOKEN = BY_NAME["openai responses"]
UNKNOWN = error_body("Previous response with id 'resp_no' not found.", kind="invalid_request_error")
both = pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])


class Telling:
    """A program that tells only what is new, and a server that counts its answers.

    Attributes:
        owner: Whose the requests are.
        stream: Whether it asks for streams.
        settle: Whether it asks for more only when an answer is kept and its pictures are there.
    """

    def __init__(self, stream: bool) -> None:
        self.library: Library
        self.limner: Proxy
        self.owner: str | None = None
        self.stream = stream
        self.settle = True

    async def ask(self, said: Any, previous: str | None = None, **more: Any) -> str:
        """What the server calls its answer, which is kept then."""
        headers = {"X-Limner-Mode": "inline", **more.pop("headers", {})}
        body = {"model": "m", "stream": self.stream, "input": said, **more}
        if previous is not None:
            body["previous_response_id"] = previous
        url = f"{self.limner.url}/responses"
        async with self.limner.client.post(url, json=body, headers=headers) as response:
            assert response.status == 200
            answer = await response.read()
        if self.settle:
            await self.limner.pictures.settled()
        whole = SPOKEN.data(answer)[-1]["response"] if self.stream else json.loads(answer)
        text = "".join(
            part.get("text", "") for item in whole["output"] for part in item.get("content", ())
        )
        for picture in find_pictures(text) if self.settle else ():
            assert await self.limner.pictures.image(picture.id or "") is not None
        return str(whole["id"])

    async def chats(self) -> list[list[tuple[str, int]]]:
        """Text and number of answers of all messages of all chats, the oldest first."""
        await self.limner.pictures.settled()
        made = []
        for chat in reversed(await self.library.chats()):
            told = await self.library.messages(chat.id)
            variants = [len(await self.library.variants(one.id)) for one in told]
            texts = [one.text.replace(TAG, "#") for one in told]
            made.append(list(zip(texts, variants, strict=True)))
        return made


@contextlib.asynccontextmanager
async def telling(
    place: Path, *, stream: bool = True, first: int = 1, tag: str = TAG
) -> AsyncIterator[Telling]:
    """A proxy with a library, before a server that knows the answers it gave."""
    story, count = Telling(stream), first - 1

    def script(asked: ChatRequest) -> Reply:
        nonlocal count
        if asked.path.endswith("/chat/completions"):
            return Reply.stream("A fox. ", TAG)
        previous = asked.body.get("previous_response_id")
        if previous == "resp_no":
            return Reply((UNKNOWN,), status=400, headers={"Content-Type": "application/json"})
        count += 1
        called = f"resp_{count}".encode()
        if "Look" in json.dumps(asked.body["input"]):
            return _calling(called.decode(), stream=asked.body["stream"])
        said = (f"A{count} ", tag, f" z{count}")
        if not asked.body["stream"]:
            whole = SPOKEN.server.whole("".join(said)).replace(b"resp_1", called)
            headers = {"Content-Type": "application/json"}
            return Reply((whole,), headers=headers, before=(recognised(),))
        told = SPOKEN.server.stream(recognised(), *said)
        steps = (s.replace(b"resp_1", called) if isinstance(s, bytes) else s for s in told.steps)
        return replace(told, steps=tuple(steps))

    async with await Library.open(place) as library, ChatServer(script) as model:
        pictures = {"library": library, "owner": lambda: story.owner}
        made = proxy(model, illustrator={"store": library}, pictures=pictures)
        async with made as limner:
            story.library, story.limner = library, limner
            yield story


@both
async def test_what_follows_a_response_is_in_its_chat(tmp_path: Path, stream: bool) -> None:
    """Turn after turn, whatever form the input has; the pictures are drawn."""
    async with telling(tmp_path, stream=stream) as story:
        first = await story.ask("Go.", instructions="Be kind.")
        second = await story.ask([{"role": "user", "content": "On."}], first)
        await story.ask([{"role": "user", "content": [_text("And?")]}], second)
        talk = ["Go.", "A1 # z1", "On.", "A2 # z2", "And?", "A3 # z3"]
        assert await story.chats() == [[(text, 1) for text in talk]]
        (chat,) = await story.library.chats()
        assert chat.title == "Go."


@both
async def test_after_a_restart_the_chat_goes_on(tmp_path: Path, stream: bool) -> None:
    """It is the library that remembers."""
    async with telling(tmp_path, stream=stream) as story:
        first = await story.ask("Go.")
    async with telling(tmp_path, stream=stream, first=2) as story:
        await story.ask("On.", first)
        talk = ["Go.", "A1 # z1", "On.", "A2 # z2"]
        assert await story.chats() == [[(text, 1) for text in talk]]


@both
async def test_the_same_behind_the_same_response_is_another_answer(
    tmp_path: Path, stream: bool
) -> None:
    """And what follows either of them shows that one."""
    async with telling(tmp_path, stream=stream) as story:
        first = await story.ask("Go.")
        second = await story.ask("On.", first)
        await story.ask("On.", first)
        begun = [("Go.", 1), ("A1 # z1", 1), ("On.", 1)]
        assert await story.chats() == [[*begun, ("A3 # z3", 2)]]
        await story.ask("And?", second)
        ends = [("A2 # z2", 2), ("And?", 1), ("A4 # z4", 1)]
        assert await story.chats() == [[*begun, *ends]]


async def test_something_else_behind_the_same_response_is_a_branch(tmp_path: Path) -> None:
    """The chat it leaves stays as it was; the branch has swipes and goes on like any chat."""
    async with telling(tmp_path) as story:
        first = await story.ask("Go.")
        await story.ask("On.", first)
        (before,) = await story.chats()
        await story.ask("Back!", first)
        third = await story.ask("Back!", first)
        await story.ask("And?", third)
        branch = [*before[:2], ("Back!", 1), ("A4 # z4", 2), ("And?", 1), ("A5 # z5", 1)]
        assert sorted(await story.chats()) == sorted([before, branch])


async def test_what_a_tool_found_belongs_to_the_answer_that_asked(tmp_path: Path) -> None:
    """Nobody says anything there, but the chat goes on, and twice is another answer."""
    async with telling(tmp_path) as story:
        first = await story.ask("Go.")
        found = [{"type": "function_call_output", "call_id": "c", "output": "7"}]
        await story.ask(found, first)
        await story.ask(found, first)
        assert await story.chats() == [[("Go.", 1), ("A1 # z1", 1), ("A3 # z3", 2)]]


@both
async def test_what_follows_a_call_without_a_word_goes_on_behind_the_question(
    tmp_path: Path, stream: bool
) -> None:
    """However many there are, also at once, and after a restart; twice is another answer."""
    found = [{"type": "function_call_output", "call_id": "c", "output": "7"}]
    again = [{**found[0], "output": "Look"}]
    async with telling(tmp_path, stream=stream) as story:
        story.settle = False
        first = await story.ask("Look!")
        second = await story.ask(again, await story.ask(again, first))
        story.settle = True
        await story.ask(found, second)
        await story.ask(found, second)
        assert await story.chats() == [[("Look!", 1), ("A5 # z5", 2)]]
        fourth = await story.ask("Look on.", "resp_4")
        await story.chats()
    async with telling(tmp_path, stream=stream, first=7) as story:
        await story.ask(found, fourth)
        talk = [("Look!", 1), ("A4 # z4", 2), ("Look on.", 1), ("A7 # z7", 1)]
        assert await story.chats() == [talk]


async def test_who_goes_on_at_once_goes_on_in_the_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the answer before is not kept yet: that is waited for."""
    asked_on = asyncio.Event()
    create, begun = Library.create_chat, IllustratorPictureService.begun

    async def late(library: Library, *given: Any, **more: Any) -> Any:
        await asked_on.wait()
        return await create(library, *given, **more)

    async def seen(
        service: IllustratorPictureService, ids: Collection[str], asking: TargetResolver
    ) -> None:
        if "resp_1" in ids:
            asked_on.set()
        await begun(service, ids, asking)

    monkeypatch.setattr(Library, "create_chat", late)
    monkeypatch.setattr(IllustratorPictureService, "begun", seen)
    async with telling(tmp_path, tag="") as story:
        story.settle = False
        await story.ask("On.", await story.ask("Go."))
        talk = ["Go.", "A1  z1", "On.", "A2  z2"]
        assert await story.chats() == [[(text, 1) for text in talk]]


@pytest.mark.parametrize("kind", ["owner", "credential", "user", "chat"])
async def test_a_response_of_somebody_else_is_unknown(tmp_path: Path, kind: str) -> None:
    """So is one of another chat, where a program names it: nobody writes into what is not his."""
    async with telling(tmp_path) as story:

        async def ask(who: str, said: str, previous: str | None = None) -> str:
            story.owner = who if kind == "owner" else None
            headers = {"credential": {"Authorization": f"Bearer {who}"}}
            headers["chat"] = {"X-Limner-Chat": who}
            more = {"user": who} if kind == "user" else {}
            return await story.ask(said, previous, headers=headers.get(kind, {}), **more)

        first = await ask("ann", "Go.")
        await ask("bob", "On.", first)
        await ask("ann", "Then.", first)
        talk = [("Go.", 1), ("A1 # z1", 1), ("Then.", 1), ("A3 # z3", 1)]
        assert sorted(await story.chats()) == [talk, [("On.", 1), ("A2 # z2", 1)]]


async def test_what_nobody_knows_is_a_chat_of_its_own(tmp_path: Path) -> None:
    """A response from before limner, one that is not stored, a conversation of the server's."""
    async with telling(tmp_path) as story:
        await story.ask("One.", "resp_of_old")
        unstored = await story.ask("Two.", store=False)
        named = await story.ask("Three.", unstored)
        await story.ask("Four.", named, conversation="conv_1")
        assert [[text for text, _ in chat[::2]] for chat in await story.chats()] == [
            ["One."], ["Two."], ["Three."], ["Four."],
        ]  # fmt: skip


async def test_a_response_whose_message_was_deleted_is_unknown(tmp_path: Path) -> None:
    """What follows is not put behind what is gone."""
    async with telling(tmp_path) as story:
        first = await story.ask("Go.")
        (chat,) = await story.library.chats()
        await story.library.delete_chat(chat.id)
        await story.ask("On.", first)
        assert await story.chats() == [[("On.", 1), ("A2 # z2", 1)]]


async def test_old_responses_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered does not grow for ever."""
    monkeypatch.setattr(recognition, "MOST_NAMES", 2)
    async with telling(tmp_path) as story:
        called = [await story.ask(text) for text in ("a", "b", "c")]
        await story.ask("On.", called[0])
        assert len(await story.chats()) == 4
    async with telling(tmp_path, first=5) as story:
        await story.ask("And?", called[2])
        assert len(await story.chats()) == 4


async def test_who_tells_all_that_was_said_costs_no_more(tmp_path: Path) -> None:
    """Chat completions read and write nothing of it."""
    async with telling(tmp_path) as story:
        await story.limner.ask()
        database = story.library._database
        assert isinstance(database, SqliteDatabase)
        assert database._at_hand is not None
        asked: list[str] = []
        database._at_hand[1].set_trace_callback(asked.append)
        await story.limner.ask()
        await story.limner.pictures.settled()
        assert asked
        assert not [one for one in asked if "answer_names" in one]


async def test_what_the_server_does_not_know_is_told_as_it_tells_it(tmp_path: Path) -> None:
    """And nothing is kept of it."""
    async with telling(tmp_path) as story:
        body = {"model": "m", "stream": True, "input": "On.", "previous_response_id": "resp_no"}
        url = f"{story.limner.url}/responses"
        async with story.limner.client.post(url, json=body) as response:
            assert response.status == 400
            told = (await response.json())["error"]["message"]
        assert "Previous response with id 'resp_no' not found." in told
        assert await story.chats() == []


def _calling(called: str, *, stream: bool) -> Reply:
    """An answer that calls a tool and says nothing."""
    call = {"id": "fc", "type": "function_call", "name": "f", "call_id": "c", "arguments": "{}"}
    whole = {"id": called, "object": "response", "status": "completed", "output": [call]}
    if not stream:
        headers = {"Content-Type": "application/json"}
        return Reply((json.dumps(whole).encode(),), headers=headers)
    told: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**whole, "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": call},
        {"type": "response.output_item.done", "output_index": 0, "item": call},
        {"type": "response.completed", "response": whole},
    ]
    events = [
        f"event: {one['type']}\ndata: {json.dumps({**one, 'sequence_number': at})}\n\n".encode()
        for at, one in enumerate(told)
    ]
    return Reply(tuple(events), headers={"Content-Type": "text/event-stream"})


def _text(said: str) -> dict[str, str]:
    return {"type": "input_text", "text": said}
