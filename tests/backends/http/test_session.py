"""Requests to a server: bounds, errors, and what it may make us fetch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.http.refusal import Remedies
from limner.backends.http.secrets import Secrets, basic, bearer, clean_key
from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import Timeouts
from limner.backends.http.untrusted_url import (
    ForbiddenAddress,
    check_url,
    host_allowed,
    is_public,
    public_connector,
)
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    BadPicture,
)  # fmt: skip
from limner.testing.picture_server import FakePictureServer, plain_picture

REMEDIES = Remedies(key="set LIMNER_TEST_KEY", address="start it with --api")
PICTURE = plain_picture(8, 8)


class Odd(FakePictureServer):
    """Answers each path in its own odd way."""

    def routes(self) -> list[web.RouteDef]:
        """One route for all."""
        return [web.route("*", "/{name:.*}", self._answer)]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name == "picture.png":
            return web.Response(body=PICTURE)
        if name == "to":
            raise web.HTTPFound(request.query["place"])
        if name == "silent":
            await asyncio.Event().wait()
        if name == "status":
            status, wait = int(request.query["is"]), request.query.get("wait")
            headers = {"Retry-After": wait} if wait else {}
            return web.json_response({"detail": "its words"}, status=status, headers=headers)
        if name == "quota":
            quota = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "12"}
            return web.json_response({}, headers=quota)
        return web.Response(text="<html><title>Router</title></html>", content_type="text/html")


@asynccontextmanager
async def odd(**options: object) -> AsyncIterator[tuple[Odd, ServerSession]]:
    """The server and a session with it."""
    async with Odd() as server:
        session = ServerSession(server.url, kind="test", remedies=REMEDIES, **options)  # type: ignore[arg-type]
        try:
            yield server, session
        finally:
            await session.aclose()


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, BackendRejected, "its words"),
        (401, BackendRejected, "LIMNER_TEST_KEY"),
        (403, BackendRejected, "LIMNER_TEST_KEY"),
        (404, BackendRejected, "start it with --api"),
        (422, BackendRejected, "its words"),
        (429, BackendBusy, "its words"),
        (500, BackendUnavailable, "its words"),
        (503, BackendBusy, "its words"),
        (504, BackendTimeout, "its words"),
    ],
)
async def test_each_status_has_its_error(status: int, kind: type[BackendError], words: str) -> None:
    """The error says whose fault it is, with the server's words or the remedy."""
    async with odd() as (_, session):
        with pytest.raises(kind, match=words) as caught:
            await session.request("GET", "/status", params={"is": str(status)}, wanted="thing")
    assert caught.value.status == status


@pytest.mark.real_time
async def test_busy_says_for_how_long_and_quotas_are_noted() -> None:
    """Retry-After is carried by the error; the headers of a quota stand in `rates`."""
    async with odd() as (_, session):
        params = {"is": "429", "wait": "7"}
        with pytest.raises(BackendBusy) as caught:
            await session.request("GET", "/status", params=params, wanted="thing")
        assert caught.value.retry_after == 7.0
        await session.request("GET", "/quota", wanted="thing")
        assert (session.rates.limit, session.rates.remaining) == (300, 12)


@pytest.mark.real_time
async def test_another_kind_of_server_is_told() -> None:
    """A web page in the place of JSON is named by its title."""
    async with odd() as (_, session):
        answer = await session.request("GET", "/page", wanted="thing")
        with pytest.raises(BackendRejected, match=r"no test server: .* titled “Router”"):
            answer.json()


@pytest.mark.real_time
async def test_each_time_limit_holds() -> None:
    """A server that does not begin to answer is given up."""
    timeouts = Timeouts(first_byte=0.05)
    async with odd(timeouts=timeouts) as (_, session):
        with pytest.raises(BackendTimeout, match=r"within 0\.05 s"):
            await session.request("GET", "/silent", wanted="thing")
    with pytest.raises(ValueError, match="idle must be more than 0"):
        Timeouts(idle=0)


@pytest.mark.real_time
async def test_a_closed_session_refuses() -> None:
    """Closing twice is fine; asking afterwards is told as what it is."""
    async with odd() as (_, session):
        await session.aclose()
        await session.aclose()
        with pytest.raises(BackendUnavailable, match="closed"):
            await session.request("GET", "/page", wanted="thing")


@pytest.mark.real_time
@pytest.mark.parametrize("start", ["/picture.png", "picture.png", "{url}/picture.png"])
async def test_a_picture_of_the_server_itself_is_fetched(start: str) -> None:
    """By path or whole URL, also through a redirect that stays there."""
    async with odd() as (server, session):
        assert await session.fetch(start.format(url=server.url), largest=1 << 20) == PICTURE
        assert await session.fetch("/to?place=/picture.png", largest=1 << 20) == PICTURE
        with pytest.raises(BadPicture, match="more than"):
            await session.fetch(start.format(url=server.url), largest=10)
        with pytest.raises(BadPicture, match="not there"):
            await session.fetch("/status?is=404", largest=10)


@pytest.mark.real_time
@pytest.mark.parametrize(
    "place",
    [
        "http://169.254.169.254/latest/", "http://127.0.0.1:22/", "http://[::1]/",
        "http://10.1.2.3/", "http://192.168.0.1/", "http://[fd00::1]/", "http://0.0.0.0/",
        "http://localhost/", "file:///etc/passwd", "ftp://example.org/x", "http://2130706433/",
        "http://[::ffff:127.0.0.1]/", "https://100.64.0.1/", "data:text/html,x",
    ],
)  # fmt: skip
async def test_no_redirect_leads_into_a_private_network(place: str) -> None:
    """Every hop is checked, even where every host is allowed."""
    async with odd(hosts=("*",)) as (_, session):
        with pytest.raises(
            BadPicture, match=r"private network|no web address|not allowed|not there"
        ):
            await session.fetch(f"/to?place={place}", largest=1 << 20)


@pytest.mark.real_time
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_address_really_connected_to_decides(host: str) -> None:
    """The guard stands at the socket: a name that resolves to this machine gets nowhere."""
    async with Odd() as server, aiohttp.ClientSession(connector=public_connector()) as client:
        url = server.url.replace("127.0.0.1", host)
        with pytest.raises((aiohttp.ClientError, ForbiddenAddress), match="no public address"):
            await client.get(f"{url}/picture.png")
        assert server.requests == []


@pytest.mark.real_time
async def test_redirects_end_somewhere() -> None:
    """A ring of redirects is left."""
    async with odd() as (_, session):
        with pytest.raises(BadPicture, match="from address to address"):
            await session.fetch("/to?place=/to%3Fplace%3D/to%253Fplace%253D/to%25253Fplace%25253D/"
                                "to%2525253Fplace%2525253D/x", largest=100)  # fmt: skip


@pytest.mark.real_time
async def test_the_key_goes_to_the_server_and_to_nobody_else() -> None:
    """Headers with the key are for one origin; a foreign host is refused unless allowed."""
    async with odd(headers=bearer("sk-secret-1"), secrets=["sk-secret-1"]) as (server, session):
        await session.fetch("/picture.png", largest=1 << 20)
        assert server.requests[-1].headers["authorization"] == "Bearer sk-secret-1"
        assert "sk-secret-1" not in repr(session)
        with pytest.raises(BadPicture, match="option hosts"):
            await session.fetch("https://cdn.example.org/x.png", largest=1 << 20)


@pytest.mark.parametrize("url", ["host", "ftp://host", "http://", "http://h/?a=b", "http://[", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    """With what it must look like."""
    with pytest.raises(BackendRejected, match="must begin with http"):
        ServerSession(url, kind="test", remedies=REMEDIES)


def test_a_password_in_an_address_is_never_shown() -> None:
    """Not in the repr, nor in the error for a bad address."""
    session = ServerSession("http://me:secret-1@host", kind="test", remedies=REMEDIES)
    assert "secret-1" not in repr(session) + session.shown
    with pytest.raises(BackendRejected) as caught:
        ServerSession("ftp://me:secret-1@host", kind="test", remedies=REMEDIES)
    assert "secret-1" not in str(caught.value)


def test_secrets_are_struck_out_in_every_form() -> None:
    """As they are, quoted, in base64, and a password without its user."""
    secrets = Secrets(["me:pass word"])
    for form in (
        "me:pass word",
        "pass word",
        "pass%20word",
        basic("me:pass word")["Authorization"],
    ):
        assert "pass" not in secrets.strike(f"no: {form}")
        assert "bWU6" not in secrets.strike(f"no: {form}")
    with pytest.raises(BackendRejected):
        clean_key("ключ")


def test_an_address_with_a_user_in_it_is_refused() -> None:
    """Also on the server itself: nobody but us says who we are."""
    base = URL("http://here:1")
    with pytest.raises(BadPicture, match="a user in it"):
        check_url(URL("http://me:pw@here:1/x.png"), base=base, allowed=(), server="http://here:1")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.1.1", "::1", "fe80::1%eth0", "fc00::1", "0.0.0.0",
     "::ffff:192.168.0.1", "64:ff9b::7f00:1", "224.0.0.1", "2002:7f00:1::", "no address", "",
     "::127.0.0.1", "::8.8.8.8", "fec0::1", "64:ff9b:1::1", "192.88.99.1", "168.63.129.16",
     "::ffff:168.63.129.16"],
)  # fmt: skip
def test_private_addresses_are_known_in_every_disguise(address: str) -> None:
    """Loopback, link-local, private, multicast, also mapped into IPv6."""
    assert not is_public(address)


def test_hosts_are_allowed_by_name() -> None:
    """A star stands for one or more names before a domain, never for half a name."""
    assert host_allowed("a.b.example.org", ["*.example.org"])
    assert not host_allowed("example.org.evil.com", ["*.example.org"])
    assert host_allowed("example.org.", ["EXAMPLE.org"])
    assert not host_allowed("x", [])


@pytest.mark.parametrize(
    ("headers", "reset"),
    [
        ({"x-ratelimit-reset-requests": "20ms"}, 0.02),
        ({"x-ratelimit-reset": "1700000060"}, 60.0),
        ({"ratelimit-reset": "30"}, 30.0),
        ({"x-ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_quota_headers_are_read_in_every_dialect(
    headers: dict[str, str], reset: float | None
) -> None:
    """Seconds, durations, instants; what makes no sense is none."""
    assert RateHeaders.read(headers, now=1_700_000_000.0).reset == pytest.approx(reset)


async def _of_length(length: int, body: bytes) -> str:
    """What is told of a body whose length is not what the answer says."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        session = ServerSession(f"http://127.0.0.1:{port}", kind="x", remedies=REMEDIES)
        with pytest.raises(BackendUnavailable) as caught:
            await session.request("GET", "/", wanted="x")
        await session.aclose()
    assert caught.value.status in (None, 200)
    return str(caught.value)


@pytest.mark.real_time
async def test_a_false_length_is_told_as_what_it_is() -> None:
    """Too short: there is more; too long: it was cut. It is not another protocol."""
    body = b'{"images": []}'
    assert "more than the Content-Length" in await _of_length(5, body)
    assert "after 14 of 20 bytes" in await _of_length(20, body)


@pytest.mark.parametrize(
    "url", ["http://\\", "http://h:99999", "http://h:x", "http://[::1", "http://a b", "http://"]
)
def test_an_address_that_nobody_can_ask_is_a_typed_refusal(url: str) -> None:
    """Also where only the client's own reading of URLs fails."""
    with pytest.raises(BackendRejected):
        ServerSession(url, kind="x", remedies=REMEDIES)


@pytest.mark.parametrize(
    "url", ["http://xn--", "http://.:0/", "http://xn--http://\\[", "http://u@h/", "http://h:0/"]
)
async def test_a_pictures_address_that_nobody_can_ask_is_a_typed_refusal(url: str) -> None:
    """A server's answer never ends in a traceback."""
    session = ServerSession("http://127.0.0.1:9", kind="x", remedies=REMEDIES, hosts=["*"])
    with pytest.raises(BadPicture):
        await session.fetch(url, largest=100)
    await session.aclose()
