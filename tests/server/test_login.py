"""Logging in and out: by our own forms only, under any path, and never unawares."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.server.reverse_proxy import reverse_proxy
from tests.server.served import TOKEN, served
from tests.server.test_guard import BEARER, everything

from limner.server.guard.prefix import OURS

pytestmark = pytest.mark.real_time

FORM = {"token": TOKEN}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_only_a_form_of_our_own_page_logs_in_and_out(tmp_path: Path) -> None:
    """Whatever is said of it must be ours; pages on the list of those that may use the API, too."""
    origins = ["https://chat.example", "*"]
    async with served(tmp_path, token=TOKEN, origins=origins) as server:
        own = server.address
        for headers, ours in (
            ({}, True),
            ({"Origin": own}, True),
            ({"Origin": own, "Sec-Fetch-Site": "same-origin"}, True),
            ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
            ({"Origin": "null"}, False),
            ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),
            ({"Origin": "null", "Sec-Fetch-Site": "same-site"}, False),
            ({"Origin": "null", "Sec-Fetch-Site": "none"}, False),
            ({"Origin": own, "Sec-Fetch-Site": "cross-site"}, False),
            ({"Origin": own, "Sec-Fetch-Site": "same-site"}, False),
            ({"Origin": "https://evil.example"}, False),
            ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
            ({"Origin": "https://chat.example"}, False),
            ({"Origin": "http://localhost:1"}, False),
            ({"Sec-Fetch-Site": "cross-site"}, False),
        ):
            for path in ("/login", "/logout"):
                told = await server.status("POST", path, data=FORM, headers=headers)
                assert told == (303 if ours else 403), (path, headers)


async def test_a_cookie_counts_only_from_our_own_page(tmp_path: Path) -> None:
    """A browser sends it by itself; who asks is told by where the page is from."""
    async with served(tmp_path, token=TOKEN, origins=["https://chat.example"]) as server:
        own = server.address
        for headers, ours in (
            ({}, True),
            ({"Origin": own}, True),
            ({"Sec-Fetch-Site": "same-origin"}, True),
            ({"Sec-Fetch-Site": "none"}, True),
            ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
            ({"Origin": "null"}, False),
            ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),
            ({"Origin": "https://evil.example"}, False),
            ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
            ({"Origin": "https://chat.example"}, False),
            ({"Origin": own, "Sec-Fetch-Site": "cross-site"}, False),
            ({"Sec-Fetch-Site": "same-site"}, False),
        ):
            shown = headers | {"Cookie": f"limner_token={TOKEN}"}
            told = await server.status("GET", "/api/chats", headers=shown)
            assert told == (200 if ours else 401), headers


async def test_a_link_logs_in_at_once_only_who_opened_it_themselves(tmp_path: Path) -> None:
    """Led there by a page, or where the browser does not tell, a person is asked first."""
    async with served(tmp_path, token=TOKEN) as server:
        for headers, asks in (
            ({}, False),
            ({"Accept": "*/*"}, False),
            (BROWSER | {"Sec-Fetch-Site": "none"}, False),
            (BROWSER | {"Sec-Fetch-Site": "same-origin"}, False),
            (BROWSER | {"Sec-Fetch-Site": "same-site"}, True),
            (BROWSER | {"Sec-Fetch-Site": "cross-site"}, True),
            ({"Sec-Fetch-Site": "cross-site"}, True),
            (BROWSER, True),
        ):
            async with server.client.get(
                f"{server.address}/?token={TOKEN}", headers=headers, allow_redirects=False
            ) as answer:
                assert answer.status == (200 if asks else 303), headers
                assert ("Set-Cookie" in answer.headers) is not asks
                assert answer.headers["Cache-Control"] == "no-store"
                page = await answer.text()
            if asks:
                assert f'type="hidden" name="token" value="{TOKEN}"' in page
                assert "as default" in page
        wrong = BROWSER | {"Sec-Fetch-Site": "cross-site"}
        assert await server.status("GET", "/?token=<b>", headers=wrong) == 401
        assert await server.status("POST", f"/?token={TOKEN}") == 401
        assert await server.status("POST", f"/?token={TOKEN}", headers=BEARER) == 404


async def test_logging_out_drops_the_cookie(tmp_path: Path) -> None:
    """The page offers it to those who have a name, and only by POST."""
    async with served(tmp_path, token=TOKEN) as server:
        cookie = {"Cookie": f"limner_token={TOKEN}"}
        assert '"user":"default"' in await server.text("/api/about", headers=cookie)
        assert await server.status("GET", "/logout") == 401
        async with server.client.post(
            f"{server.address}/logout", headers=cookie, allow_redirects=False
        ) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "./")
            assert answer.headers["Set-Cookie"].startswith("limner_token=; Max-Age=0;")
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("strips", [True, False])
@pytest.mark.parametrize("keeps_host", [True, False])
async def test_it_works_below_a_path(tmp_path: Path, strips: bool, keeps_host: bool) -> None:
    """Behind a proxy that takes the path off, and behind one that does not; and directly."""
    async with reverse_proxy("/apps/limner") as front:
        public = f"http://127.0.0.1:{front.port}/apps/limner"
        async with served(tmp_path, token=TOKEN, public_url=public) as server:
            front.target, front.strips, front.keeps_host = server.address, strips, keeps_host
            origin = {"Origin": f"http://127.0.0.1:{front.port}"}
            async with server.client.get(f"{public}/") as page:
                assert 'action="login"' in await page.text()
            login = server.client.post(
                f"{public}/login", data=FORM, headers=origin, allow_redirects=False
            )
            async with login as answer:
                assert answer.status == 303
                assert answer.headers["Location"] == "./"
                # Without a Path a browser sends it to where it came from and below.
                assert "path=" not in answer.headers["Set-Cookie"].lower()
                cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
            for address in (public, server.address, f"{server.address}/apps/limner"):
                for path, headers, status in (
                    ("/", cookie, 200),
                    ("/", {}, 401),
                    ("/healthz", {}, 200),
                    ("/api/chats", BEARER, 200),
                    ("/v1/models", BEARER, 200),
                    (f"/images/{'0' * 32}.png", {}, 200),
                    ("/api/chats", {}, 401),
                ):
                    async with server.client.get(address + path, headers=headers) as answer:
                        assert answer.status == status, (address, path)


async def test_without_its_last_slash_the_page_leads_to_where_its_links_are_right(
    tmp_path: Path,
) -> None:
    """With what was asked, and to no place but that."""
    async with served(tmp_path, public_url="http://h.example/limner") as server:
        for path, place in (
            ("/limner", "/limner/"),
            ("/limner?token=a%20b", "/limner/?token=a%20b"),
        ):
            answer = await server.raw(
                f"GET {path} HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n".encode()
            )
            assert answer.startswith(b"HTTP/1.1 308 ")
            assert f"\r\nlocation: {place}\r\n".encode() in answer
        for path, status in (
            ("/limner/limner", 404),
            ("/limners", 404),
            ("/limner/%2e%2e/x", 400),
            ("/limner//evil.example", 400),
            ("/x/limner/healthz", 404),
        ):
            answer = await server.raw(
                f"GET {path} HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n".encode()
            )
            assert answer.startswith(f"HTTP/1.1 {status} ".encode()), (path, answer)


async def test_a_path_that_is_called_like_one_of_ours_changes_nothing(tmp_path: Path) -> None:
    """Below /chat there could be two meanings; the proxy must take such a path off."""
    async with served(tmp_path, public_url="http://h.example/chat") as server:
        assert await server.status("POST", "/chat/completions", json={}) == 200
        assert await server.status("GET", "/chat/healthz") == 404
        begins = {urlsplit(path).path.split("/")[1] for _, path in await everything(server)}
        assert begins - {"nothing"} <= OURS


async def test_nobody_keeps_what_the_api_tells(tmp_path: Path) -> None:
    """Neither a browser nor a cache on the way, whatever is asked and however it ends."""
    async with served(tmp_path, token=TOKEN) as server:
        for method, path in await everything(server):
            if method != "GET" or "/v1" in path:
                continue
            for headers in (BEARER, {}):
                async with server.client.get(server.address + path, headers=headers) as answer:
                    assert answer.headers["Cache-Control"] == "no-store", path
