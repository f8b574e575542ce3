"""Each setting, in the settings file, is obeyed by command and server, or said to be for others."""

import asyncio
import contextlib
import re
import sqlite3
import types
import typing
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from tests.composition.roots import PATIENCE, Commanded, Roots, Serving, limner, log_lines, roots
from tests.waiting import until

from limner.config import Settings
from limner.config.used_by import used_by
from limner.scheduling import Rate
from limner.server.upkeep import bounded
from limner.testing.chat_server import Reply

__all__ = ["limner", "roots"]

pytestmark = pytest.mark.real_time

DRAW = ("illustrate", "story.md", "-o", "out.md")
ASK = ("illustrate", "--ask", "Go.", "-o", "out.md")
GONE = ('<!--img-prompt="gone"-->',)
HANG = ('<!--img-prompt="hang"-->',)
TOKEN = "a-token-that-nobody-guesses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A setting, and how it shows.

    Attributes:
        file: The settings file; names in capitals are filled in.
        command: Looks at what `limner illustrate` did; ``None``: that has nothing to do with it.
        server: Looks at `limner serve`; ``None``, likewise.
        arguments: The command's.
        said: Looks at what `limner serve` said until its end.
        text: What the story and the model say.
        refused: What `limner serve` says if it does not go with the rest of the file.
    """

    file: str
    command: Callable[[Commanded], bool] | None = None
    server: Callable[[Serving], Awaitable[bool]] | None = None
    arguments: tuple[str, ...] = DRAW
    said: Callable[[str], bool] = lambda said: True
    text: Sequence[str] = ()
    refused: str = ""


def both(file: str, seen: Callable[[Any], bool], *, arguments: tuple[str, ...] = DRAW) -> Case:
    """What shows in the same way in both, once one picture was drawn."""

    async def server(serving: Serving) -> bool:
        assert await serving.draw() == 200
        return seen(serving)

    return Case(file=file, command=seen, server=server, arguments=arguments)


def asked(file: str, seen: Callable[[Any], bool]) -> Case:
    """What shows in the question that a model got."""

    async def server(serving: Serving) -> bool:
        await serving.running.services.texts.complete([{"role": "user", "content": "Go."}])
        by_page = seen(serving)
        await serving.chat()
        return by_page and seen(serving)

    return Case(file=file, command=seen, server=server, arguments=ASK)


def key(kind: str, name: str) -> Case:
    """A key that the backends of a kind are given."""
    file = f'backend = "{kind}"\n{name} = "a-key"'
    return both(file, lambda root: {made.key for made in root.crayon.made} == {"a-key"})


def limit(file: str, seen: Callable[[Any], bool]) -> Case:
    """A limit that pictures keep to."""
    return both(f'backend = "crayon"\n{file}', lambda root: seen(root.limiter.limits))


def served(file: str, seen: Callable[[Serving], Awaitable[bool]], **options: Any) -> Case:
    """What only a server has."""
    base = 'backend = "crayon"\nllm_url = "MODEL"\n[serve]\ngrace = 0\n'
    base = base.replace("grace = 0\n", "") if "grace" in file else base
    return Case(file=base + file, server=seen, **options)


def paid(library: Path) -> list[int]:
    """What pictures cost, in millionths of a dollar."""
    with contextlib.closing(sqlite3.connect(library)) as database:
        return [row[0] for row in database.execute("SELECT micros FROM costs WHERE unit = 'USD'")]


async def refuses_to_draw(serving: Serving) -> bool:
    """Whether a budget of nothing holds."""
    return await serving.draw() == 429


async def keeps_no_picture(serving: Serving) -> bool:
    """Whether a picture is more than is kept, or older."""
    assert await serving.draw() == 200
    services = serving.running.services

    async def gone() -> bool:
        assert services.facts.bound is not None
        return bool(await bounded(services, services.facts.bound))

    await until(gone)
    return not await services.library.pictures()


async def gives_up(serving: Serving) -> bool:
    """Whether a picture that hangs fails."""
    return await serving.draw("hang") >= 500


async def is_not_waited_for(serving: Serving) -> bool:
    """Whether a picture fails whose server is gone."""
    return await serving.draw("gone") >= 500


async def lets_it_wait(serving: Serving) -> bool:
    """Whether an answer ends whose picture never comes."""
    await serving.chat()
    (session,) = serving.running.services.illustrator.sessions.active()
    async with asyncio.timeout(PATIENCE):
        await session.lifetime.ended.wait()
    return True


async def binds_its_token(serving: Serving) -> bool:
    """Whether the second of two requests is refused, as long as the first goes on."""
    shown = {"Authorization": f"Bearer {TOKEN}"}
    async with serving.client.get(f"{serving.address}/api/events", headers=shown):
        return (await serving.ask("GET", "/api/chats", **shown))[0] == 429


async def binds_connections(serving: Serving) -> bool:
    """Whether nobody gets in as long as somebody is in."""
    async with serving.client.get(f"{serving.address}/api/events"):
        return (await serving.ask("GET", "/api/chats"))[0] == 503


async def wants_its_answer_read(serving: Serving) -> bool:
    """Whether a client that does not read is given up, and the model with it."""
    body = b'{"stream": true, "messages": [{"role": "user", "content": "Go."}]}'
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
    _, writer = await asyncio.open_connection(serving.place.host, serving.place.port, limit=1)
    writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    requests = serving.model.requests
    await until(lambda: bool(requests and requests[0].disconnected.is_set()), patience=PATIENCE)
    writer.close()
    return True


async def lets_in(serving: Serving, *, token: str) -> bool:
    """Whether the token is needed, and enough."""
    without = (await serving.ask("GET", "/api/chats"))[0]
    shown = (await serving.ask("GET", "/api/chats", Authorization=f"Bearer {token}"))[0]
    return (without, shown) == (401, 200)


async def believes(serving: Serving, status: int) -> bool:
    """Whether a header is believed that says who asks, and wanted."""
    without = (await serving.ask("GET", "/api/chats"))[0]
    said = (await serving.ask("GET", "/api/chats", **{"X-User": "ann"}))[0]
    return (without, said) == (401, status)


async def tells_no_trace(serving: Serving) -> bool:
    """Whether the model's server does not learn of what its question is a part."""
    asked = {"model": "m", "messages": [{"role": "user", "content": "Go."}]}
    place = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await serving.ask("POST", "/v1/chat/completions", asked, traceparent=place)
    return "traceparent" not in serving.model.requests[-1].headers


async def puts_it_last(serving: Serving) -> bool:
    """Whether the instruction stands before the last line of a prompt."""
    asked = {"model": "m", "stream": True, "prompt": "Ann: Go.\nFox:"}
    await serving.ask("POST", "/v1/completions", asked)
    prompt = str(serving.model.requests[-1].body["prompt"])
    return prompt.startswith("Ann: Go.\n") and prompt.endswith("\nFox:") and "img-prompt" in prompt


async def finds(serving: Serving, seen: Callable[[Serving, Any, str], bool]) -> bool:
    """Look at a question's answer, and at what the model was told."""
    _, headers, text = await serving.chat()
    return seen(serving, headers, text)


async def status(serving: Serving, sent: bytes, answer: bytes) -> bool:
    """Whether what is sent is refused so."""
    return (await serving.raw(sent)).startswith(b"HTTP/1.1 " + answer)


def is_told_first(serving: Serving) -> bool:
    """Whether the instruction stands in the first message, and not in the last."""
    return ["img-prompt" in str(one["content"]) for one in serving.told] == [True, False, False]


def is_a_thought(serving: Serving) -> Awaitable[bool]:
    """Whether the model's tag is taken for a part of its reasoning."""
    return finds(serving, lambda _, __, text: "![" not in text and "img-prompt" in text)


POST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n"

DRAFT = '<!--img-prompt="a draft"-->'

CASES: dict[str, Case] = {
    "llm_url": asked('llm_url = "MODEL"', lambda root: bool(root.model.requests)),
    "llm_model": Case(
        file='llm_url = "MODEL"\nllm_model = "tiny"',
        arguments=ASK,
        command=lambda command: command.model.requests[-1].body["model"] == "tiny",
        server=lambda serving: by_the_page(serving, "tiny"),
    ),
    "llm_key": asked(
        'llm_url = "MODEL"\nllm_key = "sk-1"',
        lambda root: root.model.requests[-1].headers["authorization"] == "Bearer sk-1",
    ),
    "upstreams.url": asked('[[upstreams]]\nurl = "MODEL"', lambda root: bool(root.model.requests)),
    "upstreams.key": asked(
        '[[upstreams]]\nurl = "MODEL"\nkey = "sk-2"',
        lambda root: root.model.requests[-1].headers["authorization"] == "Bearer sk-2",
    ),
    "upstreams.models": Case(
        file='[[upstreams]]\nurl = "MODEL"\nmodels = ["tiny"]',
        arguments=ASK,
        command=lambda command: command.model.requests[-1].body["model"] == "tiny",
        server=lambda serving: lists(serving, ["tiny"]),
    ),
    "upstreams.name": Case(
        file='[[upstreams]]\nurl = "MODEL"\nname = "attic"', server=lambda serving: named(serving)
    ),
    "backend": both(
        'backend = "crayon"', lambda root: {made.kind for made in root.crayon.made} == {"crayon"}
    ),
    "backends": both(
        'backends = ["crayon", "horde"]',
        lambda root: {made.kind for made in root.crayon.made} == {"crayon", "horde"},
    ),
    "prices": both(
        'backend = "crayon"\nlibrary = "PLACE/kept"\n[prices]\ncrayon = "0.25 USD"',
        lambda root: paid(root_place(root) / "kept" / "limner.db") == [250_000],
    ),
    "backend_options": both(
        'backend = "crayon"\n[backend_options.crayon]\nsteps = 25',
        lambda root: root.crayon.made[-1].options == {"steps": "25"},
    ),
    "backend_key": key("crayon", "backend_key"),
    "a1111_key": key("a1111", "a1111_key"),
    "chat_image_key": key("chat-image", "chat_image_key"),
    "comfyui_key": key("comfyui", "comfyui_key"),
    "horde_key": key("horde", "horde_key"),
    "http_key": key("http", "http_key"),
    "novelai_key": key("novelai", "novelai_key"),
    "openai_key": key("openai", "openai_key"),
    "pollinations_key": key("pollinations", "pollinations_key"),
    "max_concurrent": limit("max_concurrent = 2", lambda limits: limits.max_concurrent == 2),
    "min_interval": limit("min_interval = 0.25", lambda limits: limits.min_interval == 0.25),
    "shared_limits": both(
        'backend = "crayon"\nshared_limits = "VALKEY"',
        lambda root: root.limiter.shared is not None,
    ),
    "rates.limit": limit(
        "rates = [{limit = 7, per = 60}]", lambda limits: limits.rates == (Rate(7, per=60.0),)
    ),
    "rates.per": limit(
        "rates = [{limit = 30, per = 8.5}]", lambda limits: limits.rates == (Rate(30, per=8.5),)
    ),
    "picture_timeout": Case(
        file='backend = "crayon"\npicture_timeout = 0.05',
        command=lambda command: command.ran.code == 1 and "failed" in command.ran.err,
        server=gives_up,
        text=HANG,
    ),
    "settle_timeout": Case(
        file='backend = "crayon"\nllm_url = "MODEL"\npicture_timeout = 0\nsettle_timeout = 0.05\n'
        "[serve]\ngrace = 0",
        command=lambda command: command.ran.code == 1 and "raise settle_timeout" in command.ran.err,
        server=lets_it_wait,
        text=HANG,
    ),
    "away_timeout": Case(
        file='backend = "crayon"\naway_timeout = 0.05',
        command=lambda command: command.ran.code == 1 and "(502)" in command.ran.err,
        server=is_not_waited_for,
        text=GONE,
    ),
    "patterns": Case(
        file="backend = 'crayon'\nllm_url = 'MODEL'\npatterns = ['\\[\\[([^\\]]+)\\]\\]']",
        command=lambda command: command.crayon.prompts == ["a crow"],
        server=lambda serving: finds(serving, lambda _, __, text: "![a crow]" in text),
    ),
    "library": both(
        'backend = "crayon"\nlibrary = "PLACE/kept"',
        lambda root: (root_place(root) / "kept" / "limner.db").is_file(),
    ),
    "library_pictures": both(
        'backend = "crayon"\nlibrary = "sqlite:///PLACE/kept.db"\nlibrary_pictures = "PLACE/shown"',
        lambda root: bool(list((root_place(root) / "shown").glob("??/*.png"))),
    ),
    "library_pace": both(
        'backend = "crayon"\nlibrary = "PLACE/kept"\nlibrary_pace = 0.7',
        lambda root: bool(root.store.pace == 0.7),
    ),
    "library_timeout": both(
        'backend = "crayon"\nlibrary = "PLACE/kept"\nlibrary_timeout = 7',
        lambda root: bool(root.keeper.endurance.timeout == 7),
    ),
    "serve.host": served('host = "127.0.0.2"', lambda serving: is_at(serving, "127.0.0.2", None)),
    "serve.port": served("port = PORT", lambda serving: is_at(serving, None, "PORT")),
    "serve.public_url": served(
        'public_url = "http://tales.example"',
        lambda serving: finds(serving, lambda _, __, text: "](http://tales.example/images" in text),
    ),
    "serve.token": served(f'token = "{TOKEN}"', lambda serving: lets_in(serving, token=TOKEN)),
    "serve.tokens": served(
        f'[serve.tokens]\nanna = "{TOKEN}"', lambda serving: lets_in(serving, token=TOKEN)
    ),
    "serve.household": served(
        f'household = false\n[serve.tokens]\nanna = "{TOKEN}"',
        lambda serving: may_pause(serving, 403),
    ),
    "serve.admins": served(
        f'household = false\nadmins = ["anna"]\n[serve.tokens]\nanna = "{TOKEN}"',
        lambda serving: may_pause(serving, 200),
    ),
    "serve.trusted_user": served(
        'trusted_user = "X-User"\ntrusted_proxies = ["127.0.0.0/8"]',
        lambda serving: believes(serving, 200),
    ),
    "serve.trusted_proxies": served(
        'trusted_user = "X-User"\ntrusted_proxies = ["10.0.0.1"]',
        lambda serving: believes(serving, 401),
    ),
    "serve.hosts": served('hosts = ["tales.example"]', lambda serving: is_called(serving)),
    "serve.origins": served(
        'origins = ["https://pages.example"]', lambda serving: opens_to(serving)
    ),
    "serve.mode": served(
        'mode = "append"',
        lambda serving: finds(serving, lambda _, headers, __: headers["X-Limner-Mode"] == "append"),
    ),
    "serve.unstreamed": served(
        'unstreamed = "inline"',
        lambda serving: reads_unstreamed(serving),
    ),
    "serve.pass_through": served(
        'pass_through = ["files"]', lambda serving: goes_on(serving)
    ),
    "serve.prompt_place": served('prompt_place = "last-line"', puts_it_last),
    "serve.preset": served(
        'preset = "none"',
        lambda serving: finds(serving, lambda one, _, __: "img-prompt" not in str(one.told)),
    ),
    "serve.every_words": served(
        "every_words = 77",
        lambda serving: finds(serving, lambda one, _, __: "77 words" in str(one.told)),
    ),
    "serve.depth": served(
        "depth = 2",
        lambda serving: finds(serving, lambda one, _, __: is_told_first(one)),
    ),
    "serve.reasoning_marks": served(
        'reasoning_marks = [["<hmm>", "</hmm>"]]', is_a_thought, text=[f"<hmm>{DRAFT}</hmm> So."]
    ),
    "serve.reasoning_models": served(
        'reasoning_models = ["m*"]', is_a_thought, text=[f"{DRAFT} </think> So."]
    ),
    "serve.reasoning_held": served(
        "reasoning_held = 0", is_a_thought, text=[f"<think>{DRAFT} and so on."]
    ),
    **{
        f"serve.budget.{name}": served(f"[serve.budget]\n{name} = 0", refuses_to_draw)
        for name in ("per_message", "per_hour", "per_day", "per_owner_hour", "per_owner_day",
                     "per_owner", "in_all")
    },
    "serve.picture_links": served(
        "picture_links = true",
        lambda serving: finds(serving, lambda _, __, text: "[![a draft](" in text),
        text=[DRAFT],
    ),
    "serve.picture_wait": served(
        "picture_wait = 0.2", lambda serving: lives(serving, [None]), text=HANG
    ),
    "serve.live_pictures": served(
        "live_pictures = 1", lambda serving: lives(serving, [None, 307]), text=HANG * 2
    ),
    "serve.requests_per_token": served(
        f'requests_per_token = 1\ntoken = "{TOKEN}"', binds_its_token
    ),
    "serve.connections": served("connections = 1", binds_connections),
    "serve.body_bytes": served(
        "body_bytes = 1024", lambda serving: status(serving, POST + b"\r\n", b"413")
    ),
    "serve.header_bytes": served(
        "header_bytes = 1024",
        lambda serving: status(serving, POST + b"X-A: " + b"a" * 2000 + b"\r\n\r\n", b"431"),
    ),
    "serve.header_seconds": served(
        "header_seconds = 0.05", lambda serving: status(serving, b"GET / HT", b"408")
    ),
    "serve.body_seconds": served(
        "body_seconds = 0.05", lambda serving: status(serving, POST + b"\r\n", b"408")
    ),
    "serve.write_seconds": served(
        "write_seconds = 0.1", wants_its_answer_read, text=["x" * (1 << 20)] * 40
    ),
    "serve.draw": served(
        'draw = "elsewhere"', lambda serving: finds(serving, lambda *_: True),
        refused="drawing elsewhere needs a library in PostgreSQL",
    ),
    "keep.bytes_per_owner": Case(
        file='backend = "crayon"\n[keep]\nbytes_per_owner = 1', server=keeps_no_picture
    ),
    "keep.days": Case(file='backend = "crayon"\n[keep]\ndays = 0.0000001', server=keeps_no_picture),
    # What they do is told where OpenTelemetry's variables ask for spans: see tests/telemetry.
    "tracing.prompts": both(
        'backend = "crayon"\n[tracing]\nprompts = true', lambda root: bool(root.crayon.prompts)
    ),
    "tracing.pass_on": Case(
        file='backend = "crayon"\nllm_url = "MODEL"\n[tracing]\npass_on = false',
        server=lambda serving: tells_no_trace(serving),
    ),
    # Workers are for servers on several machines: see tests/cluster/test_elsewhere.py.
    "work.width": Case(file="[work]\nwidth = 1"),
    "work.grace": Case(file="[work]\ngrace = 0.2"),
    # … and tests/cluster/test_under_way.py.
    "work.metrics_port": Case(file="[work]\nmetrics_port = 9100"),
    "work.metrics_host": Case(file='[work]\nmetrics_host = "127.0.0.1"'),
    "serve.grace": served(
        "grace = 0.5", lambda serving: finds(serving, lambda *_: True),
        said=lambda said: "get up to 0.5 s" in said,
    ),
    "serve.log_json": served(
        "log_json = true", lambda serving: finds(serving, lambda *_: True),
        said=lambda said: any("stopping" in str(line) for line in log_lines(said)),
    ),
    "serve.log_level": served(
        'log_level = "error"', lambda serving: finds(serving, lambda *_: True),
        said=lambda said: "stopping" not in said,
    ),
}  # fmt: skip


async def by_the_page(serving: Serving, model: str) -> bool:
    """Which model limner's own page has written."""
    await serving.running.services.texts.complete([{"role": "user", "content": "Go."}])
    return bool(serving.model.requests[-1].body["model"] == model)


async def lists(serving: Serving, models: list[str]) -> bool:
    """Which models there are for front-ends."""
    _, _, text = await serving.ask("GET", "/v1/models")
    return all(f'"{name}"' in text for name in models) and '"m"' not in text


async def named(serving: Serving) -> bool:
    """Whether the server is called so."""
    return serving.running.services.texts.servers == ["attic"]


async def is_at(serving: Serving, host: str | None, port: str | None) -> bool:
    """Where it listens."""
    wanted = (serving.folder / "settings.toml").read_text()
    at = serving.place
    return (host is None or at.host == host) and (
        port is None or f"port = {at.port}" in wanted.splitlines()
    )


async def reads_unstreamed(serving: Serving) -> bool:
    """Whether an answer that is not streamed is illustrated."""
    body = {"model": "m", "messages": [{"role": "user", "content": "Go."}]}
    url = f"{serving.address}/v1/chat/completions"
    async with serving.client.post(url, json=body) as answer:
        return answer.headers["X-Limner-Mode"] == "inline"


async def goes_on(serving: Serving) -> bool:
    """Whether something that is not treated here reaches the model server."""
    _, _, text = await serving.ask("GET", "/v1/files")
    return f"{serving.model.url} (404)" in text


async def may_pause(serving: Serving, status: int) -> bool:
    """Whether somebody may hold everybody's pictures."""
    shown = {"Authorization": f"Bearer {TOKEN}"}
    return (await serving.ask("POST", "/api/queue/pause", **shown))[0] == status


async def is_called(serving: Serving) -> bool:
    """Whether it answers to another name."""
    return (await serving.ask("GET", "/api/chats", Host="tales.example"))[0] == 200


async def opens_to(serving: Serving) -> bool:
    """Whether a foreign page may use it."""
    _, headers, _ = await serving.ask("GET", "/v1/models", Origin="https://pages.example")
    return bool(headers.get("Access-Control-Allow-Origin") == "https://pages.example")


async def lives(serving: Serving, expected: list[int | None]) -> bool:
    """Whether pictures that hang are shown to a browser so: to the end, or led elsewhere."""
    _, _, text = await serving.chat()
    found = re.findall(r"/images/\w+\.png", text)
    browser = {"Sec-Fetch-Dest": "image", "User-Agent": "Firefox/140.0"}
    seen: list[int | None] = []
    async with contextlib.AsyncExitStack() as stack:
        for path in found:
            asked = serving.client.get(
                serving.address + path, headers=browser, allow_redirects=False
            )
            answer = await stack.enter_async_context(asked)
            live = answer.content_type == "multipart/x-mixed-replace"
            seen.append(None if live else answer.status)
            if len(expected) == 1:
                async with asyncio.timeout(PATIENCE):
                    await answer.read()
    return seen == expected


def root_place(root: Commanded | Serving) -> Any:
    """The directory it was started in."""
    return root.place if isinstance(root, Commanded) else root.folder


def names(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Every setting there is, those of tables and of lists of tables included."""
    found: list[str] = []
    for name, one in model.model_fields.items():
        table = _table(one.annotation)
        found += [prefix + name] if table is None else names(table, f"{prefix}{name}.")
    return found


def _table(kind: Any) -> type[BaseModel] | None:
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias):
        return kind if issubclass(kind, BaseModel) else None
    return next(filter(None, map(_table, typing.get_args(kind))), None)


def test_no_setting_is_left_out() -> None:
    """A new one needs a line above that shows that it is obeyed."""
    assert set(CASES) == set(names(Settings))


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_obeyed_is_said_to_be_for_others(name: str) -> None:
    """`limner config` names the commands; those are the ones below that obey."""
    users = used_by(Settings, name.split("."))
    assert ("illustrate" in users) == (CASES[name].command is not None)
    assert ("serve" in users) == (CASES[name].server is not None)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.command])
def test_the_command_obeys(roots: Roots, name: str) -> None:
    """What stands in the settings file shows in what `limner illustrate` does."""
    case = CASES[name]
    if case.text:
        (roots.place / "story.md").write_text("".join(case.text))
    roots.settings(case.file if "backend" in case.file else f'backend = "crayon"\n{case.file}')
    done = roots.command(*case.arguments)
    assert done.ran.code == 0 or case.text, done.ran.err
    assert case.command is not None
    assert case.command(done), done.ran.err


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.server])
def test_the_server_obeys(roots: Roots, name: str) -> None:
    """And in what `limner serve` does."""
    case = CASES[name]
    if case.text:
        roots.replies.append(Reply.stream(*case.text))
    roots.settings(case.file if "backend" in case.file else f'backend = "crayon"\n{case.file}')
    obeyed: list[bool] = []

    async def probe(serving: Serving) -> None:
        assert case.server is not None
        obeyed.append(await case.server(serving))

    port = () if name == "serve.port" else ("--port", "0")
    ran = roots.serve(probe, *port)
    if case.refused:
        assert (ran.code, case.refused in ran.err) == (2, True), ran.err
        return
    assert ran.code == 0, ran.err
    assert obeyed == [True], ran.err
    assert case.said(ran.err), ran.err
