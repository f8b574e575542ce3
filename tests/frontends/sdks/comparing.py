"""SDKs ask a model directly, and through `limner serve`: nothing differs but the pictures.

Run it with a Python that has them, and a folder whose ``node_modules`` has the others:
``python -m tests.frontends.sdks.comparing PYTHON FOLDER``.
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
from tests.frontends.running import limner_serving

from limner.prompts import BUILT_IN
from limner.testing.chat_server import ChatRequest, ChatServer, Reply

HERE = Path(__file__).parent
PYTHON = ("openai", "litellm", "langchain-openai", "pydantic-ai")
NODE = ("openai-node", "vercel-ai")
TAG = '<!--img-prompt="a red fox in the snow"-->'
STORY = f"Once there was a fox.\n\n{TAG}\n\nIt ran."
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
PICTURE = re.compile(rf"\s*(?:{re.escape(TAG)}|!\[[^\]]*]\([^)]*/images/[^)]+\))\s*")
PATIENCE = 1200.0
"""Seconds within which an SDK is loaded, and has asked all: a few on a machine at rest."""


def answer(request: ChatRequest) -> Reply:
    """A story, a call beside a few words, or an error, as the user asks."""
    body = request.body
    words = str(asked(request)["messages"][-1]["content"])
    if "fail" in words:
        return Reply.error(429, "slow down", kind="rate_limit_error", code="slow")
    calls = [CALL] if "look" in words else []
    said, finish = ("Let me look.", "tool_calls") if calls else (STORY, "stop")
    head = {"id": "chatcmpl-1", "created": 1, "model": "m"}
    if not body.get("stream"):
        message = {"role": "assistant", "content": said} | ({"tool_calls": calls} if calls else {})
        choice = {"index": 0, "message": message, "finish_reason": finish}
        made = head | {"object": "chat.completion", "choices": [choice], "usage": USAGE}
        return Reply((json.dumps(made).encode(),), headers={"Content-Type": "application/json"})
    head["object"] = "chat.completion.chunk"
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": said[at : at + 9]} for at in range(0, len(said), 9)]
    deltas += [{"tool_calls": [{"index": 0, **CALL}]}] if calls else []
    chunks = [_chunk(head, delta, None) for delta in deltas] + [_chunk(head, {}, finish)]
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks.append(head | {"choices": [], "usage": USAGE})
    return Reply.stream(*chunks, role=False, finish=None)


def _chunk(head: dict[str, Any], delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    return head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def asked(request: ChatRequest) -> dict[str, Any]:
    """What a model was asked, but for the instruction."""
    text = json.dumps(request.body).replace(json.dumps(BUILT_IN[0].instruction())[1:-1], "")
    read: dict[str, Any] = json.loads(text)
    for message in read["messages"]:
        if isinstance(message["content"], str):
            message["content"] = message["content"].strip()
    return read


async def results(command: Sequence[str | Path], url: str) -> dict[str, Any]:
    """What an SDK gave for each question."""
    process = await asyncio.create_subprocess_exec(
        *map(str, (*command, url)), stdout=asyncio.subprocess.PIPE, cwd=HERE
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    told: dict[str, Any] = json.loads(out.splitlines()[-1]) if out.strip() else {}
    return told


async def compare(
    name: str, command: Sequence[str | Path], model: ChatServer, limner: str, checks: Checks
) -> None:
    """One SDK, in both ways."""
    start = len(model.requests)
    direct = await results(command, model.url)
    middle = len(model.requests)
    through = await results(command, f"{limner}/v1")
    checks.holds(f"{name}: answers", len(direct) == 6, direct)
    for case, given in direct.items():
        same = plain(through.get(case)) == plain(given)
        checks.holds(f"{name}: {case} differs in nothing", same, (given, through.get(case)))
    pictures = [case for case, given in through.items() if "/images/" in json.dumps(given)]
    # What is not streamed has pictures because it offers tools.
    checks.holds(f"{name}: stories have pictures", pictures == ["story", "story, plain"], pictures)
    first = [asked(one) for one in model.requests[start:middle]]
    second = [asked(one) for one in model.requests[middle:]]
    checks.holds(f"{name}: all offer tools", all(one.get("tools") for one in first), first)
    checks.holds(f"{name}: the model is asked the same", first == second, (first, second))


def plain(given: Any) -> Any:
    """A result in which tags and pictures look the same."""
    if isinstance(given, dict):
        return {key: plain(value) for key, value in given.items()}
    return PICTURE.sub("[picture]", given) if isinstance(given, str) else given


async def main(python: Path, node: Path) -> int:
    """Run all of them, one after the other; the exit status."""
    checks = Checks()
    commands: dict[str, list[str | Path]] = {}
    commands |= {name: [python, HERE / "python_sdks.py", name] for name in PYTHON}
    commands |= {name: ["node", HERE / "node_sdks.mjs", node, name] for name in NODE}
    with tempfile.TemporaryDirectory() as folder:
        async with ChatServer(answer, models=["m"]) as model:
            async with limner_serving(model.url, Path(folder)) as limner:
                for name, command in commands.items():
                    await compare(name, command, model, limner, checks)
    return min(1, checks.failed)


if __name__ == "__main__":
    # Not resolved: a virtual environment's Python is a link.
    sys.exit(asyncio.run(main(*(Path(argument).absolute() for argument in sys.argv[1:3]))))
