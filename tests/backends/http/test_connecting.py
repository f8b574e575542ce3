"""Headers of one's own, and proxies: what every backend of a server takes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from yarl import URL

from limner.backends.http.connecting import Connecting, proxy_for
from limner.backends.http.refusal import Remedies
from limner.backends.http.session import ServerSession
from limner.errors import BackendError, BadPicture, ConfigError
from limner.illustration import BackendAddress, ImageRequest, make_backend
from limner.illustration.capabilities import close
from limner.testing.a1111_server import A1111Server

REMEDIES = Remedies(key="set LIMNER_TEST_KEY", address="is it right?")
FOX = ImageRequest(prompt="a fox")
ENVIRONMENT = {"http": "http://gate.example:3128", "https": "gate.example:3129"}


class Gate:
    """A proxy that answers by itself, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.address = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer whatever is asked for with an empty object."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b"\r\n")[0].decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                     b"Content-Length: 2\r\n\r\n{}")  # fmt: skip
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def gate() -> AsyncIterator[Gate]:
    """A proxy on loopback."""
    made = Gate()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    async with server:
        made.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made


@pytest.mark.real_time
async def test_own_headers_go_with_every_request() -> None:
    """Also with those that only look; a secret one is struck out of what is shown."""
    options = {"header.X-Gateway-Key": "open-sesame-1", "header.X-Team": "art"}
    async with A1111Server() as server:
        backend = make_backend(f"a1111+{server.url}", options=options)
        await backend.generate(FOX)
        await close(backend)
        assert {r.headers.get("x-gateway-key") for r in server.requests} == {"open-sesame-1"}
        assert "open-sesame-1" not in repr(backend)


async def test_an_own_header_goes_before_the_key() -> None:
    """Whoever writes an Authorization means it."""
    own = Connecting(headers={"authorization": "Token mine-own"})
    session = ServerSession(
        "http://me:secret@here/", kind="x", remedies=REMEDIES, connecting=own,
        headers={"Authorization": "Bearer other"},
    )  # fmt: skip
    assert session.secrets.strike("no: mine-own") == "no: ***"
    await session.aclose()


@pytest.mark.parametrize(
    ("name", "value"),
    [("Host", "there"), ("Content-Length", "3"), ("X Y", "a"), ("X-A", "a\r\nX-B: b"), ("", "a")],
)
def test_a_header_that_cannot_be_set_is_told(name: str, value: str) -> None:
    """When the backend is made."""
    with pytest.raises(ConfigError, match="header"):
        make_backend("a1111+http://here:7860", options={f"header.{name}": value})


def test_a_header_keeps_its_name_in_an_address_and_a_secret_one_does_not_stand_there() -> None:
    """Other options may be written with either dash; a header's name is its own."""
    address = BackendAddress.parse("openai+http://here?header.X-Team=art&partial-images=0")
    assert dict(address.options) == {"header.X-Team": "art", "partial_images": "0"}
    with pytest.raises(ConfigError, match="settings file"):
        BackendAddress.parse("openai+http://here?header.X-Api-Key=abc")


@pytest.mark.real_time
async def test_a_proxy_that_is_set_is_asked_for_everything() -> None:
    """The server's name is for the proxy to find."""
    async with gate() as proxy:
        session = ServerSession(
            "http://pictures.example:7860", kind="x", remedies=REMEDIES,
            connecting=Connecting(proxy=proxy.address), hosts=["*"],
        )  # fmt: skip
        answer = await session.request("GET", "/list", wanted="list")
        assert answer.json() == {}
        assert await session.fetch("http://cdn.example/1.png", largest=100) == b"{}"
        for private in ("http://10.0.0.1/", "http://localhost/", "http://[::1]/"):
            with pytest.raises(BadPicture):
                await session.fetch(private, largest=100)
        await session.aclose()
    assert proxy.asked == [
        "GET http://pictures.example:7860/list HTTP/1.1", "GET http://cdn.example/1.png HTTP/1.1",
    ]  # fmt: skip


async def test_a_proxy_that_is_not_there_is_told_without_its_password() -> None:
    """It may stand in the proxy's address."""
    session = ServerSession(
        "http://pictures.example", kind="x", remedies=REMEDIES,
        connecting=Connecting(proxy="http://me:hidden-word@127.0.0.1:9"),
    )  # fmt: skip
    with pytest.raises(BackendError) as caught:
        await session.request("GET", "/", wanted="x")
    await session.aclose()
    assert "hidden-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://far.example/", "http://gate.example:3128"),
        ("wss://far.example/ws", "http://gate.example:3129"),
        ("http://8.8.8.8/", "http://gate.example:3128"),
        ("http://127.0.0.1:7860/", None),
        ("http://192.168.1.5:8188/", None),
        ("http://[::1]:8188/", None),
        ("http://desk:7860/", None),
        ("http://desk.local:7860/", None),
        ("http://spared.example/", None),
    ],
)
def test_the_environments_proxy_is_for_the_internet(url: str, proxy: str | None) -> None:
    """Without it servers at home would be asked through the office's proxy."""
    found = proxy_for(
        URL(url), environment=lambda: ENVIRONMENT, exempt=lambda host: host == "spared.example"
    )
    assert found == (None if proxy is None else URL(proxy))
    assert proxy_for(URL(url), "none", environment=lambda: ENVIRONMENT) is None


@pytest.mark.parametrize("setting", ["gate:3128", "socks5://gate", "http://", "http://["])
def test_a_proxy_that_is_none_is_told(setting: str) -> None:
    """When the backend is made."""
    with pytest.raises(ConfigError, match="proxy"):
        make_backend("comfyui+http://here:8188", options={"proxy": setting})
