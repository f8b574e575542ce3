"""The queue, the gallery and the library over HTTP."""

import asyncio
import time
from pathlib import Path

import pytest
from tests.server.api.running import FOX, PATIENCE, Api, illustrated, running

from limner.server.preferences import Preferences
from limner.testing.scripted_backend import PIXEL

pytestmark = pytest.mark.real_time


async def waiting(api: Api, number: int) -> list[dict[str, object]]:
    """The jobs, when so many wait."""
    async with asyncio.timeout(PATIENCE):
        while True:
            queue = await api.ask("GET", "/queue")
            if queue["waiting"] == number:
                return list(queue["jobs"])


async def test_the_queue_says_what_waits_why_and_until_when(tmp_path: Path) -> None:
    """The one that is drawn, those behind it with position and reason, and the totals."""
    async with running(tmp_path, defaults=Preferences(max_concurrent=1)) as api:
        api.gate.open.clear()
        async with api.events() as events:
            begun = await api.ask("POST", "/chats/tale/illustrate", {"text": FOX * 3}, status=202)
            first, second, third = await waiting(api, 2)
            message = begun["message"]
            assert (first["state"], first["slot"]) == ("executing", f"{message}/0/0")
            assert (first["message"], first["chat"]) == (message, "tale")
            assert [second["position"], third["position"]] == [0, 1]
            assert second["reason"] == third["reason"] == "max_concurrent"
            assert (await api.ask("GET", "/queue?limit=1"))["more"] == 2
            assert (await events.until("queue", lambda data: data["waiting"] == 2)).data[
                "running"
            ] == 1
            job = str(third["id"]).replace("#", "%23")
            assert await api.ask("DELETE", f"/jobs/{job}") == {"cancelled": 1}
            await events.until("slot.failed")
            await api.fails("DELETE", f"/jobs/{job}", status=404)
            api.gate.open.set()
            await events.until("message.finished")
        queue = await api.ask("GET", "/queue")
        assert (queue["running"], queue["waiting"], queue["jobs"]) == (0, 0, [])
        assert (queue["totals"]["succeeded"], queue["totals"]["cancelled"]) == (2, 1)


async def test_an_interval_is_a_reason_with_an_end(tmp_path: Path) -> None:
    """What waits for the interval says until when, in seconds since the epoch."""
    async with running(tmp_path, defaults=Preferences(min_interval=600.0)) as api:
        await api.ask("POST", "/chats/tale/illustrate", {"text": FOX * 2}, status=202)
        *_, job = await waiting(api, 1)  # the other may still be drawn
        assert job["reason"] == "min_interval"
        assert isinstance(job["until"], float)
        assert 0 < job["until"] - time.time() <= 600


async def test_the_queue_is_paused_and_resumed(tmp_path: Path) -> None:
    """While it is paused nothing begins and everybody is told; how long, if it has an end."""
    async with running(tmp_path) as api:
        paused = await api.ask("POST", "/queue/pause")
        assert (paused["paused"], paused["paused_until"]) == (True, None)
        async with api.events() as events:
            await api.ask("POST", "/chats/tale/illustrate", {"text": FOX}, status=202)
            (job,) = await waiting(api, 1)
            assert (job["reason"], job["until"]) == ("pause", None)
            assert (await api.ask("POST", "/queue/resume"))["paused"] is False
            await events.until("message.finished")
        paused = await api.ask("POST", "/queue/pause", {"seconds": 60})
        assert 0 < paused["paused_until"] - time.time() <= 60
        await api.ask("POST", "/queue/resume")
        await api.fails("POST", "/queue/pause", {"seconds": -1}, status=422)
        await api.fails("POST", "/queue/pause", {"seconds": "long"}, status=422)


async def test_the_gallery_has_pages_and_filters(tmp_path: Path) -> None:
    """Pictures of all chats or of one, by words, shown ones or others, page after page."""
    async with running(tmp_path) as api:
        await illustrated(api, '<!--img-prompt="a fox"--> <!--img-prompt="an owl"-->')
        await illustrated(api, '<!--img-prompt="a Fox at sea"-->', chat="other")
        assert await prompts(api, "") == ["a Fox at sea", "an owl", "a fox"]
        assert await prompts(api, "chat=tale") == ["an owl", "a fox"]
        assert await prompts(api, "prompt=FOX") == ["a Fox at sea", "a fox"]
        assert await prompts(api, "selected=false") == []
        page = await api.ask("GET", "/pictures?limit=2")
        assert await prompts(api, f"limit=2&after={page['next']}") == ["a fox"]
        last = await api.ask("GET", f"/pictures?limit=2&after={page['next']}")
        assert last["next"] is None


async def prompts(api: Api, query: str) -> list[str]:
    """The prompts of a page of the gallery."""
    page = await api.ask("GET", f"/pictures?{query}")
    return [entry["prompt"] for entry in page["pictures"]]


async def test_pictures_are_given_out_for_ever_and_safely(tmp_path: Path) -> None:
    """Bytes, facts and a small copy by digest; nothing a browser would run; 304 for who has it."""
    async with running(tmp_path) as api:
        await illustrated(api)
        entry = (await api.ask("GET", "/pictures"))["pictures"][0]["picture"]
        async with api.client.get(api.address + entry["url"]) as answer:
            assert (answer.content_type, await answer.read()) == ("image/png", PIXEL)
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            known = {"If-None-Match": answer.headers["ETag"]}
        async with api.client.get(api.address + entry["url"], headers=known) as answer:
            assert answer.status == 304
        small = f"{api.address}{entry['thumbnail']}"
        tags = set()
        for side in (64, 128):
            async with api.client.get(f"{small}?side={side}") as answer:
                assert answer.content_type == "image/webp"
                assert "immutable" in answer.headers["Cache-Control"]
                assert answer.headers["Vary"] == "Origin"
                tags.add(answer.headers["ETag"])
                known = {"If-None-Match": f'"x", {answer.headers["ETag"]}'}
            async with api.client.get(f"{small}?side={side}", headers=known) as answer:
                assert (answer.status, answer.headers["Vary"]) == (304, "Origin")
        assert len(tags) == 2
        for path in ("", "/thumbnail"):
            nothing = f"{api.address}/api/pictures/{'0' * 64}{path}"
            async with api.client.get(nothing, headers={"If-None-Match": "*"}) as answer:
                assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")
        info = await api.ask("GET", f"/pictures/{entry['digest']}/info")
        assert (info["width"], info["height"]) == (768, 512)
        await api.fails("GET", f"/pictures/{'0' * 64}", status=404)
        await api.fails("GET", f"/pictures/{'0' * 64}/thumbnail", status=404)
        await api.fails("GET", "/pictures/..%2f..%2fetc", status=404)
        await api.fails("GET", f"/pictures/{entry['digest']}/thumbnail?side=5", status=422)


async def test_the_library_is_looked_after(tmp_path: Path) -> None:
    """What cleaning would remove is told first; then it does; a sound library is called sound."""
    async with running(tmp_path) as api:
        message = await illustrated(api)
        await api.ask("DELETE", f"/messages/{message}", status=204)
        told = await api.ask("POST", "/library/clean", {"keep_deleted": 0.0})
        assert (told["dry_run"], told["messages"]) == (True, 1)
        done = await api.ask("POST", "/library/clean", {"keep_deleted": 0.0, "dry_run": False})
        assert done["messages"] == 1
        await api.fails("POST", f"/messages/{message}/restore", status=404)
        assert (await api.ask("POST", "/library/check"))["sound"] is True


async def test_a_library_that_cannot_be_used_is_a_503(tmp_path: Path) -> None:
    """The client is told that it is the server's storage, and never by a traceback."""
    async with running(tmp_path) as api:
        message = await illustrated(api)
        await api.services.library.aclose()
        for method, path in (
            ("GET", "/chats"),
            ("GET", f"/messages/{message}"),
            ("PATCH", "/settings"),
            ("POST", f"/slots/{message}/0/0/regenerate"),
        ):
            body = {"width": 256} if method == "PATCH" else None
            error = await api.fails(method, path, body, status=503)
            assert error["kind"] == "storage_closed"
