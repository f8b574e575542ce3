"""Streaming turns over HTTP, with a model server behind them."""

import asyncio
from pathlib import Path

import pytest
from tests.server.api.running import FOX, Api, illustrated, running

from limner.backends.text import OpenAIChat
from limner.illustration import PromptWriter
from limner.testing.chat_server import ChatServer, Cut, Reply

pytestmark = pytest.mark.real_time


async def test_a_turn_is_kept_answered_and_illustrated(tmp_path: Path) -> None:
    """What is said is kept, the model is asked as it should be, its answer gets its picture."""
    async with (
        ChatServer(Reply.stream("A fox. ", FOX[7:])) as model,
        running(tmp_path, model) as api,
    ):
        async with api.events("?chat=tale") as events:
            begun = await api.ask(
                "POST", "/chats/tale/messages", {"text": "A tale of a fox!"}, status=202
            )
            assert begun["asked"]["text"] == "A tale of a fox!"
            end = await events.until("message.finished")
            assert (end.data["state"], end.data["error"]) == ("complete", None)
        text = "".join(e.data["text"] for e in events.seen if e.kind == "message.text")
        assert text == "A fox.  The end."
        kinds = events.kinds()
        for kind in ("message.started", "slot.found", "slot.started", "slot.ready", "progress"):
            assert kind in kinds
        asked, answer = (await api.ask("GET", "/chats/tale/messages"))["messages"]
        assert (asked["role"], answer["role"]) == ("user", "assistant")
        assert (answer["id"], answer["text"], answer["busy"]) == (begun["message"], FOX, False)
        assert answer["slots"][0]["state"] == "ready"
        assert [piece["slot"] for piece in answer["pieces"]] == [None, 0, None]
        assert (await api.ask("GET", "/chats/tale"))["title"] == "A tale of a fox!"
        sent = model.requests[0].body["messages"]
        assert [entry["role"] for entry in sent] == ["user"]
        assert "img-prompt" in sent[0]["content"]


async def test_the_model_sees_its_own_tags_and_never_a_picture(tmp_path: Path) -> None:
    """In the second turn the first answer goes out with its tag; the settings shape the rest."""
    replies = [Reply.stream(FOX + " ![x](http://h/p.png)"), Reply.stream("Good night.")]
    async with ChatServer(replies) as model, running(tmp_path, model) as api:
        await api.ask(
            "PATCH",
            "/settings",
            {"system_prompt": "Be brief.", "illustrate": False, "model": "big"},
        )
        async with api.events() as events:
            for text in ("One.", "Two."):
                await api.ask("POST", "/chats/tale/messages", {"text": text}, status=202)
                await events.until("message.finished")
        body = model.requests[1].body
        assert body["model"] == "big"
        assert [entry["content"] for entry in body["messages"]] == [
            "Be brief.",
            "One.",
            FOX,
            "Two.",
        ]


async def test_an_answer_can_be_written_anew_and_chosen(tmp_path: Path) -> None:
    """Another answer stands beside the first, and either can be shown."""
    replies = [Reply.stream("First."), Reply.stream("Second.")]
    async with ChatServer(replies) as model, running(tmp_path, model) as api:
        async with api.events() as events:
            begun = await api.ask("POST", "/chats/tale/messages", {"text": "Go."}, status=202)
            await events.until("message.finished")
            path = f"/messages/{begun['message']}"
            again = await api.ask("POST", f"{path}/variants", {}, status=202)
            assert again == {"message": begun["message"], "variant": 1, "asked": None}
            await events.until("message.finished")
        shown = await api.ask("GET", path)
        assert (shown["text"], shown["variants"]) == ("Second.", [0, 1])
        assert (await api.ask("PUT", f"{path}/selected/0"))["text"] == "First."
        assert (await api.ask("GET", f"{path}?variant=1"))["text"] == "Second."
        await api.fails("PUT", f"{path}/selected/7", status=404)
        said = [entry["content"] for entry in model.requests[1].body["messages"]]
        assert "First." not in said


async def test_an_answer_goes_on_where_it_ended(tmp_path: Path) -> None:
    """The new text is behind the old one, whose picture stays; the model sees what it had said."""
    replies = [Reply.stream(FOX), Reply.stream(" And then?")]
    async with ChatServer(replies) as model, running(tmp_path, model) as api:
        async with api.events() as events:
            begun = await api.ask("POST", "/chats/tale/messages", {"text": "Go."}, status=202)
            await events.until("message.finished")
            await api.ask("POST", f"/messages/{begun['message']}/continue", status=202)
            await events.until("message.finished")
        message = await api.ask("GET", f"/messages/{begun['message']}")
        assert message["text"] == FOX + " And then?"
        assert message["slots"][0]["state"] == "ready"
        assert FOX in [entry["content"] for entry in model.requests[1].body["messages"]]


async def test_stopping_keeps_what_there_is_and_reaches_the_model(tmp_path: Path) -> None:
    """A message being written is busy; stopping it ends the model's stream and keeps the text."""
    go_on = asyncio.Event()
    reply = Reply.stream("Once upon ", go_on, "a time.")
    async with ChatServer(reply) as model, running(tmp_path, model) as api:
        async with api.events() as events:
            begun = await api.ask("POST", "/chats/tale/messages", {"text": "Go."}, status=202)
            await events.until("message.text")
            path = f"/messages/{begun['message']}"
            error = await api.fails("POST", "/chats/tale/messages", {"text": "Faster!"}, status=409)
            assert error["kind"] == "message_busy"
            assert (await api.fails("POST", f"{path}/undo", status=409))["kind"] == "message_busy"
            assert await api.ask("POST", f"{path}/stop") == {"stopped": True}
            end = await events.until("message.finished")
            assert (end.data["cancelled"], end.data["state"]) == (True, "cut")
        await asyncio.wait_for((await model.request()).disconnected.wait(), 20)
        assert (await api.ask("GET", path))["text"] == "Once upon "
        assert await api.ask("POST", f"{path}/stop") == {"stopped": False}
        assert await api.ask("POST", "/chats/tale/stop") == {"stopped": False}


async def test_a_model_that_fails_is_told_and_loses_nothing(tmp_path: Path) -> None:
    """What arrived before a cut is kept; the event says why; the next turn is possible."""
    replies = [Reply.stream("Once ", Cut()), Reply.error(500, "out of memory"), Reply.stream("Ok.")]
    async with ChatServer(replies) as model, running(tmp_path, model) as api:
        async with api.events() as events:
            begun = await api.ask("POST", "/chats/tale/messages", {"text": "Go."}, status=202)
            end = await events.until("message.finished")
            assert end.data["error"]["kind"] == "StreamCut"
            assert (await api.ask("GET", f"/messages/{begun['message']}"))["text"] == "Once "
            await api.ask("POST", "/chats/tale/messages", {"text": "Again."}, status=202)
            end = await events.until("message.finished")
            assert "out of memory" in end.data["error"]["message"]
            await api.ask("POST", "/chats/tale/answer", status=202)
            end = await events.until("message.finished")
            assert end.data["error"] is None


async def test_a_turn_may_begin_while_pictures_are_still_drawn(tmp_path: Path) -> None:
    """Only text on its way refuses the next turn; pictures on their way do not."""
    replies = [Reply.stream(FOX), Reply.stream("And then?")]
    async with ChatServer(replies) as model, running(tmp_path, model) as api:
        api.gate.open.clear()
        async with api.events() as events:
            await api.ask("POST", "/chats/tale/messages", {"text": "Go."}, status=202)
            await events.until("message.text_ended")
            await events.until("slot.started")
            second = await api.ask("POST", "/chats/tale/messages", {"text": "More."}, status=202)
            await events.until(
                "message.finished", lambda data: data["message"] == second["message"]
            )
            api.gate.open.set()
            await events.until("message.finished")


async def test_messages_have_pages_in_both_directions(tmp_path: Path) -> None:
    """From the beginning, from the end, after and before a message; never one twice."""
    async with running(tmp_path) as api:
        ids = [await illustrated(api, f"{n}.") for n in range(5)]
        first = await page(api, "limit=2")
        assert (first, ids[:2]) == ((ids[:2], ids[1], None), ids[:2])
        assert await page(api, f"limit=2&after={ids[1]}") == (ids[2:4], ids[3], ids[2])
        assert await page(api, "limit=2&latest=true") == (ids[3:], None, ids[3])
        assert await page(api, f"limit=3&before={ids[3]}") == (ids[:3], ids[2], None)
        await api.fails("GET", "/chats/tale/messages?after=nobody", status=404)
        await api.fails("GET", f"/chats/tale/messages?after={ids[0]}&latest=true", status=422)


async def page(api: Api, query: str) -> tuple[list[str], str | None, str | None]:
    """Ids of a page, and its cursors."""
    told = await api.ask("GET", f"/chats/tale/messages?{query}")
    return [message["id"] for message in told["messages"]], told["next"], told["previous"]


async def test_a_message_is_deleted_and_restored(tmp_path: Path) -> None:
    """A deleted message is gone, and comes back with its pictures; both are told."""
    async with running(tmp_path) as api:
        message = await illustrated(api)
        async with api.events() as events:
            await api.ask("DELETE", f"/messages/{message}", status=204)
            await events.until("message.deleted")
            await api.fails("GET", f"/messages/{message}", status=404)
            await api.fails("DELETE", f"/messages/{message}", status=404)
            back = await api.ask("POST", f"/messages/{message}/restore")
            assert back["slots"][0]["state"] == "ready"
            await events.until("message.restored")


async def test_without_a_model_turns_are_refused_in_words(tmp_path: Path) -> None:
    """Nothing is kept of a turn that nobody can answer, and what to do is told."""
    async with running(tmp_path) as api:
        error = await api.fails("POST", "/chats/tale/messages", {"text": "Hi."}, status=422)
        assert "--llm" in error["message"]
        await api.fails("GET", "/chats/tale", status=404)


async def test_models_are_listed_from_every_server(tmp_path: Path) -> None:
    """Each server's models with its name; one that fails is a problem, not an error."""
    reply = Reply.stream("Hi.")
    async with (
        ChatServer(reply, models=["small"]) as one,
        ChatServer(reply, models=["large"]) as two,
        ChatServer(reply, models=None) as three,
        running(tmp_path, one, two, three) as api,
    ):
        listed = await api.ask("GET", "/models")
        assert [model["name"] for model in listed["models"]] == ["small", "large"]
        assert [problem["server"] for problem in listed["problems"]] == ["server 2"]
        async with api.events() as events:
            body = {"text": "Go.", "model": "large"}
            await api.ask("POST", "/chats/tale/messages", body, status=202)
            await events.until("message.finished")
        assert (len(one.requests), len(two.requests)) == (0, 1)


async def test_in_the_independent_mode_a_second_model_asks_for_the_pictures(tmp_path: Path) -> None:
    """The first is told nothing of pictures and sees no tags; the second sees what was said."""
    suggestion = (
        "---PROMPT---\nTEXT: a fox\nINSERT_AFTER: The fox ran.\nINSERT_BEFORE: It hid.\n---END---"
    )
    story = Reply.stream("The fox ran. It hid.")
    async with ChatServer(story) as model, ChatServer(Reply.stream(suggestion)) as second:
        writer = OpenAIChat(second.url)
        async with writer, running(tmp_path, model, prompt_writer=PromptWriter(writer)) as api:
            async with api.events() as events:
                for text in ("A fox!", "More!"):
                    await api.ask("POST", "/chats/tale/messages", {"text": text}, status=202)
                    await events.until("message.finished")
            sent = model.requests[1].body["messages"]
            assert [entry["content"] for entry in sent] == [
                "A fox!",
                "The fox ran. It hid.",
                "More!",
            ]
            assert "A fox!" in str(second.requests[1].body["messages"])
            told = (await api.ask("GET", "/chats/tale/messages"))["messages"]
            assert [len(message["slots"]) for message in told] == [0, 1, 0, 1]
