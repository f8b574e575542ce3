"""`limner illustrate --llm ollama+URL --ask TEXT`: Ollama by its own API."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.command.commands import Commands

from limner.testing.ollama_server import OllamaServer, lines

pytestmark = pytest.mark.real_time


Ask = Callable[[Path, str], Awaitable[tuple[int, str]]]


@pytest.fixture
def ask(commands: Commands) -> Ask:
    """Runs the command; gives exit code and standard error."""

    async def run(folder: Path, llm: str) -> tuple[int, str]:
        code, _, err = await commands.run(
            "illustrate", "--llm", llm, "--ask", "A tale!", "--size", "64x64", "-o", "out.html",
            cwd=folder,
        )  # fmt: skip
        return code, err

    return run


async def test_ollama_is_asked_by_its_own_api(ask: Ask, tmp_path: Path) -> None:
    """With the options of the address; its answer becomes an illustrated page."""
    async with OllamaServer(lines("Once. ", '<!--img-prompt="a fox"-->', " End.")) as server:
        code, err = await ask(tmp_path, f"ollama+{server.url}?num_ctx=4096")
    assert code == 0, err
    assert server.requests[0].path == "/api/chat"
    assert server.requests[0].body["options"] == {"num_ctx": 4096}
    assert "data:image/webp;base64," in (tmp_path / "out.html").read_text()


@pytest.mark.parametrize(
    ("llm", "said"),
    [("ollama+http://127.0.0.1:1?ctx=1", "num_ctx"), ("gradio+http://x", "openai, ollama")],
)
async def test_a_mistake_in_the_address_is_one_clear_line(
    ask: Ask, tmp_path: Path, llm: str, said: str
) -> None:
    """It names what there is; nothing is written."""
    code, err = await ask(tmp_path, llm)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1, err
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - nothing else runs any more
