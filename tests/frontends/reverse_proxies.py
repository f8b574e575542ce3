"""`limner serve` behind a real nginx, as docs/deploy/nginx.conf has it, and behind Caddy.

Run it with the program's path, and its configuration in the documentation:
``python -m tests.frontends.reverse_proxies /usr/sbin/nginx docs/deploy/nginx.conf``.
"""

import asyncio
import contextlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from tests.frontends.browser import opened
from tests.frontends.checking import Checks
from tests.frontends.running import free_port, limner_serving, running

from limner.testing.chat_server import ChatServer, Reply

TAG = '<!--img-prompt="a red fox in the snow"-->'
TOKEN = "a-token-that-nobody-guesses"
FORM = {"token": TOKEN}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True, slots=True)
class Way:
    """One way in.

    Attributes:
        name: What it is called.
        url: Under which browsers reach limner.
        host: The name that the configuration serves there.
    """

    name: str
    url: str
    host: str


def ways(program: str, ports: dict[str, int]) -> list[Way]:
    """The ways that a configuration has."""
    own, path = ("https", "https") if program == "caddy" else ("https", "http")
    made = [
        Way("TLS", f"{own}://tales.example.org:{ports['443']}", "tales.example.org"),
        Way("path", f"{path}://example.org:{ports['443' if path == 'https' else '80']}/limner",
            "example.org"),
    ]  # fmt: skip
    if program == "nginx":
        plain = f"http://tales.home.arpa:{ports['80']}"
        made.insert(1, Way("plain", plain, "tales.home.arpa"))
    return made


def certificate(place: Path) -> tuple[Path, Path]:
    """A certificate for the hosts of the examples, signed by itself."""
    made = place / "tales.pem", place / "tales.key"
    names = "subjectAltName=DNS:tales.example.org,DNS:example.org"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=tales.example.org", "-addext", names]
    command += ["-out", str(made[0]), "-keyout", str(made[1])]
    subprocess.run(command, check=True, capture_output=True)
    return made


def nginx_conf(given: str, place: Path, limner: str, ports: dict[str, int]) -> list[str]:
    """Write the configuration with these ports and files; gives the command."""
    cert, key = certificate(place)
    text = given.replace("http://127.0.0.1:8750", limner)
    text = re.sub(r"listen (443|80)", lambda m: f"listen 127.0.0.1:{ports[m[1]]}", text)
    text = text.replace("/etc/ssl/certs/tales.pem", str(cert))
    text = text.replace("/etc/ssl/private/tales.key", str(key))
    temporary = "".join(
        f"{one}_temp_path {place}/{one};\n"
        for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (place / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {place}/nginx.pid;\nerror_log {place}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{text}\n}}\n"
    )
    return ["-p", str(place), "-c", str(place / "nginx.conf")]


def caddy_conf(given: str, place: Path, limner: str, ports: dict[str, int]) -> list[str]:
    """The same for Caddy, which signs for itself here."""
    text = given.replace("127.0.0.1:8750", limner.removeprefix("http://"))
    text = re.sub(r"^([a-z.]+) \{$", rf"\1:{ports['443']} {{\n\ttls internal", text, flags=re.M)
    head = f"{{\n\tadmin off\n\tskip_install_trust\n\thttp_port {ports['80']}\n"
    head += f"\thttps_port {ports['443']}\n\tstorage file_system {place}/caddy\n}}\n"
    (place / "Caddyfile").write_text(head + text)
    return ["run", "--config", str(place / "Caddyfile")]


class ToLoopback(aiohttp.abc.AbstractResolver):
    """All names are this machine's."""

    async def resolve(
        self, host: str, port: int = 0, family: int = 0
    ) -> list[aiohttp.abc.ResolveResult]:
        """Where a host is."""
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": port,
                "family": 2,
                "proto": 0,
                "flags": 0,
            }
        ]

    async def close(self) -> None:
        """Nothing was opened."""


@contextlib.asynccontextmanager
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that finds the hosts of the examples, and believes any certificate."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    connector = aiohttp.TCPConnector(resolver=ToLoopback(), ssl=trusting, family=socket.AF_INET)
    async with aiohttp.ClientSession(connector=connector) as made:
        yield made


async def look(way: Way, model: ChatServer, goes_on: asyncio.Event, checks: Checks) -> None:
    """A stream, a picture, a large body and the form, by one way."""
    base, name = way.url, way.name
    async with client() as asking:
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
        url = f"{base}/v1/chat/completions"
        async with asking.post(url, json=body, headers=BEARER) as answer:
            first = await asyncio.wait_for(answer.content.readuntil(b"Once"), 30)
            checks.holds(f"{name}: text comes before the answer ends", b"Once" in first, first)
            goes_on.set()
            rest = (await answer.read()).decode()
        goes_on.clear()
        shown = re.search(r"!\[[^]]*]\(([^)]+)\)", rest)
        at = shown[1] if shown else ""
        checks.holds(
            f"{name}: the picture is at the public URL", at.startswith(f"{base}/images/"), at
        )
        async with asking.get(at) as picture:
            kind = picture.content_type
            checks.holds(
                f"{name}: it is shown", (picture.status, kind[:6]) == (200, "image/"), kind
            )
        large = asking.post(f"{base}/login", data={"token": "x" * (3 << 20)})
        async with large as answer:  # limner's own 401
            checks.holds(f"{name}: 3 MB get through", answer.status == 401, answer.status)
        origin = {"Origin": "/".join(base.split("/")[:3]), "Sec-Fetch-Site": "same-origin"}
        login = asking.post(f"{base}/login", data=FORM, headers=origin, allow_redirects=False)
        async with login as answer:
            secure = "; Secure" in answer.headers.get("Set-Cookie", "")
            checks.holds(f"{name}: the form logs in", answer.status == 303, answer.status)
            checks.holds(f"{name}: the cookie is as secure as it can be",
                         secure == base.startswith("https"))  # fmt: skip


async def look_in_a_browser(way: Way, checks: Checks) -> None:
    """The form and the links of the page, as a browser follows them."""
    mapped = ["--host-resolver-rules=MAP * 127.0.0.1", "--ignore-certificate-errors"]
    async with opened(way.url, *mapped) as page:
        spoken = await page.evaluate(
            "performance.getEntriesByType('navigation')[0].nextHopProtocol"
        )
        await page.fill("#token", TOKEN)
        await page.click("button")
        await page.get_by_role("button", name="New chat").wait_for()
        inside = page.url.partition("#")[0]
        checks.holds(f"{way.name}: a browser logs in", inside == f"{way.url}/", page.url)
        if way.url.startswith("https"):
            checks.holds(f"{way.name}: by HTTP/2", spoken == "h2", spoken)
        await page.get_by_role("link", name="Connect", exact=True).click()
        for link in ("openapi.json", "healthz"):
            async with page.expect_navigation() as led:
                await page.get_by_role("link", name=f"/{link}").click()
            answer = await led.value
            told = answer and (answer.status, answer.url)
            checks.holds(f"{way.name}: links lead on", told == (200, f"{way.url}/{link}"), told)
            await page.go_back()
        await page.get_by_role("link", name="Settings").click()
        await page.get_by_role("button", name=re.compile("^Log out")).click()
        await page.locator("#token").wait_for()
        checks.holds(f"{way.name}: a browser logs out", True)


async def main(program: str, given: str) -> int:
    """Run the program before limner, and look; the exit status."""
    checks, goes_on = Checks(), asyncio.Event()
    kind = Path(program).name
    reply = Reply.stream("Once ", goes_on, f"there was a fox. {TAG} It ran.")

    ports = {"443": free_port(), "80": free_port()}
    for way in ways(kind, ports):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            env = {"LIMNER_SERVE__TOKEN": TOKEN, "LIMNER_SERVE__PUBLIC_URL": way.url}
            async with ChatServer(reply) as model:
                async with limner_serving(model.url, place, env=env) as limner:
                    conf = nginx_conf if kind == "nginx" else caddy_conf
                    arguments = conf(given, place, limner, ports)
                    up = f"http://127.0.0.1:{ports['80']}/"
                    log = place / "proxy.log"
                    async with running([program, *arguments], answers=up, log=log, any_status=True):
                        await look(way, model, goes_on, checks)
                        await look_in_a_browser(way, checks)
    return min(1, checks.failed)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], Path(sys.argv[2]).read_text("utf-8"))))
