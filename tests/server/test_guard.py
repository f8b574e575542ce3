"""Who and what gets in: nobody without a token, no page of others, nothing odd."""

import asyncio
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.server.served import PATIENCE, TOKEN, Served, served

from limner.server.guard import request_context
from limner.server.tokens import add_token, revoke_token
from limner.testing.chat_server import ChatServer, Reply

BEARER = {"Authorization": f"Bearer {TOKEN}"}
PROXIED = [
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/completions"),
    ("POST", "/v1/images/generations"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/x"),
    ("POST", "/chat/completions"),
    ("GET", "/models"),
    ("OPTIONS", "/v1/chat/completions"),
]
PAGES = [("GET", "/metrics"), ("GET", "/readyz"), ("GET", "/openapi.json"), ("GET", "/nothing")]


async def everything(server: Served) -> list[tuple[str, str]]:
    """Every method and path there is, from the API's own description."""
    async with server.client.get(server.address + "/openapi.json", headers=BEARER) as answer:
        described = (await answer.json())["paths"]
    api = [
        (method.upper(), re.sub(r"\{[^}]*\}", "x", path))
        for path, methods in described.items()
        for method in methods
    ]
    assert len(api) > 30
    return [*api, *PROXIED, *PAGES]


@pytest.mark.real_time
async def test_no_route_answers_without_the_token(tmp_path: Path) -> None:
    """Where a token is set, everything but pictures, liveness and the login wants it."""
    async with served(tmp_path, token=TOKEN) as server:
        for method, path in await everything(server):
            if (method, path) == ("POST", "/api/pairing"):
                continue  # whoever asks to be let in is not in yet
            assert await server.status(method, path) == 401, (method, path)
            wrong = {"Authorization": f"Bearer {TOKEN}x"}
            assert await server.status(method, path, headers=wrong) == 401, (method, path)
        assert await server.status("GET", "/") == 401
        assert await server.status("GET", "/healthz") == 200
        assert await server.status("GET", f"/images/{'0' * 32}.png") == 200
        assert await server.status("GET", "/api/chats", headers=BEARER) == 200
        assert await server.status("GET", "/metrics", headers=BEARER) == 200


@pytest.mark.real_time
async def test_who_is_refused_is_told_so_in_its_protocol(tmp_path: Path) -> None:
    """Programs read the errors of their own protocol only."""
    forms: dict[str, Callable[[Any], str]] = {
        "/v1/chat/completions": lambda told: told["error"]["message"],
        "/v1/completions": lambda told: told["error"]["message"],
        "/v1/messages": lambda told: told["error"]["message"] if told["type"] == "error" else "",
        "/v1/messages/count_tokens": lambda told: told["error"]["message"],
        "/ollama/api/chat": lambda told: told["error"],
        "/ollama/api/show": lambda told: told["error"],
        "/kobold/api/v1/generate": lambda told: told["detail"]["msg"],
        "/kobold/api/extra/abort": lambda told: told["detail"]["msg"],
        "/api/v1/generate": lambda told: told["detail"]["msg"],
        "/api/extra/abort": lambda told: told["detail"]["msg"],
        "/completion": lambda told: told["error"]["message"],
    }
    async with served(tmp_path, token=TOKEN) as server:
        for path, read in forms.items():
            async with server.client.post(server.address + path, json={}) as answer:
                assert answer.status == 401
                assert "wants a token" in read(await answer.json()), path


@pytest.mark.real_time
async def test_a_token_in_the_wrong_place_counts_for_nothing(tmp_path: Path) -> None:
    """Neither in a query beside the page, nor under another scheme, nor in another cookie."""
    async with served(tmp_path, token=TOKEN) as server:
        for path, headers in (
            (f"/api/chats?token={TOKEN}", {}),
            ("/api/chats", {"Authorization": f"Basic {TOKEN}"}),
            ("/api/chats", {"Authorization": TOKEN}),
            ("/api/chats", {"Cookie": f"token={TOKEN}"}),
        ):
            assert await server.status("GET", path, headers=headers) == 401, (path, headers)


@pytest.mark.real_time
async def test_tokens_are_named_counted_and_revoked_while_the_server_runs(tmp_path: Path) -> None:
    """The first one closes the door, each says whose it is, a revoked one is worthless."""
    async with served(tmp_path) as server:
        assert await server.status("GET", "/api/chats") == 200
        anna = {"Authorization": "Bearer " + await add_token(server.library, "anna", now=1.0)}
        server.running.app._tokens._read_at = float("-inf")  # as if a second had passed
        assert await server.status("GET", "/api/chats") == 401
        assert await server.status("GET", "/api/chats", headers=anna) == 200
        kept = str(await server.library.settings())
        assert anna["Authorization"].removeprefix("Bearer ") not in kept
        assert await add_token(server.library, "ben", now=2.0)
        assert await revoke_token(server.library, "anna")
        server.running.app._tokens._read_at = float("-inf")
        assert await server.status("GET", "/api/chats", headers=anna) == 401


@pytest.mark.real_time
async def test_a_browser_gets_a_cookie_that_no_script_and_no_other_site_can_use(
    tmp_path: Path,
) -> None:
    """From the form or a link; a request from another site shows it in vain."""
    async with served(tmp_path, token=TOKEN) as server:
        assert "<form" in await server.text("/")
        for method, path, form in (
            ("POST", "/login", {"token": TOKEN}),
            ("GET", f"/?token={TOKEN}", None),
        ):
            url = server.address + path
            async with server.client.request(
                method, url, data=form, allow_redirects=False
            ) as answer:
                assert answer.status == 303
                assert answer.headers["Location"] == "./"
                cookie = answer.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
        shown = {"Cookie": cookie.partition(";")[0]}
        assert "modulepreload" in await server.text("/", headers=shown)
        assert await server.status("GET", "/api/chats", headers=shown) == 200
        foreign = shown | {"Sec-Fetch-Site": "cross-site"}
        assert await server.status("GET", "/api/chats", headers=foreign) == 401
        assert await server.status("POST", "/login", data={"token": "wrong"}) == 401


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:1", 200),
        ("192.168.1.5:8750", 200),
        ("[fe80::1]", 200),
        ("limner.lan", 200),
        ("tales.example.org", 200),
        ("evil.example", 421),
        ("localhost.evil.example:8750", 421),
        ("tales.example.org.evil.example", 421),
        ("", 421),
        ("localhost@evil.example", 421),
    ],
)
async def test_a_name_that_is_not_ours_is_refused(tmp_path: Path, host: str, status: int) -> None:
    """A page that rebinds its own name to this machine gets nowhere."""
    async with served(
        tmp_path, hosts=["limner.lan"], public_url="https://tales.example.org"
    ) as server:
        for path in ("/api/chats", "/healthz"):
            assert await server.status("GET", path, headers={"Host": host}) == status


@pytest.mark.real_time
async def test_a_request_names_one_host(tmp_path: Path) -> None:
    """None, or two that contradict each other, are refused."""
    async with served(tmp_path) as server:
        for head in (b"", b"Host: localhost\r\nHost: evil.example\r\n"):
            answer = await server.raw(b"GET /api/chats HTTP/1.1\r\n" + head + b"\r\n")
            assert answer.startswith(b"HTTP/1.1 400 "), head


@pytest.mark.real_time
async def test_pages_of_others_may_not_act(tmp_path: Path) -> None:
    """Nothing is changed, and no stream of events opened, for a page somebody merely visits."""
    async with served(tmp_path, origins=["https://chat.example"]) as server:
        own = server.address
        for method, path, headers, status in (
            ("POST", "/api/chats", {"Origin": "https://evil.example"}, 403),
            ("POST", "/api/chats", {"Origin": "null"}, 403),
            ("POST", "/api/chats", {"Origin": "http://localhost:1"}, 403),
            ("POST", "/api/chats", {"Sec-Fetch-Site": "cross-site"}, 403),
            ("DELETE", "/api/chats/x", {"Origin": "https://evil.example"}, 403),
            ("GET", "/api/events", {"Origin": "https://evil.example"}, 403),
            ("GET", "/api/events", {"Sec-Fetch-Site": "same-site"}, 403),
            ("POST", "/v1/chat/completions", {"Origin": "https://evil.example"}, 403),
            ("GET", "/v1/models", {"Origin": "https://evil.example"}, 403),
            ("GET", "/v1/models", {"Origin": "http://localhost:1"}, 200),
            ("POST", "/login", {"Origin": "https://evil.example"}, 403),
            ("POST", "/api/chats", {"Origin": own}, 201),
            ("POST", "/api/chats", {"Origin": "https://chat.example"}, 201),
            ("POST", "/api/chats", {}, 201),
        ):
            body: Any = {"json": {}} if status == 201 else {}
            told = await server.status(method, path, headers=headers, **body)
            assert told == status, (method, path, headers)
        assert len(await server.library.chats()) == 3


@pytest.mark.real_time
async def test_pages_on_the_list_may_read_answers(tmp_path: Path) -> None:
    """The answer to their announcement says so, without a token; others get no such answer."""
    async with served(tmp_path, origins=["https://chat.example"], token=TOKEN) as server:
        ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-a"}
        for path in ("/api/chats", "/v1/chat/completions"):
            asked = ask | {"Origin": "https://chat.example"}
            async with server.client.options(server.address + path, headers=asked) as answer:
                assert answer.status == 204
                assert answer.headers["Access-Control-Allow-Origin"] == "https://chat.example"
                assert "x-a" in answer.headers["Access-Control-Allow-Headers"]
            foreign = ask | {"Origin": "https://evil.example"}
            async with server.client.options(server.address + path, headers=foreign) as answer:
                assert answer.status in (401, 403)
                assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.real_time
@pytest.mark.parametrize(
    "path",
    [
        "/images/../limner.db",
        "/images/%2e%2e/limner.db",
        "/images/%252e%252e/limner.db",
        "/images/..%5climner.db",
        "/api/chats/%00",
        "//evil.example/",
        "/api/./chats",
        "/%0d%0aSet-Cookie:x",
    ],
)
async def test_a_path_that_climbs_is_refused_and_logged(
    tmp_path: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """However it is written."""
    async with served(tmp_path) as server:
        with caplog.at_level(logging.INFO, "limner.access"):
            answer = await server.raw(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
        assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert "bad_path" in caplog.text


@pytest.mark.real_time
async def test_what_is_too_large_is_refused_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body by what it announces or by what comes, a head by what comes."""
    monkeypatch.setattr(request_context, "LINGER", 0.2)  # the rest of these never comes
    async with served(tmp_path, body_bytes=2000, header_bytes=2000) as server:
        big = b"x" * 3000
        start = b"POST /api/chats HTTP/1.1\r\nHost: localhost\r\n"
        chunked = start + b"Transfer-Encoding: chunked\r\n\r\nbb8\r\n" + big + b"\r\n"
        for sent, status in (
            (start + b"Content-Length: 3000\r\n\r\n", 413),
            (chunked, 413),
            (start + b"X-A: " + big + b"\r\n\r\n", 431),
            (start + b"X-A: " + big, 431),
            (b"GET /" + big, 431),
        ):
            with caplog.at_level(logging.INFO, "limner.access"):
                caplog.clear()
                answer = await server.raw(sent)
            assert answer.startswith(f"HTTP/1.1 {status} ".encode()), (sent[:80], answer)
            assert "too_large" in caplog.text
        assert await server.library.chats() == []


@pytest.mark.real_time
async def test_what_is_too_slow_is_refused_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Heads and bodies that trickle do not keep a connection for ever, nor does silence."""
    async with served(tmp_path, header_seconds=0.2, body_seconds=0.2) as server:
        body = b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{"
        for sent in (
            b"",
            b"GET /healthz HTTP/1.1\r\nHost: loc",
            b"POST /api/chats" + body,
            b"POST /v1/images/generations" + body,
        ):
            with caplog.at_level(logging.INFO, "limner.access"):
                caplog.clear()
                answer = await server.raw(sent)
            assert answer.startswith(b"HTTP/1.1 408 "), (sent, answer)
            assert "request_timeout" in caplog.text


@pytest.mark.real_time
async def test_refusals_have_the_form_their_client_understands(tmp_path: Path) -> None:
    """OpenAI's under /v1, the API's elsewhere."""
    async with served(tmp_path, token=TOKEN) as server:
        async with server.client.get(server.address + "/v1/models") as answer:
            error = (await answer.json())["error"]
            assert (error["type"], error["code"]) == ("authentication_error", "token_required")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        async with server.client.get(server.address + "/api/chats") as answer:
            assert (await answer.json())["error"]["kind"] == "token_required"


@pytest.mark.real_time
async def test_every_answer_has_strict_headers(tmp_path: Path) -> None:
    """Whoever makes it; pictures may be shown by pages of others."""
    async with served(tmp_path) as server:
        for path in ("/", "/api/chats", "/v1/models", "/healthz", "/nothing", "/login"):
            async with server.client.get(server.address + path) as answer:
                headers = answer.headers
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["Referrer-Policy"] == "same-origin", path
            assert headers["Cache-Control"] == "no-store", path
            assert headers["X-Frame-Options"] == "DENY", path
            assert "default-src 'none'" in headers["Content-Security-Policy"], path
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin", path
            assert headers["X-Request-Id"], path
            assert "Server" not in headers, path
        async with server.client.get(f"{server.address}/images/{'0' * 32}.png") as answer:
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.real_time
async def test_a_token_has_a_bound_on_requests_at_the_same_time(tmp_path: Path) -> None:
    """One user who opens too much does not take the places of all others."""
    options: dict[str, Any] = {
        "tokens": {"anna": TOKEN, "ben": TOKEN + "2"},
        "requests_per_token": 2,
    }
    async with served(tmp_path, **options) as server:
        url = server.address + "/api/events"
        async with (
            server.client.get(url, headers=BEARER) as first,
            server.client.get(url, headers=BEARER) as second,
        ):
            assert (first.status, second.status) == (200, 200)
            assert await server.status("GET", "/api/chats", headers=BEARER) == 429
            other = {"Authorization": f"Bearer {TOKEN}2"}
            assert await server.status("GET", "/api/chats", headers=other) == 200


@pytest.mark.real_time
async def test_a_client_that_does_not_read_is_given_up(tmp_path: Path) -> None:
    """With it the model's answer, which nobody will have."""
    megabyte = "x" * (1 << 20)
    reply = Reply.stream(*[megabyte] * 40)
    async with (
        ChatServer(reply) as model,
        served(tmp_path, llm=model.url, write_seconds=0.3) as server,
    ):
        host, port = server.address.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port), limit=1)
        body = b'{"stream": true, "messages": [{"role": "user", "content": "Go."}]}'
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        async with asyncio.timeout(PATIENCE):
            await (await model.request()).disconnected.wait()
        writer.close()
