"""`limner illustrate --llm ollama+URL --ask TEXT`: Ollama by its own API."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from limner.testing.ollama_server import OllamaServer, lines

pytestmark = pytest.mark.real_time


async def ask(folder: Path, llm: str) -> tuple[int, str]:
    """Run the command; gives exit code and standard error."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LIMNER_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "limner", "illustrate",
        "--llm", llm, "--ask", "A tale!", "--size", "64x64", "-o", "out.html",
        cwd=folder,
        env=clean | {"XDG_CONFIG_HOME": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, err.decode()


async def test_ollama_is_asked_by_its_own_api(tmp_path: Path) -> None:
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
    tmp_path: Path, llm: str, said: str
) -> None:
    """It names what there is; nothing is written."""
    code, err = await ask(tmp_path, llm)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1, err
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - nothing else runs any more
