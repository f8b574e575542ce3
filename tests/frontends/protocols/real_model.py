"""A real llama.cpp writes stories through `limner serve`, in each protocol that it speaks.

It is the server of `make live`, whose grammar has the model ask for pictures. The stories are kept
beside their pictures: ``python -m tests.frontends.protocols.real_model FOLDER``.
"""

import asyncio
import contextlib
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from tests.frontends.checking import Checks
from tests.frontends.running import limner_serving
from tests.server.proxy.dialects.speaking import BY_NAME, Spoken

SERVER = Path(__file__).parents[3] / "live" / "server.py"
PICTURE = re.compile(r"!\[[^\]]*]\((http[^)]*/images/([^)/]+)\.png)\)")
PROMPT = "<|im_start|>user\nTell a story about a fox.<|im_end|>\n<|im_start|>assistant\n"
PATHS = {
    "openai completions": "/v1/completions",
    "llama.cpp completion": "/llamacpp/completion",
    "openai chat": "/v1/chat/completions",
    "anthropic messages": "/v1/messages",
}
PATIENCE = 300.0
"""Seconds a story may take on a busy machine."""


@contextlib.asynccontextmanager
async def model_server() -> AsyncIterator[str]:
    """The model of `make live`; gives its address with ``/v1``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, SERVER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        if process.stdout is None or not (told := await process.stdout.readline()):
            raise RuntimeError("the model server did not begin; does `make live` run?")
        yield told.decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def tell(spoken: Spoken, limner: str, folder: Path, checks: Checks) -> None:
    """One story, in one protocol, with its pictures."""
    name = str(spoken)
    asked = PROMPT if "prompt" in spoken.asks("") else "Tell a story about a fox."
    body = {**spoken.asks(asked), "max_tokens": 600, "n_predict": 600}
    timeout = aiohttp.ClientTimeout(PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout) as client:
        async with client.post(limner + PATHS[name], json=body) as response:
            stream = await response.read()
            checks.holds(f"{name}: it streams", response.status == 200, stream)
        text = spoken.text(stream)
        pictures = PICTURE.findall(text)
        checks.holds(f"{name}: a story with pictures", len(text) > 300 and len(pictures) > 1, text)
        checks.holds(f"{name}: no tag is left in it", "img-prompt" not in text, text)
        for url, picture in pictures:
            async with client.get(url) as response:
                image = await response.read()
            drawn = image[:4] in (b"\x89PNG", b"RIFF") and len(image) > 10_000
            checks.holds(f"{name}: its picture is drawn", drawn, (url, image[:200]))
            (folder / f"{picture}.png").write_bytes(image)
    story = PICTURE.sub(lambda found: f"![]({found[2]}.png)", text)
    (folder / f"story, {name}.md").write_text(story, "utf-8")


async def main(folder: Path) -> int:
    """Tell all; the exit status."""
    checks = Checks()
    with tempfile.TemporaryDirectory() as place:
        async with model_server() as model, limner_serving(f"llamacpp+{model}", Path(place)) as at:
            for name in PATHS:
                await tell(BY_NAME[name], at, folder, checks)
    return min(1, checks.failed)


if __name__ == "__main__":
    kept = Path(sys.argv[1]).absolute()
    kept.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main(kept)))
