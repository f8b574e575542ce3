"""`limner illustrate --llm URL --ask TEXT`: a live model in, an illustrated story out."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.command.commands import Commands

from limner.storage import Library
from limner.testing.chat_server import ChatServer, Cut, Reply

pytestmark = pytest.mark.real_time

STORY = ("Once. ", '<!--img-prompt="a fox', ' in the snow"-->', " The end.")


Ask = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def ask(commands: Commands) -> Ask:
    """Runs the command against a server; gives exit code, standard output and standard error."""

    async def run(
        folder: Path, server: ChatServer | str, *more: str, **environment: str
    ) -> tuple[int, str, str]:
        url = server if isinstance(server, str) else server.url
        return await commands.run(
            "illustrate", "--llm", url, "--ask", "Tell me a story.", "--size", "64x64",
            "-o", "out.html", *more, cwd=folder, environment=environment,
        )  # fmt: skip

    return run


def asked(server: ChatServer) -> str:
    """What the model was told, all messages together."""
    return json.dumps(server.requests[-1].body["messages"])


async def test_a_live_answer_becomes_an_illustrated_page(ask: Ask, tmp_path: Path) -> None:
    """The model is told the tag grammar, its answer is illustrated, and no tag is left in it."""
    async with ChatServer(Reply.stream(*STORY)) as server:
        code, _, err = await ask(tmp_path, server)
        assert "img-prompt" in asked(server)
        assert "Tell me a story." in asked(server)
    assert code == 0, err
    page = (tmp_path / "out.html").read_text()
    assert "data:image/webp;base64," in page
    assert "img-prompt" not in page


async def test_a_chat_of_a_library_goes_on(ask: Ask, tmp_path: Path) -> None:
    """The model is told what was said before, with its own tags; question and answer are kept."""
    more = ("--library", "kept", "--chat", "Tales")
    async with ChatServer(Reply.stream(*STORY)) as server:
        assert (await ask(tmp_path, server, *more))[0] == 0
        assert (await ask(tmp_path, server, *more))[0] == 0
        told = server.requests[-1].body["messages"]
    assert [message["role"] for message in told] == ["system", "user", "assistant", "user"]
    assert told[2]["content"] == "".join(STORY)
    async with await Library.open(tmp_path / "kept") as library:
        (chat,) = await library.chats()
        kept = await library.messages(chat.id)
    assert chat.title == "Tales"
    assert [str(message.role) for message in kept] == ["user", "assistant"] * 2
    assert kept[3].text == "".join(STORY)


async def test_the_key_comes_from_the_environment_and_the_model_from_the_option(
    ask: Ask,
    tmp_path: Path,
) -> None:
    """The key never stands on the command line; the model asked for is the model named."""
    async with ChatServer(Reply.stream(*STORY), key="sk-secret") as server:
        code, _, err = await ask(tmp_path, server, "--model", "m", LIMNER_LLM_KEY="sk-secret")
        assert server.requests[-1].body["model"] == "m"
    assert code == 0, err


async def test_a_system_prompt_of_ones_own_takes_the_place_of_ours(
    ask: Ask, tmp_path: Path
) -> None:
    """`--system` replaces what the model is told; empty tells it nothing."""
    async with ChatServer(Reply.stream("x")) as server:
        await ask(tmp_path, server, "--system", "Be brief.")
        assert "Be brief." in asked(server)
        assert "img-prompt" not in asked(server)
        await ask(tmp_path, server, "--system", "")
        assert len(server.requests[-1].body["messages"]) == 1


REFUSALS = {
    "wrong key": (Reply.error(401, "bad key", code="invalid_api_key"), "LIMNER_LLM_KEY"),
    "unknown model": (Reply.error(404, "no such model", code="model_not_found"), "model"),
    "busy": (Reply.error(429, "slow down", headers={"Retry-After": "7"}), "slow down"),
    "broken": (Reply.error(500, "out of memory"), "out of memory"),
    "web page": (Reply.page("Welcome to nginx"), "Welcome to nginx"),
    "error at once": (Reply.stream({"error": {"message": "overloaded"}}), "overloaded"),
}


@pytest.mark.parametrize(("reply", "named"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_a_model_that_gives_nothing_is_one_clear_line(
    ask: Ask, tmp_path: Path, reply: Reply, named: str
) -> None:
    """Exit code 2, one line with the server's words, the key nowhere, nothing written."""
    async with ChatServer(reply, models=["tiny"]) as server:
        code, out, err = await ask(tmp_path, server, LIMNER_LLM_KEY="sk-secret")
    assert code == 2
    assert err.count("\n") == 1, err
    assert named in err
    assert "sk-secret" not in err + out
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - nothing else runs any more


CUTS = {
    "connection reset": Reply.stream(*STORY[:3], Cut()),
    "error in the middle": Reply.stream(*STORY[:3], {"error": {"message": "overloaded"}}),
    "no end": Reply.stream(*STORY[:3], finish=None, done=False),
}


@pytest.mark.parametrize("reply", CUTS.values(), ids=CUTS.keys())
async def test_a_stream_cut_in_the_middle_is_illustrated_and_written(
    ask: Ask, tmp_path: Path, reply: Reply
) -> None:
    """What arrived is in the page with its picture; exit code 1, and the message says so."""
    async with ChatServer(reply) as server:
        code, _, err = await ask(tmp_path, server)
    assert code == 1
    assert "the text was cut" in err
    page = (tmp_path / "out.html").read_text()
    assert "Once." in page
    assert "data:image/webp;base64," in page


async def test_reasoning_is_not_part_of_the_story(ask: Ask, tmp_path: Path) -> None:
    """A tag in the model's reasoning asks for nothing, and the reasoning is not in the page."""
    thought = {
        "choices": [{"index": 0, "delta": {"reasoning_content": 'Hmm <!--img-prompt="x"-->'}}]
    }
    async with ChatServer(Reply.stream(thought, *STORY)) as server:
        code, _, err = await ask(tmp_path, server)
    assert code == 0, err
    assert "1 of 1 pictures" in err
    assert "Hmm" not in (tmp_path / "out.html").read_text()
