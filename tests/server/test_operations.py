"""A server's figures, its readiness, and how it ends."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.server.served import PATIENCE, TOKEN, Served, served
from tests.waiting import until

from limner.backends.images.a1111.backend import A1111Backend
from limner.config import ServeSettings
from limner.illustration import Event, Finished, ImageRequest, Role
from limner.server.listener import BoundSocket, listen
from limner.server.tokens import add_token
from limner.storage import Library
from limner.testing import ScriptedBackend
from limner.testing.a1111_server import A1111Server
from limner.testing.chat_server import ChatServer, Hang, Reply
from limner.testing.picture_fault import Busy

TAG = '<!--img-prompt="a fox"-->'
ASKED = {"model": "test-model", "stream": True, "messages": [{"role": "user", "content": "Go."}]}


class Gate(ScriptedBackend):
    """Draws when it is let, and tells when it was asked."""

    def __init__(self) -> None:
        super().__init__(seconds=0.0)
        self.open = asyncio.Event()
        self.asked = asyncio.Event()

    async def generate(self, request: ImageRequest) -> Any:
        """Wait, then draw."""
        self.asked.set()
        await self.open.wait()
        return await super().generate(request)


def figure(text: str, name: str) -> float:
    """One of Prometheus's figures; 0 if it is not there."""
    found = [line for line in text.splitlines() if line.startswith(name + " ")]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


async def begin(server: Served, **options: Any) -> aiohttp.ClientResponse:
    """A streamed question, whose answer has begun."""
    url = server.address + "/v1/chat/completions"
    return await server.client.post(url, **{"json": ASKED} | options)


@pytest.mark.real_time
async def test_figures_follow_the_work(tmp_path: Path) -> None:
    """A picture of an answer is seen in the queue, then by backend; so are streams and refusals."""
    gate = Gate()
    reply = Reply.stream("Snow. ", TAG, " The end.")
    async with ChatServer(reply) as model, served(tmp_path, backend=gate, llm=model.url) as server:
        await (await begin(server)).read()
        await gate.asked.wait()
        before = await server.text("/metrics")
        assert figure(before, 'limner_queue_pictures{state="drawing"}') == 1
        assert figure(before, 'limner_backend_drawing{backend="given"}') == 1
        ended = asyncio.Event()
        server.running.services.illustrator.on_progress(
            lambda told: ended.set() if told.overall.ready else None
        )
        gate.open.set()
        await ended.wait()
        assert await server.status("GET", "/x", headers={"Host": "evil.example"}) == 421
        after = await server.text("/metrics")
    assert figure(after, 'limner_queue_pictures{state="drawing"}') == 0
    assert figure(after, 'limner_pictures_total{outcome="succeeded"}') == 1
    assert figure(after, 'limner_backend_seconds_count{backend="given"}') == 1
    assert figure(after, 'limner_http_refused_total{reason="unknown_host"}') == 1
    chat = '{place="/v1/chat/completions"}'
    assert figure(after, f"limner_streams_open{chat}") == 0
    assert figure(after, f"limner_stream_chunks_total{chat}") > 0
    assert figure(after, "limner_text_characters_total") == len("Snow. " + TAG + " The end.")


@pytest.mark.real_time
async def test_every_character_that_came_in_is_counted_once(tmp_path: Path) -> None:
    """Also of an answer that was over before it was kept."""
    finished: list[Event] = []
    async with ChatServer(Reply.stream("Once.")) as model, served(tmp_path, llm=model.url) as here:
        illustrator = here.running.services.illustrator
        illustrator.on_event(lambda session, event: finished.append(event), Finished)
        for _ in range(2):
            await (await begin(here)).read()
        await until(lambda: len(finished) == 2)
        told = await here.text("/metrics")
    assert figure(told, "limner_text_characters_total") == 2 * len("Once.")


@pytest.mark.real_time
async def test_failures_are_counted_by_kind(tmp_path: Path) -> None:
    """By the limiter's attempts, and by the server that failed."""
    broken = ScriptedBackend(seconds=0.0, fails=lambda request: RuntimeError("no paint"))
    async with served(tmp_path, backend=broken) as server:
        url = server.address + "/v1/images/generations"
        async with server.client.post(url, json={"prompt": "a fox"}) as answer:
            assert answer.status >= 500
        told = await server.text("/metrics")
    assert figure(told, 'limner_picture_failures_total{kind="RuntimeError"}') == 1
    assert figure(told, 'limner_backend_failures_total{backend="given",kind="RuntimeError"}') == 1


@pytest.mark.real_time
async def test_figures_are_a_servers_own(tmp_path: Path) -> None:
    """Two servers in one process do not count for each other."""
    async with served(tmp_path / "a") as one, served(tmp_path / "b") as other:
        await one.status("GET", "/api/chats")
        name = 'limner_http_requests_total{method="GET",place="/api/chats",status="200"}'
        assert figure(await one.text("/metrics"), name) == 1
        assert figure(await other.text("/metrics"), name) == 0


@pytest.mark.real_time
async def test_it_is_ready_as_long_as_its_library_answers(tmp_path: Path) -> None:
    """It lives all the same."""
    async with served(tmp_path) as server:
        assert await server.status("GET", "/readyz") == 200
        await server.library.aclose()
        async with server.client.get(server.address + "/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["library"] == "unavailable"
        assert await server.status("GET", "/healthz") == 200


@pytest.mark.real_time
async def test_an_answer_under_way_is_finished_before_the_end(tmp_path: Path) -> None:
    """While it is, nothing new is taken, and whoever asks is told so."""
    more = asyncio.Event()
    reply = Reply.stream("Snow. ", more, "The end.")
    async with (
        ChatServer(reply) as model,
        served(tmp_path, llm=model.url, grace=PATIENCE) as server,
        aiohttp.ClientSession() as second,
        second.get(server.address + "/healthz") as opened,
    ):
        await opened.read()
        answer = await begin(server)
        await answer.content.readany()
        server.stop.set()
        await asyncio.sleep(0)
        async with second.get(server.address + "/readyz") as told:
            assert told.status == 503
            assert (await told.json())["stopping"] is True
        async with second.get(server.address + "/api/chats") as refused:
            assert refused.status == 503
            assert refused.headers["Retry-After"]
        more.set()
        rest = await answer.read()
        assert b"The end." in rest
        assert b"[DONE]" in rest
        assert b"server_stopping" not in rest
        await server.task


@pytest.mark.real_time
async def test_a_stream_that_does_not_end_is_told_so(tmp_path: Path) -> None:
    """With an error and [DONE], so that no front-end waits; readers of events get a `closing`."""
    reply = Reply.stream("Snow. ", Hang())
    async with ChatServer(reply) as model, served(tmp_path, llm=model.url) as server:
        events = await server.client.get(server.address + "/api/events")
        answer = await begin(server)
        await answer.content.readany()
        server.stop.set()
        rest = await answer.read()
        assert b'"code":"server_stopping"' in rest
        assert rest.endswith(b"data: [DONE]\n\n")
        assert b"event: closing" in await events.read()
        await server.task
        await (await model.request()).disconnected.wait()


@pytest.mark.real_time
async def test_what_is_not_drawn_at_the_end_is_drawn_after_the_next_start(tmp_path: Path) -> None:
    """Each picture once, at the address that stands in the text."""
    gate = Gate()
    reply = Reply.stream("Snow. ", TAG, " The end.")
    async with ChatServer(reply) as model, served(tmp_path, backend=gate, llm=model.url) as server:
        text = await (await begin(server)).read()
        await gate.asked.wait()
    place = text.partition(b"/images/")[2].partition(b".png")[0].decode()
    again = ScriptedBackend(seconds=0.0)
    async with served(tmp_path, backend=again) as server:
        await server.running.services.illustrator.recovered()
        await until(lambda: bool(again.calls) and not server.running.readiness.recovering)
        async with server.client.get(f"{server.address}/images/{place}.png") as picture:
            assert picture.headers["ETag"]  # a placeholder has none
        assert len(again.calls) == 1


@pytest.mark.real_time
async def test_pictures_are_drawn_and_counted_for_the_token(tmp_path: Path) -> None:
    """A budget for each owner bounds one user, not the others."""
    tokens = {"anna": TOKEN, "ben": TOKEN + "2"}
    async with served(tmp_path, tokens=tokens, budget={"per_owner_day": 1}) as server:
        url = server.address + "/v1/images/generations"
        answers: list[tuple[int, bytes]] = []
        for token in (TOKEN, TOKEN, TOKEN + "2"):
            headers = {"Authorization": f"Bearer {token}"}
            prompt = f"a fox, {len(answers)}"
            async with server.client.post(url, json={"prompt": prompt}, headers=headers) as answer:
                answers.append((answer.status, (await answer.read())[:400]))
        assert [status for status, _ in answers] == [200, 429, 200], answers
        chats = [chat.id for chat in await server.library.chats()]
        owners = [
            {message.owner for message in await server.library.messages(chat)} for chat in chats
        ]
        assert sorted(owners, key=str) == [{"anna"}, {"ben"}]


@pytest.mark.real_time
async def test_an_answer_is_illustrated_for_the_token(tmp_path: Path) -> None:
    """The pictures of a stream belong to whoever asked for it."""
    reply = Reply.stream("Snow. ", TAG, " The end.")
    async with ChatServer(reply) as model, served(tmp_path, llm=model.url, token=TOKEN) as server:
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Limner-Chat": "tale"}
        text = await (await begin(server, headers=headers)).read()
        place = text.partition(b"/images/")[2].partition(b".png")[0].decode()
        await server.status("GET", f"/images/{place}.png")  # which waits for it
        (chat,) = await server.library.chats()
        kept = await server.library.messages(chat.id)
        owners = {message.owner for message in kept if message.role is Role.ASSISTANT}
        assert owners == {"default"}


@pytest.mark.real_time
async def test_a_listening_that_cannot_begin_is_an_error(tmp_path: Path) -> None:
    """Not a server that waits for ever."""
    async with served(tmp_path) as server:
        place = BoundSocket("127.0.0.1", 0)
        place.close()
        with pytest.raises(OSError, match="Bad file descriptor"):
            await listen(
                server.running,
                place,
                ServeSettings(),
                stop=asyncio.Event(),
                ready=lambda: pytest.fail("it cannot be ready"),
            )


@pytest.mark.real_time
async def test_the_log_names_the_request_and_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The id is the one the answer has; tokens shown in a query or header are nowhere."""
    async with served(tmp_path) as server:
        token = await add_token(server.library, "anna", now=1.0)
        server.running.app._tokens._read_at = float("-inf")
        headers = {"Authorization": f"Bearer {token}"}
        with caplog.at_level(logging.DEBUG):
            url = f"{server.address}/api/chats?secret={token}"
            async with server.client.get(url, headers=headers) as answer:
                request_id = answer.headers["X-Request-Id"]
            await server.status("GET", f"/?token={token}")
            metrics = await server.text("/metrics", headers=headers)
            page = await server.text("/", headers=headers)
    (record,) = (one for one in caplog.records if getattr(one, "request_id", "") == request_id)
    assert record.__dict__["fields"]["owner"] == "anna"
    assert json.loads(json.dumps(record.__dict__["fields"]))["path"] == "/api/chats"
    assert token not in caplog.text + metrics + page


@pytest.mark.real_time
async def test_the_proxy_follows_what_is_chosen_on_the_page(tmp_path: Path) -> None:
    """Without a restart, and as soon as the choice is answered."""
    async with (
        ChatServer(Reply.stream("Snow.")) as model,
        served(tmp_path, llm=model.url) as server,
    ):
        await (await begin(server)).read()
        assert "img-prompt" in json.dumps(model.requests[0].body)
        url = server.address + "/api/settings"
        for illustrate in (False, True, False):
            async with server.client.patch(url, json={"illustrate": illustrate}) as answer:
                assert answer.status == 200
            await (await begin(server)).read()
            assert ("img-prompt" in json.dumps(model.requests[-1].body)) is illustrate


@pytest.mark.real_time
async def test_the_proxy_follows_a_change_of_its_preset(tmp_path: Path) -> None:
    """The new words of an instruction count without a restart."""
    async with (
        ChatServer(Reply.stream("Snow.")) as model,
        served(tmp_path, llm=model.url) as server,
    ):
        presets = server.address + "/api/presets"
        made = {"name": "Mine", "template": "Now and then write {tag_example} for a heron."}
        async with server.client.post(presets, json=made) as answer:
            assert answer.status == 201, await answer.text()
            preset = (await answer.json())["id"]
        settings = server.address + "/api/settings"
        async with server.client.patch(settings, json={"preset": preset}) as answer:
            assert answer.status == 200
        await (await begin(server)).read()
        assert "heron" in json.dumps(model.requests[-1].body)
        changed = {"name": "Mine", "template": "Now and then write {tag_example} for a stork."}
        async with server.client.patch(f"{presets}/{preset}", json=changed) as answer:
            assert answer.status == 200, await answer.text()
        await (await begin(server)).read()
        assert "stork" in json.dumps(model.requests[-1].body)


@pytest.mark.real_time
async def test_a_choice_is_answered_when_the_proxy_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes; and who listens to the events hears of it then, not before."""
    reading, read = asyncio.Event(), asyncio.Event()
    presets = Library.presets

    async def slow(library: Library) -> Any:
        reading.set()
        await read.wait()
        return await presets(library)

    async with (
        ChatServer(Reply.stream("Snow.")) as model,
        served(tmp_path, llm=model.url) as server,
    ):
        monkeypatch.setattr(Library, "presets", slow)
        events = server.running.services.hub.subscribe()
        url = server.address + "/api/settings"
        asked = asyncio.ensure_future(server.client.patch(url, json={"illustrate": False}))
        await reading.wait()
        assert not asked.done()
        assert "settings" not in [event.kind for event in events.take()]
        read.set()
        async with await asked as answer:
            assert answer.status == 200
        assert "settings" in [event.kind for event in events.take()]
        await (await begin(server)).read()
        assert "img-prompt" not in json.dumps(model.requests[-1].body)


@pytest.mark.real_time
async def test_a_choice_changes_nothing_else_of_the_proxy(tmp_path: Path) -> None:
    """Which server has which model is still known, so no list is asked for again."""

    class Counting(ChatServer):
        listed = 0

        async def _list(self, request: Any) -> Any:
            self.listed += 1
            return await super()._list(request)

    async with (
        Counting(Reply.stream("One."), models=["one"]) as first,
        Counting(Reply.stream("Two."), models=["two"]) as second,
        served(tmp_path, settings={"upstreams": [{"url": first.url}, {"url": second.url}]}) as it,
    ):
        async with it.client.get(it.address + "/v1/models") as answer:
            assert {one["id"] for one in (await answer.json())["data"]} == {"one", "two"}
        asked = (first.listed, second.listed)
        for choice in ({"every_words": 70}, {"width": 256}, {"depth": 1}):
            async with it.client.patch(it.address + "/api/settings", json=choice) as answer:
                assert answer.status == 200
            chat = it.address + "/v1/chat/completions"
            async with it.client.post(chat, json=ASKED | {"model": "two"}) as answer:
                assert "Two." in await answer.text()
        assert "70 words" in json.dumps(second.requests[-1].body)
        assert (first.listed, second.listed) == asked


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("options", "told"),
    [({}, "off; reason=unstreamed"), ({"mode": "inline"}, "inline"), ({"mode": "hold"}, "hold")],
)
async def test_a_mode_that_is_set_is_a_wish_even_if_it_is_the_default(
    tmp_path: Path, options: dict[str, Any], told: str
) -> None:
    """It wins over every guess; where nobody set one, what is no story is left alone."""
    async with (
        ChatServer(Reply.stream("Snow. ", TAG)) as model,
        served(tmp_path, llm=model.url, **options) as server,
    ):
        answer = await begin(server, json=ASKED | {"stream": False})
        await answer.read()
        assert answer.headers["X-Limner-Mode"] == told


@pytest.mark.real_time
async def test_what_a_picture_server_bears_is_learnt_and_shown(tmp_path: Path) -> None:
    """What is refused is drawn again, and it is told what was found out."""
    pictures: A1111Server = A1111Server(
        lambda _: Busy(0.05) if pictures.running else None, seconds=0.2
    )
    async with (
        pictures,
        A1111Backend(pictures.url) as backend,
        served(tmp_path, backend=backend) as server,
    ):
        asked = {"prompt": "a fox", "n": 4, "size": "64x64"}
        url = f"{server.address}/v1/images/generations"
        async with server.client.post(url, json=asked) as answer:
            assert answer.status == 200, await answer.text()
            assert len((await answer.json())["data"]) == 4
        assert "at once" in json.loads(await server.text("/api/about"))["bears"]


@pytest.mark.real_time
async def test_fewer_pictures_than_were_asked_for_come_with_the_reason(tmp_path: Path) -> None:
    """Four are asked for, and the budget allows two: two come, and why the others do not."""
    async with served(tmp_path, budget={"per_day": 2}) as server:
        url, body = server.address + "/v1/images/generations", {"prompt": "a fox", "n": 4}
        async with server.client.post(url, json=body) as answer:
            assert answer.status == 200
            told = await answer.json()
        assert len(told["data"]) == 2
        assert [one["code"] for one in told["failed"]] == ["rate_limit_exceeded"] * 2
        assert "the budget allows 2" in told["failed"][0]["message"]
        async with server.client.post(url, json={"prompt": "a fox", "n": 1}) as answer:
            assert answer.status == 429
