"""A model that is silent for 70 s, behind an nginx as installed, which gives up after 60 s.

Run it with the program's path: ``python -m tests.frontends.silent_model /usr/sbin/nginx``.
"""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

import aiohttp
from tests.frontends.checking import Checks
from tests.frontends.reverse_proxies import nginx_conf
from tests.frontends.running import free_port, limner_serving, running
from tests.waiting import pause

from limner.testing.chat_server import ChatServer, Reply

DEFAULTS = "server { listen 80; location / { proxy_pass http://127.0.0.1:8750; } }"
"""No setting but the address."""
SILENCE = 70.0
KEEP_ALIVE = b": keep-alive\n\n"
CHAT = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
STORY = Reply.stream('A fox. <!--img-prompt="a red fox"--> It ran.')
FULL = Reply.error(503, "no room left")


async def ask(proxy: str, begins: asyncio.Event) -> tuple[int, bytes]:
    """The status and all that comes of a model that is silent so long."""
    async with aiohttp.ClientSession() as client:
        asked = asyncio.create_task(_read(client, f"{proxy}/v1/chat/completions"))
        await pause(SILENCE, because="nginx's own patience of 60 s is what is tested")
        begins.set()
        return await asked


async def _read(client: aiohttp.ClientSession, url: str) -> tuple[int, bytes]:
    async with client.post(url, json=CHAT) as answer:
        return answer.status, await answer.read()


async def main(nginx: str) -> int:
    """Ask for a story and get one, and an error; the exit status."""
    begins, checks = asyncio.Event(), Checks()
    ports = {"443": free_port(), "80": free_port()}
    proxy = f"http://127.0.0.1:{ports['80']}"
    late = [Reply(one.steps, one.status, one.headers, before=(begins,)) for one in (STORY, FULL)]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        async with ChatServer(late) as model, limner_serving(model.url, place) as limner:
            command = [nginx, *nginx_conf(DEFAULTS, place, limner, ports)]
            log = place / "nginx.log"
            async with running(command, answers=f"{proxy}/healthz", log=log):
                told, failed = await asyncio.gather(ask(proxy, begins), ask(proxy, begins))
    if b"no room left" in told[1]:
        told, failed = failed, told
    for what, (status, came) in (("a story", told), ("an error", failed)):
        checks.holds(f"{what}: the head came in time", status == 200, (status, came))
        checks.holds(f"{what}: the silence was filled", came.count(KEEP_ALIVE) >= 4, came)
        checks.holds(f"{what}: it ends well", came.endswith(b"data: [DONE]\n\n"), came)
    shown = re.search(rb"A fox\..*!\[.*/images/.*It ran", told[1], re.DOTALL)
    checks.holds("the story came with its picture", shown is not None, told[1])
    checks.holds(
        "the error says what the model's server said", b"no room left" in failed[1], failed
    )
    return min(1, checks.failed)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))
