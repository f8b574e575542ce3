"""Real clients of other protocols ask a server directly, and through `limner serve`.

Nothing differs but the pictures. Run it with a Python that has `anthropic`, `openai` and `ollama`:
``python -m tests.frontends.protocols.comparing PYTHON``.
"""

import asyncio
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from aiohttp import web
from tests.frontends.checking import Checks
from tests.frontends.running import limner_serving
from tests.frontends.sdks.comparing import STORY, TAG, results

from limner.testing.chat_server import PROTOCOLS, ChatRequest, ChatServer, Protocol, Reply

HERE = Path(__file__).parent
PICTURE = re.compile(rf"\s*(?:{re.escape(TAG)}|!\[[^\]]*]\([^)]*/images/[^)]+\))\s*")
PIECES = [STORY[at : at + 9] for at in range(0, len(STORY), 9)]
OF_PATH = {
    "/messages": "anthropic messages",
    "/responses": "openai responses",
    "/completions": "openai completions",
    "/api/chat": "ollama chat",
    "/api/generate": "ollama generate",
}


class Speaker(ChatServer):
    """A model server of all protocols, with Ollama's list."""

    def application(self) -> web.Application:
        """Besides, Ollama's list."""
        app = super().application()
        app.add_routes([web.get("/api/tags", self._tags)])
        return app

    async def _tags(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"models": [{"name": "m", "model": "m"}]})


def protocol(request: ChatRequest) -> Protocol:
    """In which protocol a server was asked."""
    path = request.path.partition("?")[0].removeprefix("/v1")
    return PROTOCOLS[OF_PATH[path]]


def answer(request: ChatRequest) -> Reply:
    """A story or an error, streamed or not, in the protocol of the question."""
    spoken = protocol(request)
    if "Please fail." in json.dumps(request.body):
        if spoken.name == "anthropic messages":
            told = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
            body = json.dumps(told).encode()
            return Reply((body,), 429, {"Content-Type": "application/json"})
        own = spoken.name.startswith("ollama")
        return Reply.error(429, "slow down", dialect="ollama" if own else "openai")
    streamed = request.body.get("stream", spoken.name.startswith("ollama"))
    return spoken.stream(*PIECES) if streamed else spoken.reply(STORY)


def plain(given: Any) -> Any:
    """A result in which tags and pictures look the same."""
    if isinstance(given, dict):
        return {key: plain(value) for key, value in given.items()}
    if isinstance(given, list):
        return [plain(value) for value in given]
    return PICTURE.sub("[picture]", given) if isinstance(given, str) else given


async def main(python: Path) -> int:
    """Run all of them, one after the other; the exit status."""
    checks = Checks()
    below = {"ollama": "/ollama"}
    with tempfile.TemporaryDirectory() as folder:
        async with Speaker(answer, models=["m"]) as model:
            async with limner_serving(model.url, Path(folder)) as limner:
                for name in ("anthropic", "openai completions", "openai responses", "ollama"):
                    command = [python, HERE / "clients.py", name]
                    direct = await results(command, model.address)
                    through = await results(command, limner + below.get(name, ""))
                    checks.holds(f"{name}: answers", len(direct) > 2, direct)
                    for case, given in direct.items():
                        got = through.get(case)
                        same = plain(got) == plain(given)
                        checks.holds(f"{name}: {case} differs in nothing", same, (given, got))
                    pictures = [
                        one for one, got in through.items() if "/images/" in json.dumps(got)
                    ]
                    checks.holds(f"{name}: streams have pictures", len(pictures) >= 1, pictures)
    return min(1, checks.failed)


if __name__ == "__main__":
    # Not resolved: a virtual environment's Python is a link.
    sys.exit(asyncio.run(main(Path(sys.argv[1]).absolute())))
