"""Reference pictures over HTTP: kept, shown to the servers they are meant for, and to no other."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo
from tests.server.served import Served, served
from tests.server.test_roles import house
from tests.waiting import until

from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.horde.backend import HordeBackend
from limner.backends.images.pool import Member, PoolBackend
from limner.testing.a1111_server import A1111Server
from limner.testing.horde_server import HordeServer

pytestmark = pytest.mark.real_time


def face(side: int = 2000) -> bytes:
    """A picture with a secret in it."""
    told, whole = PngInfo(), io.BytesIO()
    told.add_text("parameters", "home address")
    Pillow.new("RGB", (side, side // 2), "red").save(whole, "PNG", pnginfo=told)
    return whole.getvalue()


async def ask(
    server: Served, method: str, path: str, data: bytes | None = None, status: int = 200
) -> Any:
    """The answer of the API as JSON; else its bytes."""
    url = f"{server.address}/api{path}"
    sent = None if data is None else io.BytesIO(data)
    async with server.client.request(method, url, data=sent) as answer:
        body = await answer.read()
        assert answer.status == status, body[:300]
        return await answer.json() if answer.content_type == "application/json" else body


async def illustrated(server: Served, text: str) -> Any:
    """The slots of a text whose pictures have ended."""
    url = f"{server.address}/api/chats/tale/illustrate"
    async with server.client.post(url, json={"text": text}) as answer:
        message = (await answer.json())["message"]
    sessions = server.running.services.illustrator.sessions
    await until(lambda: not sessions.active())
    return (await ask(server, "GET", f"/messages/{message}"))["slots"]


async def test_one_is_kept_and_drawn_after(tmp_path: Path) -> None:
    """Freed of what else stands in it and made smaller; a tag names it; the picture tells of it."""
    async with A1111Server() as a1111, A1111Backend(a1111.url) as backend:
        async with served(tmp_path, backend=backend) as server:
            kept = await ask(server, "PUT", "/references/ann.png", face())
            assert (kept["width"], kept["height"], kept["kinds"]) == (1024, 512, ["a1111"])
            assert b"home address" not in await ask(server, "GET", "/references/ann.png")
            (listed,) = (await ask(server, "GET", "/references"))["references"]
            assert listed == kept
            (slot,) = await illustrated(server, '<!--img-prompt="Ann" reference="ann.png"-->')
            await ask(server, "DELETE", "/references/ann.png", status=204)
            await ask(server, "GET", "/references/ann.png", status=404)
    assert a1111.jobs[0].request.path.endswith("/img2img")
    assert slot["alternatives"][0]["picture"]["info"]["references"] == ["ann.png"]


async def test_it_is_never_sent_to_a_server_it_is_not_meant_for(tmp_path: Path) -> None:
    """Neither when another one draws later, nor to another member of a pool."""
    async with A1111Server() as a1111, HordeServer() as horde:
        async with A1111Backend(a1111.url) as local:
            async with served(tmp_path, backend=local) as server:
                await ask(server, "PUT", "/references/ann.png", face())
                await illustrated(server, '<!--img-prompt="Bo"-->')
        away = HordeBackend(horde.url, poll=0.01)
        async with away, served(tmp_path, backend=away) as server:
            (listed,) = (await ask(server, "GET", "/references"))["references"]
            assert (listed["shown_now"], listed["kinds"]) == (False, ["a1111"])
            text = '<!--img-prompt="Ann" reference="ann.png, last"-->'
            (slot,) = await illustrated(server, text)
            ignored = slot["alternatives"][0]["picture"]["info"]["ignored"]
            assert ignored["reference"].count("not meant for this server") == 2
        members = [
            Member(name="local", backend=A1111Backend(a1111.url)),
            Member(name="away", backend=HordeBackend(horde.url, poll=0.01)),
        ]
        async with PoolBackend(members) as pool, served(tmp_path, backend=pool) as server:
            listed = await ask(server, "GET", "/references")
            assert listed["kinds"] == ["a1111", "horde"]
            await ask(server, "PUT", "/references/bo.png?kinds=a1111", face(64))
            tags = '<!--img-prompt="Bo" reference="bo.png"-->' * 2
            await illustrated(server, tags)
            error = await ask(server, "PUT", "/references/x.png?kinds=novelai", face(64), 422)
            assert "a1111, horde" in error["error"]["message"]
    assert all("source_image" not in job.body for job in horde.jobs)
    assert sum("init_images" in job.body for job in a1111.jobs) == 1


async def test_what_cannot_be_used_is_refused_in_a_line(tmp_path: Path) -> None:
    """No picture, a name that means another, or one that leads elsewhere."""
    async with served(tmp_path) as server:
        for path, data, status, why in (
            ("/references/ann.png", b"<svg/>", 422, "no picture that can be used"),
            ("/references/ann.png", b"", 422, "no picture that can be used"),
            ("/references/last", face(64), 422, "picture of the chat"),
            ("/references/a%2Cb", face(64), 422, ""),
            ("/references/%231", face(64), 422, ""),
            ("/references/ann.png", b"\x89PNG" + bytes(9 << 20), 413, ""),
        ):
            error = await ask(server, "PUT", path, data, status)
            assert why in error["error"]["message"]
        assert (await ask(server, "GET", "/references"))["references"] == []


async def test_users_have_theirs_to_themselves(tmp_path: Path) -> None:
    """An admin's are everybody's, and nobody else changes them."""
    async with house(tmp_path, household=False) as home:

        async def put(who: str, name: str) -> int:
            url = f"{home.server.address}/api/references/{name}"
            sent = {"Authorization": f"Bearer {home.tokens[who]}"}
            async with home.server.client.put(url, data=face(64), headers=sent) as answer:
                return answer.status

        async def names(who: str) -> list[str]:
            _, told = await home.ask(who, "GET", "/references")
            return [one["name"] for one in told["references"]]

        for who, name in (("boss", "all.png"), ("anna", "ann.png"), ("ben", "ben.png")):
            assert await put(who, name) == 200
        assert await names("anna") == ["all.png", "ann.png"]
        assert len(await names("boss")) == 3
        assert (await home.ask("ben", "GET", "/references/ann.png"))[0] == 404
        assert (await home.ask("ben", "DELETE", "/references/all.png"))[0] == 404
        assert (await home.ask("ben", "DELETE", "/references/ben.png"))[0] == 204


async def test_a_redraw_names_one_over_http(tmp_path: Path) -> None:
    """An earlier picture of the chat."""
    async with A1111Server() as a1111, A1111Backend(a1111.url) as backend:
        async with served(tmp_path, backend=backend) as server:
            slots = await illustrated(server, '<!--img-prompt="Ann"--><!--img-prompt="Bo"-->')
            url = f"{server.address}/api/slots/{slots[1]['id']}/regenerate"
            async with server.client.post(url, json={"reference": "#1"}) as answer:
                assert answer.status == 202
            await until(lambda: len(a1111.jobs) == 3)
    assert a1111.jobs[2].request.path.endswith("/img2img")


async def test_a_character_of_the_settings_names_one(tmp_path: Path) -> None:
    """Who occurs in a prompt is drawn after the picture; a style's counts where it is chosen."""
    ann = {"name": "Ann", "prompt": "red coat", "reference": "ann.png"}
    ink = {"name": "ink", "prefix": "ink", "reference": "ink.png"}
    async with A1111Server() as a1111, A1111Backend(a1111.url) as backend:
        async with served(tmp_path, backend=backend) as server:
            await ask(server, "PUT", "/references/ann.png", face(64))
            url = f"{server.address}/api/settings"
            chosen = {"characters": [ann], "styles": [ink]}
            async with server.client.patch(url, json=chosen) as answer:
                assert answer.status == 200
                told = (await answer.json())["settings"]
            await illustrated(server, '<!--img-prompt="Ann at sea"--><!--img-prompt="a fox"-->')
    assert told["characters"][0]["reference"] == "ann.png"
    assert told["styles"][0]["reference"] == "ink.png"
    routes = {job.body["prompt"]: job.request.path.rpartition("/")[2] for job in a1111.jobs}
    assert sorted(routes.values()) == ["img2img", "txt2img"]
    assert routes["a fox"] == "txt2img"
