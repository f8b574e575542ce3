"""Real clients of other protocols ask a server directly, and through `limner serve`.

Nothing differs but the pictures. Run it with a Python that has the packages, and a folder whose
``node_modules`` has the others: ``python -m tests.frontends.protocols.comparing PYTHON FOLDER``.
"""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.frontends.checking import Checks
from tests.frontends.protocols.speaker import NAME, Speaker, is_streamed, protocol
from tests.frontends.running import limner_serving
from tests.frontends.sdks.comparing import STORY, TAG, results

from limner.testing.chat_server import PROTOCOLS, ChatRequest, Dialect, Reply

HERE = Path(__file__).parent
PICTURE = re.compile(rf"\s*(?:{re.escape(TAG)}|!\[[^\]]*]\([^)]*/images/[^)]+\))\s*")
PIECES = [STORY[at : at + 9] for at in range(0, len(STORY), 9)]
BELOW = {"ollama": "/ollama", "koboldapi": "/kobold",
         "ollama, npm": "/ollama", "llm-ollama": "/ollama"}  # fmt: skip
PYTHON = (
    *("anthropic", "openai completions", "openai responses", "ollama"),
    *("koboldapi", "llm-anthropic", "llm-ollama", "llm"),
)
NODE = ("anthropic, npm", "openai responses, npm", "ollama, npm")


def answer(request: ChatRequest) -> Reply:
    """A story or an error, streamed or not, in the protocol of the question."""
    if request.path.endswith("/check"):
        return PROTOCOLS["koboldai stream"].reply("So far.")
    spoken = protocol(request)
    if "Please fail." in json.dumps(request.body):
        if spoken.name == "anthropic messages":
            told = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
            body = json.dumps(told).encode()
            return Reply((body,), 429, {"Content-Type": "application/json"})
        shapes: dict[str, Dialect] = {"ollama": "ollama", "koboldai": "koboldcpp"}
        shape = shapes.get(spoken.name.partition(" ")[0], "openai")
        return Reply.error(429, "slow down", dialect=shape)
    return spoken.stream(*PIECES) if is_streamed(request) else spoken.reply(STORY)


def plain(given: Any) -> Any:
    """A result in which tags and pictures look the same."""
    if isinstance(given, dict):
        return {key: plain(value) for key, value in given.items()}
    if isinstance(given, list):
        return [plain(value) for value in given]
    return PICTURE.sub("[picture]", given) if isinstance(given, str) else given


async def compare(
    name: str, command: Sequence[str | Path], model: Speaker, limner: str, checks: Checks
) -> None:
    """One client, in both ways."""
    direct = await results(command, model.address)
    through = await results(command, limner + BELOW.get(name, ""))
    checks.holds(f"{name}: answers", len(direct) > 1, direct)
    for case, given in direct.items():
        got = through.get(case)
        checks.holds(f"{name}: {case} differs in nothing", plain(got) == plain(given), (given, got))
    pictures = [one for one, got in through.items() if "/images/" in json.dumps(got)]
    checks.holds(f"{name}: streams have pictures", len(pictures) >= 1, through)


def commands_of(python: Path, node: Path) -> dict[str, list[str | Path]]:
    """What asks by each client."""
    commands: dict[str, list[str | Path]] = {}
    commands |= {name: [python, HERE / "clients.py", name] for name in PYTHON}
    commands |= {name: ["node", HERE / "node_clients.mjs", node, name] for name in NODE}
    return commands


async def main(python: Path, node: Path) -> int:
    """Run all of them, one after the other; the exit status."""
    checks = Checks()
    commands = commands_of(python, node)
    with tempfile.TemporaryDirectory() as folder:
        async with Speaker(answer, models=[NAME]) as model:
            async with limner_serving(model.url, Path(folder)) as limner:
                for name, command in commands.items():
                    await compare(name, command, model, limner, checks)
    return min(1, checks.failed)


if __name__ == "__main__":
    # Not resolved: a virtual environment's Python is a link.
    sys.exit(asyncio.run(main(*(Path(argument).absolute() for argument in sys.argv[1:3]))))
