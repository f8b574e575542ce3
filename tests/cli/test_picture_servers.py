"""`limner illustrate --backend KIND+URL` as a user runs it, against servers that misbehave."""

import asyncio
import json
import random
import signal
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.command.commands import Commands, Running

from limner.testing.a1111_server import A1111Server
from limner.testing.comfyui_server import ComfyUIServer
from limner.testing.comfyui_server.mishap import (
    BranchDropped,
    FileGone,
    LostAnswer,
    Mishap,
    NodeFails,
    Restart,
    SocketDrop,
    SomebodyDeletes,
    SomebodyInterrupts,
)  # fmt: skip
from limner.testing.images_api_server import ImagesApiServer
from limner.testing.picture_fault import (
    Busy,
    Cut,
    Drip,
    EmptyAnswer,
    Fault,
    GarbageBase64,
    HugePicture,
    Rejected,
    ServerError,
    WrongType,
)  # fmt: skip
from limner.testing.picture_server import FakePictureServer, Recorded

STORY = "# The Storm\n\n" + "\n\n".join(
    f'Scene {n} was dark. <!--img-prompt="scene {n}, a lighthouse"-->' for n in range(12)
)
FAULTS: tuple[Fault, ...] = (
    Busy(0.1), Busy(None), ServerError(), Cut(), Rejected(), GarbageBase64(), EmptyAnswer(),
    HugePicture(), WrongType(), Drip(size=64, pause=0.001),
)  # fmt: skip
MISHAPS: tuple[Mishap, ...] = (
    SocketDrop(4), Restart(6), SomebodyInterrupts(), SomebodyDeletes(), NodeFails(), FileGone(),
    BranchDropped(), LostAnswer(),
)  # fmt: skip
KEY = "keeper:pass-WORD-4711"


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it left."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events it printed."""
        return [json.loads(line) for line in self.out.splitlines()]

    def everything(self) -> str:
        """All it said and wrote."""
        files = [path.read_text() for path in self.folder.iterdir() if path.name != "config.toml"]
        return "\n".join([self.out, self.err, *files])


Limner = Callable[..., Awaitable[Ran]]


@pytest.fixture(scope="module")
def careful() -> Iterator[Commands]:
    """Starts commands in an interpreter that looks at everything: warnings, memory, coroutines."""
    with Commands("-X", "dev") as commands:
        yield commands


@pytest.fixture
def limner(careful: Commands) -> Limner:
    """Runs the command in a process of its own, in this folder."""

    async def run(
        folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Ran:
        (folder / "story.md").write_text(STORY)
        told = ("illustrate", "story.md", *arguments)
        return Ran(*await careful.run(*told, cwd=folder, environment=environment), folder)

    return run


def a_fifth(seed: int) -> Any:
    """Every fifth drawing, by chance, has a fault of its own."""
    chance = random.Random(seed)

    def fault(request: Recorded) -> Fault | None:
        return chance.choice(FAULTS) if chance.random() < 0.2 else None

    return fault


def a_tenth(seed: int) -> Any:
    """Every tenth drawing, by chance, has a mishap as only ComfyUI knows them."""
    chance = random.Random(seed)

    def mishap(request: Recorded) -> Mishap | None:
        return chance.choice(MISHAPS) if chance.random() < 0.1 else None

    return mishap


@pytest.mark.real_time
@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.proof) for n in (2, 3))])
@pytest.mark.parametrize("kind", ["a1111", "comfyui"])
async def test_twelve_pictures_from_a_server_that_fails_a_fifth(
    limner: Limner, kind: str, seed: int, tmp_path: Path
) -> None:
    """Every picture is made or failed with its reason; limits are kept; nothing hangs."""
    fake: FakePictureServer = (
        A1111Server(a_fifth(seed)) if kind == "a1111"
        else ComfyUIServer(a_fifth(seed), mishaps=a_tenth(seed))
    )  # fmt: skip
    async with fake as server:
        ran = await limner(
            tmp_path, "--backend", f"{kind}+{server.url}?steps=20", "--max-concurrent", "3",
            "--size", "128x96", "--json", "-o", "story.html",
        )  # fmt: skip
    made = [event for event in ran.events if event["event"] == "image_ready"]
    failed = [event for event in ran.events if event["event"] == "image_failed"]
    assert len(made) + len(failed) == 12
    assert all(event["reason"] for event in failed)
    assert ran.code == (1 if failed else 0), ran.err
    assert len(made) >= 6
    assert server.peak <= 3
    assert server.running == 0
    assert len(server.jobs) > 12 - len(failed)
    page = (tmp_path / "story.html").read_text()
    assert page.count("data:image/png;base64,") == len(made)
    assert "Traceback" not in ran.err
    assert "Warning" not in ran.err


@pytest.mark.real_time
@pytest.mark.parametrize("kind", ["a1111", "openai", "comfyui"])
async def test_no_key_is_ever_shown(limner: Limner, kind: str, tmp_path: Path) -> None:
    """Not in events, errors, logs or pages, though the server repeats it in every form."""
    header = b64encode(KEY.encode()).decode()
    faults: list[Fault | None] = [
        Rejected(400, f"your key {KEY} is odd"), Rejected(401, f"Basic {header}"),
        ServerError(500, f"pass-WORD-4711 {header}"), Busy(0.0), None,
    ]  # fmt: skip
    fakes: dict[str, type[FakePictureServer]] = {
        "a1111": A1111Server, "openai": ImagesApiServer, "comfyui": ComfyUIServer,
    }  # fmt: skip
    fake = fakes[kind]
    async with fake(faults * 20, key=KEY) as server:
        ran = await limner(
            tmp_path, "--backend", f"{kind}+{server.url}", "--json", "-o", "story.html",
            "--events", "events.jsonl", "--size", "128x128",
            environment={f"LIMNER_{kind.upper()}_KEY": KEY, "PYTHONASYNCIODEBUG": "1"},
        )  # fmt: skip
    assert ran.code == 1
    assert any(event["event"] == "image_ready" for event in ran.events)
    assert "***" in ran.everything()
    for secret in (KEY, "pass-WORD-4711", header):
        assert secret not in ran.everything()


@pytest.mark.real_time
async def test_the_key_and_options_may_stand_in_the_settings(
    limner: Limner, tmp_path: Path
) -> None:
    """A config file names backend, options and key, and is not shown either."""
    async with A1111Server(key=KEY) as server:
        (tmp_path / "config.toml").write_text(
            f'backend = "a1111+{server.url}"\na1111_key = "{KEY}"\n'
            "[backend_options.a1111]\nsteps = 11\npreviews = false\n"
        )
        ran = await limner(
            tmp_path, "--json", "-o", "story.html", "--size", "128x96",
            environment={"LIMNER_CONFIG": str(tmp_path / "config.toml")},
        )  # fmt: skip
        assert {job.body["steps"] for job in server.jobs} == {11}
    assert ran.code == 0, ran.err
    assert "pass-WORD" not in ran.everything()


@pytest.mark.real_time
async def test_a_password_on_the_command_line_works_and_is_warned_about(
    limner: Limner, tmp_path: Path
) -> None:
    """It is used, said to be visible, and not repeated."""
    async with A1111Server(key=KEY) as server:
        place = server.url.replace("http://", f"http://{KEY}@")
        ran = await limner(
            tmp_path, "--backend", f"a1111+{place}", "--json", "-o", "s.html", "--size", "128x96"
        )
    assert ran.code == 0, ran.err
    assert "LIMNER_BACKEND_KEY" in ran.err
    assert "pass-WORD" not in ran.everything()


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("http://localhost:7860", "write KIND+URL"),
        ("a1111+localhost:7860", "must begin with http"),
        ("comfyui+http://localhost?workflow=none.json", "cannot read the workflow 'none.json'"),
        ("a1111+http://localhost?stepz=3", "did you mean 'steps'"),
        ("a1111+http://localhost?steps=many", "cannot be 'many'"),
        ("a1111+http://localhost?password=sk-hidden-1", "must not stand in the address"),
        ("a1111+", "unknown backend"),
        ("crayon+http://me:sk-hidden-1@host", "unknown backend 'crayon+http://host'"),
        ("sketch+http://host", "takes no address"),
    ],
)
async def test_mistakes_in_the_address_end_before_any_work(
    limner: Limner, backend: str, said: str, tmp_path: Path
) -> None:
    """One clear line, exit code 2, nothing written. A password is warned about as well."""
    ran = await limner(tmp_path, "--backend", backend, "-o", "story.html")
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1 + ("password on the command line" in ran.err)
    assert "sk-hidden-1" not in ran.err
    assert not (tmp_path / "story.html").exists()


@pytest.mark.real_time
async def test_a_server_that_was_never_there_fails_every_picture_with_its_reason(
    limner: Limner,
    tmp_path: Path,
) -> None:
    """Its address may be mistyped: it is asked a few times. The story is written all the same."""
    ran = await limner(tmp_path, "--backend", "a1111+http://127.0.0.1:9", "-o", "story.html")
    assert ran.code == 1
    assert "waiting: server not reached, asking again in" in ran.err
    assert ran.err.count("connection refused") == 1
    assert (tmp_path / "story.html").exists()


@pytest.mark.real_time
@pytest.mark.parametrize("kind", ["a1111", "comfyui"])
async def test_ctrl_c_stops_what_the_server_draws(
    spawn: Callable[..., Running], kind: str, tmp_path: Path
) -> None:
    """The pictures in the server's line are stopped too; the story is written, code 130."""
    (tmp_path / "story.md").write_text(STORY)
    gate = asyncio.Event()
    fake = A1111Server(gate=gate) if kind == "a1111" else ComfyUIServer(gate=gate)
    async with fake as server:
        running = spawn(
            "illustrate", "story.md", "-o", "story.html", "--backend", f"{kind}+{server.url}",
            "--max-concurrent", "3",
        )  # fmt: skip
        await server.job(2)
        running.send_signal(signal.SIGINT)
        code, _, err = await running.ended()
        assert code == 130, err
        if isinstance(server, A1111Server):
            assert server.interrupted == 3
        else:  # one runs, the others wait
            assert len(server.interrupts) == 1
            assert server.worker.waiting == []
        assert server.running == 0
    assert (tmp_path / "story.html").exists()
