"""How calls go on, end, and keep to the limits of everybody; and what is whose."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError
from tests.server.mcp.connected import (
    CROW,
    FOX,
    GENERATIONS,
    Easel,
    Progress,
    connected,
    text_of,
)
from tests.server.served import PATIENCE, TOKEN, Served, served
from tests.waiting import until

from limner.server.tokens import add_token

pytestmark = pytest.mark.real_time

ONE = {"max_concurrent": 1}
ACCEPTED = {"Accept": "application/json, text/event-stream"}
HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "c", "version": "1"},
    },
}  # fmt: skip


@pytest.mark.parametrize("mode", GENERATIONS)
async def test_it_is_told_picture_by_picture_how_far_a_call_is_and_what_waits(
    tmp_path: Path, mode: str
) -> None:
    """Each report has more than the one before, and none more than there is."""
    easel, progress = Easel(), Progress()
    async with served(tmp_path, backend=easel, settings=ONE) as server:
        async with connected(server, mode=mode) as client, asyncio.TaskGroup() as calls:
            easel.open.clear()
            text = {"text": f"{FOX} {CROW}"}
            calls.create_task(client.call_tool("illustrate_text", text, progress_callback=progress))
            begun = "0 of 2 pictures ready, 1 being drawn (40 %), 1 waiting"
            await until(lambda: progress.said(begun))
            server.running.services.limiter.pause()
            await until(lambda: progress.said("1 waiting (the queue is paused)"))
            easel.open.set()
            await until(lambda: progress.said("1 of 2 pictures ready, 1 waiting"))
            server.running.services.limiter.resume()
    amounts = [amount for amount, _, _ in progress.told]
    assert amounts == sorted(set(amounts))
    assert {total for _, total, _ in progress.told} <= {None, 2}
    assert 1.0 <= amounts[-1] <= 2.001


async def test_two_calls_at_once_share_the_limit_of_the_whole_server(tmp_path: Path) -> None:
    """The second waits for the first, whatever each speaks, and is told how many are before it."""
    easel, progress = Easel(), Progress()
    async with served(tmp_path, backend=easel, settings=ONE) as server:
        async with connected(server, mode="legacy") as one, connected(server) as two:
            easel.open.clear()
            async with asyncio.TaskGroup() as calls:
                first = calls.create_task(
                    one.call_tool("illustrate_text", {"text": f"{FOX} {CROW}"})
                )
                await until(lambda: server.running.services.limiter.queued() == 1)
                second = calls.create_task(
                    two.call_tool("draw_picture", {"prompt": "a hen"}, progress_callback=progress)
                )
                await until(lambda: progress.said("1 waiting (1 before it"))
                easel.open.set()
    assert easel.peak == 1
    assert len(easel.calls) == 3
    assert not first.result().is_error
    assert not second.result().is_error


@pytest.mark.parametrize("mode", GENERATIONS)
async def test_a_call_that_is_cancelled_stops_at_the_picture_server(
    tmp_path: Path, mode: str
) -> None:
    """What waits is not begun; what is drawn stays; and the next call is served at once."""
    easel = Easel()
    async with served(tmp_path, backend=easel, settings=ONE) as server:
        async with connected(server, mode=mode) as client:
            told = (await client.call_tool("draw_picture", {"prompt": "a hen"})).structured_content
            easel.open.clear()
            for tool, asked in (
                ("illustrate_text", {"text": f"{FOX} {CROW}", "chat": "tale"}),
                ("redraw", {"picture": told["pictures"][0]["picture"]}),
            ):
                before = len(easel.calls)
                await _cancelled(client, easel, tool, asked)
                await until(lambda: not easel.running)
                assert [call.outcome for call in easel.calls[before:]] == ["cancelled"]
            limiter = server.running.services.limiter
            await until(lambda: not limiter.jobs())
            easel.open.set()
            after = await client.call_tool("draw_picture", {"prompt": "a cow"})
            (message,) = await server.library.messages("tale")
            hen = await server.library.load(told["message"])
    assert not after.is_error
    assert message.text == f"{FOX} {CROW}"
    assert hen is not None
    assert [str(slot.state) for slot in hen.slots] == ["ready"]


async def _cancelled(client: Client, easel: Easel, tool: str, asked: dict[str, Any]) -> None:
    """Call a tool, and cancel the call while its picture is drawn."""
    async with anyio.create_task_group() as calls:
        calls.start_soon(client.call_tool, tool, asked)
        await until(lambda: easel.running == 1)
        calls.cancel_scope.cancel()


async def test_a_client_that_only_listens_holds_no_server_up(tmp_path: Path) -> None:
    """A server that stops waits for calls, and not for who has none."""
    async with served(tmp_path, backend=Easel(), grace=60.0) as server:
        async with connected(server, mode="legacy") as client:
            await client.list_tools()
            listening = server.running.app.requests
            await until(lambda: any(context.method == "GET" for context in listening))
            server.stop.set()
            async with asyncio.timeout(30):
                await server.task


async def test_a_client_that_comes_back_to_its_session_listens_anew(tmp_path: Path) -> None:
    """What it names as the last it heard is no number of ours: none was told."""
    async with served(tmp_path) as server:
        url = f"{server.address}/mcp"
        async with server.client.post(url, json=HELLO, headers=ACCEPTED) as answer:
            session = {"mcp-session-id": answer.headers["mcp-session-id"]}
        back = {**ACCEPTED, **session, "Last-Event-ID": "12"}
        async with server.client.get(url, headers=back) as listening:
            assert (listening.status, listening.content_type) == (200, "text/event-stream")


async def test_the_budget_of_the_server_holds(tmp_path: Path) -> None:
    """What it does not allow is told, with when it will."""
    async with served(tmp_path, backend=Easel(), budget={"per_day": 1}) as server:
        async with connected(server) as client:
            first = await client.call_tool("draw_picture", {"prompt": "a fox"})
            second = await client.call_tool("draw_picture", {"prompt": "a crow"})
            name = first.structured_content["pictures"][0]["picture"]
            again = await client.call_tool("redraw", {"picture": name})
    assert [one.is_error for one in (first, second, again)] == [False, True, True]
    assert all("day" in text_of(one) for one in (second, again))


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("illustrate_text", {}, "text: Field required"),
    ("illustrate_text", {"text": " \n"}, "text: it is blank"),
    ("illustrate_text", {"text": "a\x00b"}, "text: String should match pattern"),
    ("illustrate_text", {"text": "x" * 2_000_001}, "text: String should have at most 2000000"),
    ("illustrate_text", {"text": FOX * 61}, "asks for 61 pictures, and one call may have 60"),
    ("illustrate_text", {"text": "a", "chat": "../etc"}, "chat: String should match pattern"),
    ("illustrate_text", {"text": "a", "colour": "red"}, "colour: Extra inputs are not permitted"),
    ("illustrate_text", {"text": {"a": [1]}}, "text: Input should be a valid string"),
    ("illustrate_text", {"text": "a", "scenes": "all"}, "scenes: Input should be 'words'"),
    ("draw_picture", {"prompt": "a" * 10_001}, "prompt: String should have at most 10000"),
    ("draw_picture", {"prompt": "a", "size": "9x9"}, "size: it must be WIDTHxHEIGHT with 64 to"),
    ("draw_picture", {"prompt": "a", "count": 5}, "count: Input should be less than or equal to 4"),
    ("draw_picture", {"prompt": "a", "seed": -1}, "seed: Input should be greater than or equal"),
    ("draw_picture", {"prompt": "a", "style": "oil"}, "there is no style 'oil'; none is set up"),
    ("redraw", {}, "say either which picture or which message"),
    ("redraw", {"picture": "m/0"}, "picture: it must be MESSAGE/ANSWER/NUMBER"),
    ("redraw", {"picture": "m/0/99999999999"}, "picture: it must be MESSAGE/ANSWER/NUMBER"),
    ("redraw", {"picture": "m/0/0"}, "there is no answer 0 of the message 'm'"),
    ("redraw", {"message": "m"}, "there is no message 'm'"),
    ("redraw", {"message": "m", "prompt": "a"}, "prompt, feedback and reference are for one"),
    ("list_pictures", {"chat": "nowhere"}, "there is no chat 'nowhere'"),
    ("list_pictures", {"after": 2**63}, "after: Input should be less than or equal to"),
)


async def test_what_cannot_be_done_is_told_in_one_clear_line(tmp_path: Path) -> None:
    """To the model, as an error of its call; nothing is drawn, and the connection is as before."""
    easel = Easel()
    async with served(tmp_path, backend=easel) as server, connected(server) as client:
        for tool, asked, line in WRONG:
            result = await client.call_tool(tool, asked)
            assert result.is_error, (tool, line)
            assert line in text_of(result), (tool, text_of(result)[:300])
            assert "\n" not in text_of(result)
            assert len(text_of(result)) < 500
        with pytest.raises(MCPError, match="there is no tool 'fly'"):
            await client.call_tool("fly", {})
        feedback = await client.call_tool("draw_picture", {"prompt": "a fox", "count": "2"})
    assert not feedback.is_error, "a number may be written as text, as models do"
    assert len(easel.calls) == 2


@contextlib.asynccontextmanager
async def house(place: Path) -> AsyncIterator[tuple[Served, dict[str, str]]]:
    """A server whose users have their conversations to themselves, and an admin."""
    async with served(place, backend=Easel(), token=TOKEN, household=False) as server:
        tokens = {"boss": TOKEN}
        for name in ("anna", "ben"):
            tokens[name] = await add_token(server.library, name, now=1.0)
        yield server, tokens


async def test_what_is_of_others_is_not_there(tmp_path: Path) -> None:
    """Neither their conversations nor their pictures; an admin sees all."""
    async with house(tmp_path) as (server, tokens), contextlib.AsyncExitStack() as stack:
        who = {
            name: await stack.enter_async_context(connected(server, token=token))
            for name, token in tokens.items()
        }
        drawn = await who["anna"].call_tool("draw_picture", {"prompt": "a fox", "chat": "tale"})
        await who["anna"].call_tool("draw_picture", {"prompt": "a crow"})
        await who["ben"].call_tool("draw_picture", {"prompt": "a hen"})
        told = drawn.structured_content
        for tool, asked in (
            ("draw_picture", {"prompt": "a cow", "chat": "tale"}),
            ("illustrate_text", {"text": FOX, "chat": "tale"}),
            ("list_pictures", {"chat": "tale"}),
            ("redraw", {"message": told["message"]}),
            ("redraw", {"picture": told["pictures"][0]["picture"]}),
        ):
            refused = await who["ben"].call_tool(tool, asked)
            assert refused.is_error, tool
            assert text_of(refused).startswith("there is no "), text_of(refused)
        seen = {
            name: [
                one["prompt"]
                for one in (await client.call_tool("list_pictures")).structured_content["pictures"]
            ]
            for name, client in who.items()
        }
        resources = (await who["ben"].list_resources()).resources
        owners = await _owners(server)
    assert seen == {
        "boss": ["a hen", "a crow", "a fox"], "anna": ["a crow", "a fox"], "ben": ["a hen"],
    }  # fmt: skip
    assert [one.description for one in resources] == ["a hen"]
    assert sorted(map(str, owners.values())) == ["anna", "anna", "ben"]


async def _owners(server: Served) -> dict[str, str | None]:
    return await server.library.chat_owners([one.id for one in await server.library.chats()])


async def test_a_session_is_its_tokens_own_and_nobody_gets_in_without_one(tmp_path: Path) -> None:
    """Whoever learns of another's session finds none; foreign pages are refused as everywhere."""
    async with house(tmp_path) as (server, tokens):
        url = f"{server.address}/mcp"

        async def asked(name: str, body: Any, **more: str) -> tuple[int, str]:
            shown = {"Authorization": f"Bearer {tokens[name]}"} if name in tokens else {}
            headers = {**ACCEPTED, **shown, **more}
            async with server.client.post(url, json=body, headers=headers) as answer:
                await answer.read()
                return answer.status, answer.headers.get("mcp-session-id", "")

        status, session = await asked("anna", HELLO)
        listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
        known = {"mcp-session-id": session}
        ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        assert (status, bool(session)) == (200, True)
        assert (await asked("anna", ready, **known))[0] == 202
        assert (await asked("anna", listing, **known))[0] == 200
        assert (await asked("ben", listing, **known))[0] == 404
        assert (await asked("nobody", HELLO))[0] == 401
        assert (await asked("anna", HELLO, Origin="https://evil.example"))[0] == 403
        assert (await asked("anna", "no request"))[0] == 400


async def test_without_the_package_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line; everything else works."""
    monkeypatch.setitem(__import__("sys").modules, "mcp.server.streamable_http_manager", None)
    async with served(tmp_path, backend=Easel()) as server:
        async with server.client.post(f"{server.address}/mcp", json={}) as answer:
            told = await answer.json()
            assert answer.status == 501
        assert await server.status("GET", "/api/chats") == 200
    assert "pip install 'limner[mcp]'" in told["error"]["message"]


@pytest.mark.parametrize("mode", GENERATIONS)
async def test_what_a_server_that_stops_has_not_drawn_waits_for_its_next_start(
    tmp_path: Path, mode: str
) -> None:
    """The call is told so, and nobody is left waiting."""
    easel = Easel()
    easel.open.clear()
    async with served(tmp_path, backend=easel, settings=ONE) as server:
        async with connected(server, mode=mode) as client:
            call = asyncio.create_task(
                client.call_tool("illustrate_text", {"text": f"{FOX} {CROW}", "chat": "tale"})
            )
            await until(lambda: easel.running == 1)
            server.stop.set()
            async with asyncio.timeout(PATIENCE):
                told = await call
        assert told.is_error
        assert "is drawn later" in text_of(told)
        assert [one["state"] for one in told.structured_content["pictures"]] == ["queued"] * 2
        assert len(await server.library.unfinished()) == 2
