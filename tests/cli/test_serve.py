"""`limner serve` as a process: what it refuses, what it says, how it ends, what a crash leaves."""

import asyncio
import json
import re
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.cli.conftest import Command
from tests.command.commands import Running
from tests.waiting import until

from limner.illustration import Role
from limner.storage import Library
from limner.testing.chat_server import ChatServer, Hang, Reply

Spawn = Callable[..., Running]
PATIENCE = 60.0
SECRETS = ("sk-the-model-key", "the-token-of-everybody", "the-picture-key", "the-password")


class Process:
    """A server in a process of its own.

    Attributes:
        address: Where it is, once it has said so.
        said: The lines on its standard error so far.
    """

    def __init__(self, process: Running) -> None:
        self.process = process
        self.said: list[str] = []
        self.address = ""
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stderr:
            self.said.append(line)
            if found := re.match(r"limner is ready at (http://\S+)", line):
                self.address = found[1]
            if line.startswith("  tokens"):
                self._ready.set()
        self._ready.set()

    def ready(self) -> str:
        """Its address, as soon as it is there."""
        assert self._ready.wait(PATIENCE)
        assert self.address, "".join(self.said)
        return self.address

    def ended(self) -> int:
        """Its exit code, as soon as it has ended."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    @property
    def log(self) -> str:
        """All it said."""
        return "".join(self.said)


@pytest.fixture
def server(spawn: Spawn, tmp_path: Path) -> Callable[..., Process]:
    """Starts `limner serve` at a free port, over a library of the test."""

    def start(*arguments: str) -> Process:
        library = str(tmp_path / "library")
        return Process(spawn("serve", "--port", "0", "--library", library, *arguments))

    return start


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_it_does_not_start_where_others_reach_it_without_a_token(
    limner: Command, tmp_path: Path, host: str
) -> None:
    """One line says what to do, and nothing was begun."""
    ran = limner("serve", "--host", host, "--port", "0", "--library", "library")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "`limner token add NAME --library library`" in ran.err
    assert not (tmp_path / "library").exists()


def test_nor_with_a_library_in_which_there_is_none(limner: Command) -> None:
    """A revoked token is none; with one it starts, and the door is closed."""
    assert limner("token", "add", "anna", "--library", "library").code == 0
    assert limner("token", "revoke", "anna", "--library", "library").code == 0
    ran = limner("serve", "--host", "0.0.0.0", "--port", "0", "--library", "library")
    assert ran.code == 2
    assert "`limner token add NAME --library library`" in ran.err


def test_a_token_is_made_listed_and_revoked(limner: Command) -> None:
    """It is shown once; a name has one token."""
    made = limner("token", "add", "anna", "--library", "library")
    assert re.fullmatch(r"limner_[\w-]{40,}\n", made.out)
    assert made.err == (
        "limner: the token is shown only this once; keep it, for nobody can show it again\n"
    )
    assert limner("token", "list", "--library", "library").out.startswith("anna  made ")
    again = limner("token", "add", "anna", "--library", "library")
    assert (again.code, "already" in again.err) == (2, True)
    assert limner("token", "revoke", "anna", "--library", "library").code == 0
    assert limner("token", "list", "--library", "library").out == ""
    assert limner("token", "revoke", "anna", "--library", "library").code == 2
    for name, option in (("webui", "--front-end"), ("boss", "--admin")):
        assert limner("token", "add", name, option, "--library", "library").code == 0
    told = limner("token", "list", "--library", "library").out.splitlines()
    assert [line.rpartition(", ")[2] for line in told] == ["front-end", "admin"]


def test_the_usual_library_is_its_owners_alone(
    limner: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else on the machine reads the chats in it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert limner("token", "add", "anna").code == 0
    assert (tmp_path / "data" / "limner" / "library").stat().st_mode & 0o777 == 0o700
    assert limner("token", "list").out.startswith("anna")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "no.such.host.invalid"], "no address of this machine"),
        (["--host", "192.0.2.1"], "this machine has no such address"),
        (["--llm", "localhost:8080"], "must begin with http://"),
        (["--backend", "no-such"], "no-such"),
        (["--public-url", "http://Tales.Example"], "cannot be the public URL"),
        (["--mode", "sideways"], "the option --mode is wrong"),
        (["--preset", "defaul"], "did you mean 'default'?"),
        (["--config", "no-such.toml"], "is not a file"),
    ],
)
def test_a_mistake_is_one_line(limner: Command, arguments: list[str], told: str) -> None:
    """And the exit code 2."""
    ran = limner("serve", "--port", "0", "--library", "library", *arguments)
    assert ran.code == 2
    assert told in ran.err
    assert [line for line in ran.err.splitlines() if not line.startswith("limner: ")] == []


def test_a_port_in_use_is_one_line(limner: Command) -> None:
    """With what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = limner("serve", "--port", port, "--library", "library")
    assert ran.code == 2
    assert f"port {port}: another program has it" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.real_time
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_everything_is_and_ends_in_order(
    server: Callable[..., Process], tmp_path: Path, number: signal.Signals
) -> None:
    """The first signal ends it with code 0; a stream is told."""
    hasty = tmp_path / "hasty.toml"
    hasty.write_text("[serve]\ngrace = 0\n")
    async with ChatServer(Reply.stream("Snow. ", Hang())) as model:
        process = server("--llm", model.url, "--config", str(hasty))
        address = await asyncio.to_thread(process.ready)
        for told in (f"{address}/v1", model.url, "sketch", "library"):
            assert told in process.log
        async with (
            aiohttp.ClientSession() as client,
            client.post(
                f"{address}/v1/chat/completions",
                json={"stream": True, "messages": [{"role": "user", "content": "Go."}]},
            ) as answer,
        ):
            await answer.content.readany()
            process.process.send_signal(number)
            rest = await answer.read()
        assert b'"code":"server_stopping"' in rest
        assert rest.endswith(b"data: [DONE]\n\n")
        assert await asyncio.to_thread(process.ended) == 0


@pytest.mark.real_time
async def test_the_second_signal_ends_it_at_once(server: Callable[..., Process]) -> None:
    """However much time answers under way would still have."""
    async with ChatServer(Reply.stream("Snow. ", Hang())) as model:
        process = server("--llm", model.url)
        address = await asyncio.to_thread(process.ready)
        async with (
            aiohttp.ClientSession() as client,
            client.post(
                f"{address}/v1/chat/completions",
                json={"stream": True, "messages": [{"role": "user", "content": "Go."}]},
            ) as answer,
        ):
            await answer.content.readany()
            process.process.send_signal(signal.SIGTERM)
            await until(lambda: "stopping:" in process.log)
            process.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.ended) == 130


@pytest.mark.real_time
async def test_a_kill_during_ten_streams_loses_no_text_and_no_picture(
    server: Callable[..., Process], tmp_path: Path
) -> None:
    """After the next start the chats are there, and every address in a text shows its picture."""
    held = asyncio.Event()

    def script(request: object) -> Reply:
        number = len(model.requests)
        tag = f'<!--img-prompt="fox number {number}" size="64x64"-->'
        return Reply.stream(f"Night {number}. ", tag, " And so on. ", held)

    model = ChatServer(script)
    async with model:
        options = ("--llm", model.url, "--max-concurrent", "1", "--min-interval", "30")
        process = server(*options)
        address = await asyncio.to_thread(process.ready)
        async with aiohttp.ClientSession() as client, AsyncExitStack() as answers:
            places = await asyncio.gather(
                *(_place(client, answers, address, number) for number in range(10))
            )
            process.process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(process.ended)
        again = server("--llm", model.url, "--max-concurrent", "2")
        address = await asyncio.to_thread(again.ready)
        async with aiohttp.ClientSession() as client:
            await _until_recovered(client, address)
            for place in places:
                async with client.get(f"{address}/images/{place}.png") as picture:
                    assert picture.status == 200
                    assert "ETag" in picture.headers, again.log  # a placeholder has none
            async with client.get(f"{address}/api/chats") as listed:
                chats = {one["id"] for one in (await listed.json())["chats"]}
        assert len(chats) == 10
        again.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(again.ended) == 0
    async with await Library.open(tmp_path / "library") as library:
        for chat in chats:
            kept = await library.messages(chat)
            (message,) = (one for one in kept if one.role is Role.ASSISTANT)
            assert message.text.startswith("Night ")
            assert [slot.state.value for slot in message.slots] == ["ready"]


@pytest.mark.real_time
async def test_servers_that_do_not_answer_are_told_at_the_start_and_it_starts_all_the_same(
    server: Callable[..., Process],
) -> None:
    """Each with its address; when one that was begun later answers, that is told, too."""
    llm, painter = _free_port(), _free_port()
    process = server(
        "--llm", f"http://127.0.0.1:{llm}/v1", "--backend", f"a1111+http://127.0.0.1:{painter}"
    )
    address = await asyncio.to_thread(process.ready)
    await until(lambda: process.log.count("cannot be used yet") == 2)
    for option, port in (("--llm", llm), ("--backend", painter)):
        (told,) = (line for line in process.said if f"({option}) cannot be used yet" in line)
        assert f"cannot reach http://127.0.0.1:{port}" in told
        assert "Start it, or correct its address" in told
    async with aiohttp.ClientSession() as client, client.get(f"{address}/readyz") as ready:
        assert ready.status == 200

    async def models(request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "m", "object": "model"}]})

    app = web.Application()
    app.router.add_get("/v1/models", models)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", llm).start()
        await until(lambda: f"http://127.0.0.1:{llm}/v1 answers now" in process.log)
    finally:
        await runner.cleanup()
    process.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.ended) == 0


@pytest.mark.real_time
async def test_no_secret_is_shown_anywhere(
    server: Callable[..., Process], tmp_path: Path, limner: Command
) -> None:
    """Neither in the log, at the most talkative, nor in figures, pages and settings."""
    llm_key, token, key, password = SECRETS
    file = tmp_path / "secret.toml"
    file.write_text(
        f'llm_url = "http://me:{password}@127.0.0.1:9/v1"\nbackend = "a1111+http://127.0.0.1:9"\n'
        f'a1111_key = "me:{key}"\n[[upstreams]]\nurl = "http://127.0.0.1:9/v1"\n'
        f'name = "other"\nkey = "{llm_key}"\n[serve]\ntoken = "{token}"\n'
    )
    process = server("--config", str(file), "--log-json", "-v")
    address = await asyncio.to_thread(process.ready)
    headers = {"Authorization": f"Bearer {token}"}
    seen = []
    async with aiohttp.ClientSession() as client:
        for path in ("/", "/metrics", "/readyz", "/api/settings", "/api/queue", "/openapi.json"):
            async with client.get(address + path, headers=headers) as answer:
                assert answer.status in (200, 503), path
                seen.append(await answer.text())
        for path, body in (
            ("/v1/chat/completions", {"model": "m", "messages": []}),
            ("/v1/images/generations", {"prompt": "a fox"}),
            ("/api/chats", {"title": "x"}),
        ):
            async with client.post(address + path, headers=headers, json=body) as answer:
                seen.append(await answer.text())
        async with client.get(f"{address}/?token={token}", allow_redirects=False) as answer:
            seen.append(await answer.text())
    process.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.ended)
    lines = [line for line in process.said if line.startswith("{")]
    assert any(json.loads(line)["logger"] == "limner.access" for line in lines)
    shown = limner("config", "--config", str(file))
    assert shown.code == 0
    as_json = limner("config", "--config", str(file), "--json")
    told = process.log + "".join(seen) + shown.out + as_json.out
    assert [secret for secret in SECRETS if secret in told] == []


def _free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


async def _place(
    client: aiohttp.ClientSession, answers: AsyncExitStack, address: str, number: int
) -> str:
    """Ask for an answer and read it up to its picture: the picture's id.

    The answer stays open for as long as `answers` does: its reader has not gone.
    """
    answer = await answers.enter_async_context(
        client.post(
            f"{address}/v1/chat/completions",
            json={"stream": True, "messages": [{"role": "user", "content": "Go."}]},
            headers={"X-Limner-Chat": f"tale{number}"},
        )
    )
    seen = b""
    async with asyncio.timeout(PATIENCE):
        while not (found := re.search(rb"/images/([0-9a-z]+)\.png", seen)):
            data = await answer.content.readany()
            assert data, seen
            seen += data
        while b"And so on" not in seen:
            seen += await answer.content.readany()
    return found[1].decode()


async def _until_recovered(client: aiohttp.ClientSession, address: str) -> None:
    async def recovered() -> bool:
        async with client.get(f"{address}/readyz") as answer:
            told = await answer.json()
        assert not told.get("recovery_failed")
        return not told["recovering"]

    await until(recovered)


@pytest.mark.real_time
async def test_a_valkey_that_is_not_there_is_told(server: Callable[..., Process]) -> None:
    """When it starts, to whoever asks whether it is ready, and of each picture that waits."""
    process = await asyncio.to_thread(
        server, "--backend", "sketch", "--shared-limits", "valkey://127.0.0.1:9/0"
    )
    address = await asyncio.to_thread(process.ready)
    await until(lambda: "WARNING" in process.log)
    assert "the shared limits cannot be reached" in process.log
    async with aiohttp.ClientSession() as client:
        async with client.get(f"{address}/readyz") as answer:
            told = await answer.json()
            assert (answer.status, told["status"]) == (200, "degraded")
        body = {"prompt": "a fox", "n": 1}
        asking = asyncio.create_task(client.post(f"{address}/v1/images/generations", json=body))

        async def queue() -> dict[str, Any]:
            async with client.get(f"{address}/api/queue") as answer:
                found: dict[str, Any] = await answer.json()
                return found

        async def waits() -> bool:
            return bool((await queue())["jobs"])

        await until(waits)
        told = await queue()
        assert "cannot be reached" in told["jobs"][0]["explanation"]
        assert told["waiting_for"]["reason"] == "shared"
        asking.cancel()
    process.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.ended) == 0


@pytest.mark.real_time
async def test_who_is_let_in_by_a_proxy_is_said_at_the_start(
    server: Callable[..., Process], tmp_path: Path
) -> None:
    """Without a token nobody else is, and it does not say the opposite."""
    config = tmp_path / "proxied.toml"
    config.write_text(
        '[serve]\ntrusted_user = "X-Forwarded-User"\ntrusted_proxies = ["10.1.0.0/16"]\n'
    )
    process = await asyncio.to_thread(server, "--backend", "sketch", "--config", str(config))
    address = await asyncio.to_thread(process.ready)
    assert "whoever reaches" not in process.log
    assert "none; only whom a trusted proxy names in X-Forwarded-User is let in" in process.log
    async with aiohttp.ClientSession() as client, client.get(f"{address}/api/queue") as answer:
        assert answer.status == 401
    process.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.ended) == 0
