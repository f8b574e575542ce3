"""Real clients read answers that somebody stops at limner: each ends as its program expects.

``python -m tests.frontends.protocols.stopping PYTHON FOLDER``; see `comparing`.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import aiohttp
from tests.frontends.checking import Checks
from tests.frontends.protocols.comparing import BELOW, commands_of
from tests.frontends.protocols.speaker import NAME, Speaker, protocol
from tests.frontends.running import limner_serving
from tests.frontends.sdks.comparing import TAG, results
from tests.waiting import PATIENCE, pause

from limner.testing.chat_server import ChatRequest, Hang, Reply

QUESTIONS = {
    "anthropic": ("streamed", "text"),
    "openai completions": ("streamed",),
    "openai responses": ("streamed",),
    "ollama": ("chat", "generate"),
    "koboldapi": ("streamed",),
    "llm-anthropic": ("streamed",),
    "llm-ollama": ("chat",),
    "llm": ("chat", "text"),
    "anthropic, npm": ("streamed", "text"),
    "openai responses, npm": ("streamed",),
    "ollama, npm": ("chat", "generate"),
}
"""What each client asks that is streamed."""


class Model:
    """A model whose stories come to no end.

    Attributes:
        silent: Whether it does not even begin.
    """

    def __init__(self) -> None:
        self.silent = False

    def __call__(self, request: ChatRequest) -> Reply:
        """What it says, in the protocol of the question."""
        if self.silent:
            return Reply.silence()
        return protocol(request).stream("A fox ran. ", TAG, " It hid", Hang())


async def stopped(
    name: str, question: str, ask: Sequence[str | Path], model: Speaker, limner: str
) -> object:
    """What a client gives for an answer that is stopped when all has come that comes."""
    asked = len(model.requests)
    asking = asyncio.create_task(results([*ask, f"{limner}{BELOW.get(name, '')}"], question))
    async with asyncio.timeout(PATIENCE):
        await model.request(asked)
        await pause(1.0, because="what was said is with the client by then")
        async with aiohttp.ClientSession() as client:
            await client.post(f"{limner}/api/stop", json={})
        return (await asking).get(question)


async def main(python: Path, node: Path) -> int:
    """Ask by all of them; the exit status."""
    checks = Checks()
    script = Model()
    with tempfile.TemporaryDirectory() as folder:
        async with Speaker(script, models=[NAME]) as model:
            async with limner_serving(model.url, Path(folder)) as limner:
                for name, ask in commands_of(python, node).items():
                    for question in QUESTIONS[name]:
                        script.silent = False
                        told = await stopped(name, question, ask, model, limner)
                        text = json.dumps(told)
                        whole = "A fox ran. " in text and "It hid" in text and "/images/" in text
                        checks.holds(f"{name}: {question} ends well with what came", whole, told)
                        script.silent = True
                        told = await stopped(name, question, ask, model, limner)
                        none = told is not None and "Error" not in json.dumps(told)
                        checks.holds(f"{name}: {question} ends well with nothing", none, told)
    return min(1, checks.failed)


if __name__ == "__main__":
    # Not resolved: a virtual environment's Python is a link.
    sys.exit(asyncio.run(main(*(Path(argument).absolute() for argument in sys.argv[1:3]))))
