"""Tokens over HTTP: made once, told once, worthless when they are revoked."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.server.served import PATIENCE, TOKEN, Served, served

pytestmark = pytest.mark.real_time

CREATED = b"event: chat.created"


async def call(it: Served, method: str, path: str, token: str = "", **options: Any) -> Any:
    """Status and body of an answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{it.address}/api{path}"
    async with it.client.request(method, url, headers=headers, **options) as answer:
        return answer.status, None if answer.status == 204 else await answer.json()


async def test_the_first_token_shuts_the_door_and_the_last_one_opens_it(tmp_path: Path) -> None:
    """At once: whoever made it is asked for it with the next request."""
    async with served(tmp_path) as it:
        status, made = await call(it, "POST", "/tokens", json={"name": "anna", "admin": True})
        assert (status, made["name"]) == (201, "anna")
        assert (await call(it, "GET", "/tokens"))[0] == 401
        status, told = await call(it, "GET", "/tokens", made["token"])
        (one,) = told["tokens"]
        assert (one["name"], one["admin"], one["front_end"], one["configured"]) == (
            "anna", True, False, False,
        )  # fmt: skip
        assert made["token"] not in str(told)
        again = await call(it, "POST", "/tokens", made["token"], json={"name": "anna"})
        assert (again[0], again[1]["error"]["field"]) == (422, "name")
        wrong = await call(it, "POST", "/tokens", made["token"], json={"name": "no/body"})
        assert wrong[0] == 422
        assert (await call(it, "DELETE", "/tokens/ben", made["token"]))[0] == 404
        assert (await call(it, "DELETE", "/tokens/anna", made["token"]))[0] == 204
        assert await call(it, "GET", "/tokens") == (200, {"tokens": []})


async def test_those_of_the_configuration_stay(tmp_path: Path) -> None:
    """And where users have theirs to themselves, only an admin sees or makes any."""
    tokens = {"ben": "a-token-of-ben-that-is-long"}
    async with served(tmp_path, token=TOKEN, tokens=tokens, household=False) as it:
        assert (await call(it, "GET", "/tokens", tokens["ben"]))[0] == 403
        assert (await call(it, "POST", "/tokens", tokens["ben"], json={"name": "x"}))[0] == 403
        _, told = await call(it, "GET", "/tokens", TOKEN)
        assert [(one["name"], one["configured"]) for one in told["tokens"]] == [
            ("default", True), ("ben", True),
        ]  # fmt: skip
        assert (await call(it, "DELETE", "/tokens/ben", TOKEN))[0] == 422


async def test_whoever_reads_events_is_left_when_their_token_is_revoked(tmp_path: Path) -> None:
    """Others read on; and who read without one is left when the first one is made."""
    async with served(tmp_path) as it:
        events = f"{it.address}/api/events"
        async with it.client.get(events) as open_to_all:
            assert await open_to_all.content.readline() == b"retry: 1000\n"
            _, made = await call(it, "POST", "/tokens", json={"name": "anna", "admin": True})
            anna = made["token"]
            assert (await call(it, "POST", "/chats", anna, json={}))[0] == 201
            assert CREATED not in await rest(open_to_all)
        _, made = await call(it, "POST", "/tokens", anna, json={"name": "ben"})
        headers = [{"Authorization": f"Bearer {token}"} for token in (made["token"], anna)]
        async with (
            it.client.get(events, headers=headers[0]) as revoked,
            it.client.get(events, headers=headers[1]) as admitted,
        ):
            assert await revoked.content.readline() == b"retry: 1000\n"
            assert (await call(it, "DELETE", "/tokens/ben", anna))[0] == 204
            assert (await call(it, "POST", "/chats", anna, json={}))[0] == 201
            assert CREATED not in await rest(revoked)
            async with asyncio.timeout(PATIENCE):
                while CREATED not in await admitted.content.readline():
                    pass


async def rest(answer: aiohttp.ClientResponse) -> bytes:
    """What still comes of an answer, which has to end."""
    async with asyncio.timeout(PATIENCE):
        return await answer.read()
