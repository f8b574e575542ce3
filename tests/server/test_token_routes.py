"""Tokens over HTTP: made once, told once, worthless when they are revoked."""

from pathlib import Path
from typing import Any

import pytest
from tests.server.served import TOKEN, Served, served

pytestmark = pytest.mark.real_time


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
