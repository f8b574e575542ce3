"""Pictures of a slow server in a plain page of others, in Chromium and in Firefox.

``python -m tests.frontends.live.plain_page NGINX SHOTS [SECONDS [CADDY]]``: straight, under a
name of the local network over plain http, and behind an nginx and a Caddy that are told nothing but
where limner is. A picture takes so many seconds.
"""

import asyncio
import contextlib
import hashlib
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from playwright.async_api import Request
from tests.frontends.browser import opened
from tests.frontends.checking import Checks
from tests.frontends.firefox import firefox
from tests.frontends.live.tabs import ChromiumTab, FirefoxTab, Tab, kind_of, seen, tab
from tests.frontends.running import free_port, limner_serving, running
from tests.server.live.watching import BROWSER
from tests.waiting import pause, until

from limner.testing.a1111_server import A1111Server
from limner.testing.chat_server import ChatRequest, ChatServer, Reply
from limner.testing.picture_fault import Fault, Rejected
from limner.testing.picture_job import Recorded

PROMPTS = ("a fox", "an owl", "a crow", "a stag", "a pike", "a bee", "a toad", "a wolf")
HERE = "127.0.0.1"
LAN = "paint.lan"
"""A name of this machine that says nothing of it."""
STORY = "\n\n".join(f'Then came <!--img-prompt="{one}"--> {one}.' for one in PROMPTS)


def a_story(request: ChatRequest) -> Reply:
    """A story of many animals, or of one that cannot be drawn."""
    if "cannot be drawn" in json.dumps(request.body["messages"]):
        return Reply.stream('Then came <!--img-prompt="a chimera"--> it.')
    return Reply.stream(STORY)


def no_chimeras(asked: Recorded) -> Fault | None:
    """The picture server cannot draw everything."""
    if "chimera" in json.dumps(asked.body):
        return Rejected(status=422, message="a chimera cannot be drawn by this model")
    return None


RENDER_AGAIN = """for (let i = 0; i < 20; i++) { const box = document.getElementById('box');
    box.innerHTML = box.innerHTML; await new Promise(on => setTimeout(on, 10)); }"""
OWN_PAGE = """
    while (!document.getElementById('composer')) await new Promise(on => setTimeout(on, 50));
    const reader = (await fetch('api/events')).body.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    return [document.title !== '', first];"""
SIZE = "const p = document.images[0]; return p.naturalWidth + 'x' + p.naturalHeight"


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked at.

    Attributes:
        limner: Its address, as browsers know it.
        log: What it wrote.
        front: The address of a page of others; ``#`` and paths of pictures go behind it.
        shots: Where screenshots go.
        seconds: How long a picture takes.
        name: By which name browsers know this machine.
    """

    limner: str
    log: Path
    front: str
    shots: Path
    seconds: float
    name: str = HERE

    def named(self, url: str) -> str:
        """An address under the name by which browsers know this machine."""
        return url.replace(HERE, self.name)


async def a_page(request: web.Request) -> web.Response:
    """A page that shows the pictures that its address names."""
    images = "".join(f'<img width="480" src="{src}"> ' for src in request.query.getall("src"))
    text = f'<!doctype html><body style="background:#fff"><div id="box">{images}</div>'
    return web.Response(text=text, content_type="text/html")


@contextlib.asynccontextmanager
async def a_front() -> AsyncIterator[str]:
    """A server of others; gives the address of its page."""
    app = web.Application()
    app.add_routes([web.get("/page", a_page)])
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/page"
    finally:
        await runner.cleanup()


async def told(limner: str, asked: str = "Go.") -> list[str]:
    """The addresses of the pictures of a new story."""
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": asked}]}
    url = f"{limner}/v1/chat/completions"
    async with aiohttp.ClientSession() as client, client.post(url, json=body) as answer:
        return re.findall(r"\((http://[^)]+\.png)\)", await answer.text())


def page_of(place: Place, *urls: str) -> str:
    """The address of a page with these pictures."""
    return place.named(f"{place.front}?{'&'.join(f'src={url}' for url in urls)}")


async def grows(tab: Tab, place: Place, name: str, checks: Checks) -> None:
    """One picture: it queues, is drawn, shows previews, and is there, all in one request."""
    urls = await told(place.limner)
    first, second = urls[:2]
    await tab.goto(page_of(place, second))
    kinds: list[str] = []
    sizes: set[str] = set()
    loop = asyncio.get_running_loop()
    end, rendered = loop.time() + 3 * place.seconds + 30, False
    while loop.time() < end:
        shot = await seen(tab)
        kind = kind_of(shot)
        sizes.add(await tab.evaluate(SIZE))
        if kind and kind not in kinds:
            kinds.append(kind)
            shot.save(place.shots / f"{name}-{kind}.png")
        if kind in ("bar", "preview") and not rendered:
            rendered = True
            await tab.evaluate(RENDER_AGAIN)
        if kind == "picture":
            break
        await pause(0.3, because="a person looks at it")
    grown = kinds[:1] == ["words"] and kinds[-2:] == ["preview", "picture"]
    checks.holds(f"{name}: it waits, shows previews, is there", grown, kinds)
    sizes.discard("0x0")
    checks.holds(f"{name}: it has its size from the first frame", sizes == {"768x512"}, sizes)
    for _ in range(2):
        await tab.evaluate(RENDER_AGAIN)
    await until(lambda: asked_for(place, second) > 0, patience=20)
    count = asked_for(place, second)
    checks.holds(f"{name}: sixty renderings made one request", count == 1, count)
    asked = place.named(first)
    plain = await tab.evaluate(f"return (await fetch({asked!r})).headers.get('content-type')")
    checks.holds(f"{name}: a script gets a plain picture", plain.startswith("image/"), plain)


def keep(file: Path, shot: bytes) -> None:
    """Keep what is seen."""
    file.write_bytes(shot)


def asked_for(place: Place, url: str) -> int:
    """How often a picture was asked for, as limner's log tells."""
    path = "/images/" + url.rpartition("/")[2]
    return place.log.read_text("utf-8").count(f"GET {path} 200")


async def ends_as_it_was_drawn(place: Place, checks: Checks, name: str) -> None:
    """What a browser is sent in the end is, byte for byte, what everybody gets."""
    first = (await told(place.limner))[0]
    async with aiohttp.ClientSession() as client:
        async with client.get(first, headers=BROWSER) as answer:
            body = await answer.read()
        async with client.get(first) as answer:
            whole = await answer.read()
    last = body.split(b"\r\n\r\n")[-1]
    held = body.count(b"--limner-picture\r\n") > 2 and whole in body and last.startswith(whole[:8])
    told_of = hashlib.sha256(whole).hexdigest()[:12], len(body)
    checks.holds(f"{name}: it ends as the bytes that were drawn", held, told_of)


async def chats_beside_six(tab: Tab, place: Place, name: str, checks: Checks) -> None:
    """Six pictures wait in one window; limner's own page, its events and a chat work in another."""
    urls = await told(place.limner)
    await tab.goto(page_of(place, *urls[2:8]))
    await until_shown(tab, 6)
    keep(place.shots / f"{name}-six.png", await tab.screenshot())
    async with asyncio.timeout(60):
        own = await tab.another(f"{place.limner}/", OWN_PAGE)
    checks.holds(f"{name}: limner's page and its events work in another window",
                 own[0] and "hello" in own[1], own)  # fmt: skip
    script = f"""
        const began = performance.now(), base = {place.limner!r};
        const answer = await fetch(base + '/v1/chat/completions', {{method: 'POST',
            headers: {{'Content-Type': 'application/json'}},
            body: JSON.stringify({{model: 'm:off', stream: true,
                messages: [{{role: 'user', content: 'Go.'}}]}})}});
        const text = await answer.text();
        return [answer.status, text.includes('[DONE]'), performance.now() - began];"""
    async with asyncio.timeout(30):
        status, ended, took = await tab.evaluate(script)
    checks.holds(f"{name}: a chat works beside six waiting pictures ({took:.0f} ms)",
                 status == 200 and ended and took < 5000, (status, ended, took))  # fmt: skip


async def until_shown(tab: Tab, count: int) -> None:
    """Wait until so many pictures of the page show something."""
    script = "return [...document.images].filter(one => one.naturalWidth).length"

    async def shown() -> bool:
        return bool(await tab.evaluate(script) >= count)

    await until(shown, patience=60, every=0.3)


@contextlib.asynccontextmanager
async def behind_nginx(program: str, limner: str, place: Path, port: int) -> AsyncIterator[None]:
    """An nginx that is told where limner is, and nothing else."""
    temporary = "".join(
        f"{one}_temp_path {place}/{one};\n"
        for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (place / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {place}/nginx.pid;\nerror_log {place}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}server {{ listen 127.0.0.1:{port};\n"
        f"location / {{ proxy_pass {limner}; proxy_set_header Host $http_host; }} }} }}\n"
    )
    command = [program, "-p", str(place), "-c", str(place / "nginx.conf")]
    up = f"http://127.0.0.1:{port}/healthz"
    async with running(command, answers=up, log=place / "nginx.log"):
        yield


@contextlib.asynccontextmanager
async def behind_caddy(program: str, limner: str, place: Path, port: int) -> AsyncIterator[None]:
    """A Caddy that is told where limner is, and nothing else."""
    (place / "Caddyfile").write_text(
        f"{{\nadmin off\n}}\nhttp://127.0.0.1:{port} {{\nreverse_proxy {limner}\n}}\n"
    )
    command = [program, "run", "--config", str(place / "Caddyfile"), "--adapter", "caddyfile"]
    up, home = f"http://127.0.0.1:{port}/healthz", {"HOME": str(place)}
    async with running(command, answers=up, log=place / "caddy.log", env=home):
        yield


async def says_why(tab: Tab, place: Place, name: str, checks: Checks) -> None:
    """A picture that fails ends as a frame with the reason, in its size."""
    (url,) = await told(place.limner, "Tell of what cannot be drawn.")
    await tab.goto(page_of(place, url))
    async with aiohttp.ClientSession() as client:

        async def failed() -> bool:
            async with client.get(f"{place.limner}/picture/{url[-24:-4]}") as answer:
                return "cannot be drawn by this model" in await answer.text()

        await until(failed, patience=60)
    await until_shown(tab, 1)
    await pause(1, because="the last frame is painted")
    shot = await seen(tab)
    shot.save(place.shots / f"{name}-failed.png")
    kind = kind_of(shot)
    checks.holds(
        f"{name}: a failed one says why", kind in ("words", "bar"), kind
    )  # in a warm colour
    size = await tab.evaluate(SIZE)
    checks.holds(f"{name}: a failed one has its size", size == "768x512", size)


async def by_a_name_of_the_network(place: Place, checks: Checks) -> None:
    """Over plain http browsers do not say what a request is for: what they accept tells."""
    rules = f"--host-resolver-rules=MAP {LAN} 127.0.0.1"
    asked: list[dict[str, str]] = []
    async with opened("about:blank", rules) as page:

        async def note(request: Request) -> None:
            if "/images/" in request.url:
                asked.append(await request.all_headers())

        page.on("request", note)
        await grows(ChromiumTab(page), place, f"chromium-{LAN}", checks)
        bare = [one for one in asked if not any(key.startswith("sec-fetch") for key in one)]
        checks.holds(
            f"{LAN}: nothing says what the request is for", bool(asked) and bare == asked, asked
        )
    async with firefox(names=LAN) as window:
        shown = FirefoxTab(window)
        await grows(shown, place, f"firefox-{LAN}", checks)
        here = await shown.evaluate("return location.hostname")
        checks.holds(f"firefox-{LAN}: that is its name there", here == LAN, here)


async def stop_all(place: Place) -> None:
    """Draw nothing of what is asked for by now."""
    async with aiohttp.ClientSession() as client:
        (await client.post(f"{place.limner}/api/stop")).release()


async def look(browser: str, place: Place, checks: Checks, way: str) -> None:
    """All of it in one browser."""
    name = f"{browser}-{way}"
    async with tab(browser) as page:
        try:
            await grows(page, place, name, checks)
            await stop_all(place)  # so that the next one is not behind all of them
            await says_why(page, place, name, checks)
            await chats_beside_six(page, place, name, checks)
        except Exception as error:
            keep(place.shots / f"{name}-broke.png", await page.screenshot())
            checks.holds(f"{name}: nothing broke", False, repr(error))


async def one_way(way: str, program: str, shots: Path, seconds: float, checks: Checks) -> None:
    """Straight, or behind nginx."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place, port = Path(folder), free_port()
        async with (
            ChatServer(a_story, models=["m"]) as model,
            A1111Server(no_chimeras, seconds=seconds) as easel,
            a_front() as front,
            contextlib.AsyncExitStack() as stack,
        ):
            env: dict[str, Any] = {"LIMNER_BACKEND": f"a1111+{easel.url}"}
            env["LIMNER_MAX_CONCURRENT"] = "1"
            env["LIMNER_SERVE__ORIGINS"] = '["*"]'
            if program:
                env["LIMNER_SERVE__PUBLIC_URL"] = f"http://127.0.0.1:{port}"
            env["LIMNER_SERVE__HOSTS"] = f'["{LAN}"]'
            limner = await stack.enter_async_context(limner_serving(model.url, place, env=env))
            if program:
                behind = behind_nginx if way == "nginx" else behind_caddy
                await stack.enter_async_context(behind(program, limner, place, port))
                limner = f"http://127.0.0.1:{port}"
            looked_at = Place(limner, place / "limner.log", front, shots, seconds)
            await ends_as_it_was_drawn(looked_at, checks, way)
            for browser in ("firefox", "chromium"):
                await stop_all(looked_at)
                await look(browser, looked_at, checks, way)
            if way == "straight":
                await by_a_name_of_the_network(replace(looked_at, name=LAN), checks)
            (shots / f"{way}-limner.log").write_bytes((place / "limner.log").read_bytes())


async def main(nginx: str, caddy: str, shots: Path, seconds: float) -> int:
    """Look every way; the exit status."""
    checks = Checks()
    ways = {"straight": "", "nginx": nginx} | ({"caddy": caddy} if caddy else {})
    for way, program in ways.items():
        await one_way(way, program, shots, seconds, checks)
    return min(1, checks.failed)


if __name__ == "__main__":
    kept = Path(sys.argv[2]).absolute()
    kept.mkdir(parents=True, exist_ok=True)
    lasting = float(sys.argv[3]) if len(sys.argv) > 3 else 8.0
    proxies = sys.argv[1], sys.argv[4] if len(sys.argv) > 4 else ""
    sys.exit(asyncio.run(main(*proxies, kept, lasting)))
