"""`limner doctor` and `limner models`: what is configured is looked over as its user would."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command.commands import Commands

from limner.backends.images.support.server import Missing, ModelInfo, ServerFacts
from limner.composition.checking.checkup import Finding, check_pictures, check_text
from limner.errors import BackendRejected, BackendTimeout
from limner.illustration import Image, ImageRequest, Message, MessageState
from limner.storage import Library
from limner.testing import ScriptedBackend
from limner.testing.a1111_server import A1111Server
from limner.testing.chat_server import ChatServer, Reply
from limner.testing.picture_fault import Busy, ServerError

pytestmark = pytest.mark.real_time

KEY = "me:very-secret"


Limner = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def limner(commands: Commands) -> Limner:
    """Runs the command in a process of its own; gives exit code and both outputs."""

    async def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
        return await commands.run(*arguments, cwd=folder, environment=environment)

    return run


def findings(out: str) -> list[dict[str, Any]]:
    """The lines of JSON."""
    return [json.loads(line) for line in out.splitlines()]


async def test_all_is_well(limner: Limner, tmp_path: Path) -> None:
    """Picture and text server are found, recognised, let us in, and work: exit code 0."""
    async with A1111Server(key=KEY) as pictures, ChatServer(Reply.stream("Yes", ".")) as text:
        code, out, err = await limner(
            tmp_path, "doctor", "--json", "--backend", f"a1111+{pictures.url}",
            "--llm", text.url, LIMNER_A1111_KEY=KEY,
        )  # fmt: skip
    found = findings(out)
    assert code == 0, out + err
    assert [line["step"] for line in found] == [
        "reachable", "model", "picture", "reachable", "answer",
    ]  # fmt: skip
    assert all(line["ok"] for line in found)
    assert "AUTOMATIC1111" in found[0]["said"]
    assert found[2]["said"].startswith("256x256")
    assert found[2]["seconds"] > 0
    assert KEY not in out + err


async def test_plain_lines_say_what_is_wrong_and_what_to_do(limner: Limner, tmp_path: Path) -> None:
    """A wrong key, another kind of server and nobody at all: each is told, exit code 1."""
    async with A1111Server(key=KEY) as locked, ChatServer(Reply.stream("x")) as other:
        code, out, _ = await limner(
            tmp_path, "doctor",
            "--backend", f"a1111+{locked.url}",
            "--backend", f"a1111+{other.address}",
            "--backend", "a1111+http://127.0.0.1:9",
            LIMNER_A1111_KEY="me:wrong-one",
        )  # fmt: skip
    wrong_key, wrong_kind, nobody, no_model = out.splitlines()
    assert no_model.startswith("ok    text model: no model is set")
    assert code == 1
    assert all(
        line.startswith("WRONG a1111+http://127.0.0.1") for line in (wrong_key, wrong_kind, nobody)
    )
    assert "LIMNER_A1111_KEY" in wrong_key
    assert "no A1111" in wrong_kind or "--api" in wrong_kind
    assert "connection refused" in nobody
    assert "wrong-one" not in out


async def test_a_model_that_is_not_there_is_named_with_those_that_are(
    limner: Limner, tmp_path: Path
) -> None:
    """The models there are stand beside the one that is missing."""
    async with A1111Server() as pictures, ChatServer(Reply.stream("x"), models=["m1"]) as text:
        _, out, _ = await limner(
            tmp_path, "doctor", "--json", "--no-picture",
            "--backend", f"a1111+{pictures.url}?model=nothing_v1",
            "--llm", text.url, "--model", "m2",
        )  # fmt: skip
    model, text_model = [line for line in findings(out) if line["step"] == "model"]
    assert "nothing_v1" in model["said"]
    assert "dreamshaper_8" in model["advice"]
    assert ("m2" in text_model["said"], "m1" in text_model["advice"]) == (True, True)


async def test_a_server_that_is_there_but_cannot_draw_is_found_by_drawing(
    limner: Limner, tmp_path: Path
) -> None:
    """The test picture shows what no list of models can."""
    async with A1111Server(faults=(ServerError(message="CUDA out of memory"),)) as pictures:
        code, out, _ = await limner(
            tmp_path, "doctor", "--json", "--backend", f"a1111+{pictures.url}"
        )
    assert code == 1
    last = findings(out)[-2]
    assert (last["step"], last["ok"]) == ("picture", False)
    assert "CUDA out of memory" in last["said"]


async def test_a_busy_server_is_told_apart_from_a_broken_one() -> None:
    """It is there and lets us in; it only has no time."""
    from limner.backends.images.a1111.backend import A1111Backend

    async with A1111Server(faults=(Busy(7.0),)) as server:
        found = [f async for f in check_pictures("it", lambda: A1111Backend(server.url))]
    assert found[-1].advice == "try again in 7 s; it is there and lets us in"


async def test_a_backend_that_cannot_tell_is_judged_by_its_picture() -> None:
    """`sketch` and other people's backends have no server to look at."""
    found = [f async for f in check_pictures("mine", lambda: ScriptedBackend(seconds=0.0))]
    assert [(f.step, f.ok) for f in found] == [("picture", True)]


class Odd:
    """A backend whose server has no models, and which refuses to draw."""

    closed = False

    async def check(self) -> ServerFacts:
        """Nine models, one of them in use."""
        return ServerFacts(
            kind="Odd", version="9", models=[ModelInfo(name=f"m{i}") for i in range(9)],
            current_model="m1", notes=["it tells no progress"],
            missing=[
                Missing(what="model", name="m", known=[f"m{i}" for i in range(9)]),
                Missing(what="sampler", name="z", known=["Euler", "DDIM"]),
            ],
        )  # fmt: skip

    async def generate(self, request: ImageRequest) -> Image:
        """Refuse."""
        raise BackendRejected("your key is wrong", status=401)

    async def aclose(self) -> None:
        """Remember."""
        Odd.closed = True


async def test_long_lists_are_cut_and_the_backend_is_closed() -> None:
    """Each lack has its own alternatives, eight and a count; the backend is always closed."""
    found = [f async for f in check_pictures("odd", Odd)]
    assert "m7, and 1 more" in str(found[1].advice)
    assert (found[2].said, found[2].advice) == ("there is no sampler 'z'", "it has: Euler, DDIM")
    assert found[-1].advice == "set its key in the environment or the settings file"
    assert Odd.closed


class Silent:
    """A text model that lists itself and says nothing, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def models(self) -> list[str]:
        """One."""
        return ["m"]

    async def stream(self, messages: Any) -> Any:
        """Nothing."""
        if self.error is not None:
            raise self.error
        for piece in list[str]():
            yield piece


async def test_a_model_without_words_is_no_good_model() -> None:
    """No answer, and an error instead of one, are both findings."""
    mute: list[Finding] = [f async for f in check_text("t", Silent())]
    late = [f async for f in check_text("t", Silent(BackendTimeout("no answer")))]
    assert (mute[-1].ok, mute[-1].said) == (False, "no word")
    assert "loading its model" in str(late[-1].advice)


async def test_models_lists_what_there_is(limner: Limner, tmp_path: Path) -> None:
    """Text and picture models of all servers; one that cannot be asked costs exit code 1."""
    async with A1111Server() as pictures, ChatServer(Reply.stream("x"), models=["m1"]) as text:
        code, out, _ = await limner(
            tmp_path, "models", "--backend", f"a1111+{pictures.url}", "--llm", text.url
        )
        assert code == 0
        assert [line.strip() for line in out.splitlines() if line.startswith(" ")][-1] == "m1"
        assert "dreamshaper_8" in out
        code, out, err = await limner(
            tmp_path, "models", "--json", "--backend", "a1111+http://127.0.0.1:9",
            "--llm", text.url,
        )  # fmt: skip
    assert code == 1
    assert [line["model"] for line in findings(out)] == ["m1"]
    assert "connection refused" in err


@pytest.mark.parametrize(
    ("state", "ok"),
    [(MessageState.WRITING, True), (MessageState.CUT, True), (MessageState.COMPLETE, False)],
)
async def test_half_a_tag_of_an_answer_that_is_not_over_is_no_mistake(
    limner: Limner, tmp_path: Path, state: MessageState, ok: bool
) -> None:
    """It is being written, or its model was stopped in it; one that was left open is told."""
    message = Message(id="m", text='A fox. <!--img-prompt="a fox"', state=state)
    async with await Library.open(tmp_path / "kept") as library:
        await library.save(message)
    _, out, _ = await limner(
        tmp_path, "doctor", "--json", "--no-picture", "--backend", "sketch",
        LIMNER_LIBRARY=str(tmp_path / "kept"),
    )  # fmt: skip
    found = findings(out)[-1]
    assert (found["step"], found["ok"]) == ("tags", ok)


async def test_what_models_wrote_and_nobody_read_is_told(limner: Limner, tmp_path: Path) -> None:
    """A comment that looks like a picture request and is none is the likeliest lost picture."""
    (tmp_path / "story.md").write_text('<!-- image prompt: an owl --> A <!--img-prompt="a fox"-->')
    library = str(tmp_path / "kept")
    told = await limner(
        tmp_path, "illustrate", "story.md", "-o", "story.html", "--library", library,
        "--size", "64x64",
    )  # fmt: skip
    assert told[0] == 0, told
    code, out, _ = await limner(
        tmp_path, "doctor", "--json", "--no-picture", "--backend", "sketch", LIMNER_LIBRARY=library
    )
    found = findings(out)[-1]
    assert code == 1
    assert (found["server"], found["step"], found["ok"]) == ("library", "tags", False)
    assert found["said"].startswith("1 comment looks like a picture request and is none")
