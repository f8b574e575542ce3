"""Pages of other programs ask to be let in; somebody at limner says yes or no."""

from pathlib import Path
from typing import Any

import pytest
from tests.server.served import TOKEN, Served, served

from limner.server.pairing import MOST_WAITING, PATIENCE, Pairings, may_ask
from limner.server.tokens import add_token

TAVERN = "http://127.0.0.1:8000"
FROM_TAVERN = {"Origin": TAVERN, "Sec-Fetch-Site": "same-site"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Kept:
    """A library's settings, in memory."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    async def setting(self, name: str, default: Any = None) -> Any:
        """What was kept."""
        return self.values.get(name, default)

    async def set_setting(self, name: str, value: Any) -> None:
        """Keep something."""
        self.values[name] = value


async def asked(server: Served, **options: Any) -> Any:
    """What a page is told that asks to be let in."""
    url = f"{server.address}/api/pairing"
    options = {"headers": FROM_TAVERN, "json": {"name": "SillyTavern"}} | options
    async with server.client.post(url, **options) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == TAVERN
        assert answer.status == 202
        return await answer.json()


async def readable(server: Served, path: str = "/api/chats", **headers: str) -> bool:
    """Whether a page of SillyTavern's may read an answer of the API, and change something."""
    told = FROM_TAVERN | headers
    async with server.client.get(server.address + path, headers=told) as answer:
        reads = answer.headers.get("Access-Control-Allow-Origin") == TAVERN
    changes = await server.status("POST", "/api/queue/resume", headers=told) == 200
    assert reads == changes
    return reads


@pytest.mark.real_time
async def test_a_page_that_was_let_in_uses_the_api_until_it_is_forgotten(tmp_path: Path) -> None:
    """It needs one yes, which counts after a restart as well, and can be taken back."""
    async with served(tmp_path) as server:
        assert not await readable(server)
        one = await asked(server)
        assert one["state"] == "waiting"
        assert len(one["code"]) == 4
        assert not await readable(server)
        async with server.client.get(server.address + "/api/origins") as answer:
            (waiting,) = (await answer.json())["waiting"]
        assert (waiting["origin"], waiting["code"]) == (TAVERN, one["code"])
        assert await server.status("POST", f"/api/origins/{one['id']}/allow") == 200
        assert await readable(server)
        state = f"/api/pairing/{one['id']}"
        assert '"allowed"' in await server.text(state, headers=FROM_TAVERN)
    async with served(tmp_path) as server:
        assert await readable(server)
        assert await server.status("DELETE", f"/api/origins?origin={TAVERN}") == 200
        assert not await readable(server)


@pytest.mark.real_time
async def test_a_page_that_was_refused_is_told_and_stays_outside(tmp_path: Path) -> None:
    """And it cannot say yes itself, since it may not use what says so."""
    async with served(tmp_path) as server:
        one = await asked(server)
        allow = f"/api/origins/{one['id']}/allow"
        assert await server.status("POST", allow, headers=FROM_TAVERN) == 403
        assert await server.status("POST", f"/api/origins/{one['id']}/refuse") == 200
        assert '"refused"' in await server.text(f"/api/pairing/{one['id']}", headers=FROM_TAVERN)
        assert not await readable(server)
        assert await server.status("GET", f"/api/pairing/{'0' * 32}", headers=FROM_TAVERN) == 404


@pytest.mark.real_time
async def test_where_tokens_are_wanted_a_page_needs_one_besides(tmp_path: Path) -> None:
    """Asking needs none and gives none; only an admin says yes where users have their own."""
    async with served(tmp_path, token=TOKEN, household=False) as server:
        anna = await add_token(server.library, "anna", now=0.0)
        one = await asked(server)
        allow = f"/api/origins/{one['id']}/allow"
        assert await server.status("POST", allow) == 401
        assert (
            await server.status("POST", allow, headers={"Authorization": f"Bearer {anna}"}) == 403
        )
        assert await server.status("POST", allow, headers=BEARER) == 200
        assert await server.status("GET", "/api/chats", headers=FROM_TAVERN) == 401
        assert await readable(server, **BEARER)


@pytest.mark.real_time
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"]
)
async def test_pages_from_elsewhere_may_not_even_ask(tmp_path: Path, origin: str) -> None:
    """Nor does anybody without an origin: programs need no permission."""
    async with served(tmp_path) as server:
        assert not may_ask(origin, "127.0.0.1:8750")
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
        assert await server.status("POST", "/api/pairing", headers=headers, json={}) == 403
        assert await server.status("POST", "/api/pairing", json={}) == 403
        assert server.running.services.pairings.waiting == ()


async def test_only_so_many_wait_and_only_so_long() -> None:
    """The oldest makes room; who asks again takes back what was asked before."""
    now = [0.0]
    pairings = Pairings(Kept(), clock=lambda: now[0])
    first = pairings.ask("http://localhost:1", "A")
    again = pairings.ask("http://LOCALHOST:1", "A")
    assert [one.id for one in pairings.waiting] == [again.id]
    assert pairings.state(first.id) is None
    for port in range(2, MOST_WAITING + 2):
        pairings.ask(f"http://localhost:{port}", "B")
    assert len(pairings.waiting) == MOST_WAITING
    assert pairings.state(again.id) is None
    now[0] += PATIENCE + 1
    assert pairings.waiting == ()
    assert await pairings.allow(again.id) is None


async def test_a_name_is_one_short_line() -> None:
    """Whatever a page calls itself."""
    pairings = Pairings(Kept(), clock=lambda: 0.0)
    told = pairings.ask("http://localhost:1", "Silly\nTavern" + "x" * 1000)
    assert told.name.startswith("Silly Tavern")
    assert len(told.name) <= 60
    assert pairings.ask("http://localhost:2", " \n ").name == "a program"
