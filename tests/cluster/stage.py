"""Where faults happen: real servers and workers on a real PostgreSQL and a real Valkey."""

import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.replicas import Replica, Replicas
from tests.cluster.valkey import Valkey
from tests.command.commands import Commands
from tests.recovery.postgres_program import PostgresProgram, running_postgres
from tests.waiting import pause

from limner.testing.chat_server import Reply
from limner.testing.chat_server.server import ChatRequest

AT_ONCE = 3
"""Pictures that may be drawn at the same time."""
TICK = 0.7
"""Seconds a picture takes at most."""
FOXES = 6
LOGS = Path("build") / "cluster"
"""What nodes have said where something was slow or wrong."""


@dataclass(slots=True)
class Stage:
    """What faults happen to.

    Attributes:
        cluster: The servers, and whom they ask.
        valkey: What they share.
        postgres: Where they keep all.
        here: Tells the story, and is what happens to it.
        there: Is asked afterwards.
        ticking: Set while pictures are finished from time to time; else they wait.
    """

    cluster: Replicas
    valkey: Valkey
    postgres: PostgresProgram
    here: Replica
    there: Replica
    ticking: asyncio.Event

    async def replace(self) -> None:
        """Start a server in the place of the one that is gone."""
        (self.here,) = await self.cluster.start(1)
        self.here, self.there = self.there, self.here

    async def tick(self) -> None:
        """Let pictures be finished from time to time."""
        while True:
            await self.ticking.wait()
            await pause(TICK, because="a picture takes its time")
            if self.ticking.is_set():
                gate, self.cluster.pictures.gate = self.cluster.pictures.gate, asyncio.Event()
                if gate is not None:
                    gate.set()

    def keep_logs(self, name: str) -> Path:
        """Keep what all have said; gives where."""
        LOGS.mkdir(parents=True, exist_ok=True)
        file = LOGS / f"{re.sub('[^a-z0-9]+', '-', name.lower())}.txt"
        said = {f"server {n}": one.process.said for n, one in enumerate(self.cluster.replicas)}
        said |= {f"worker {n}": one.said for n, one in enumerate(self.cluster.hands)}
        file.write_text("\n".join(f"--- {who}\n{''.join(lines)}" for who, lines in said.items()))
        return file


def story_of(request: ChatRequest) -> Reply:
    """Foxes that are in no other story: what the reader has said is in their prompts."""
    asked = request.body["messages"][-1]["content"].partition("\n")[0]  # an instruction follows
    return Reply.stream(
        "".join(
            f'Fox {n}: <!--img-prompt="fox {n} of {asked}" size="64x64"--> ' for n in range(FOXES)
        )
    )


async def slots_of(server: Replica, story: str) -> list[dict[str, Any]]:
    """The slots of a story as they are kept; none: nobody knows it."""
    for chat in (await server.ask("GET", "/api/chats?limit=5"))["chats"]:
        if chat["title"] == story:
            listed = await server.ask("GET", f"/api/chats/{chat['id']}/messages")
            return [slot for message in listed["messages"] for slot in message["slots"]]
    return []


@contextlib.asynccontextmanager
async def set_up(*, servers: int, workers: int, more: str = "") -> AsyncIterator[Stage]:
    """Have a stage for the time of the block; with workers, they draw."""
    with contextlib.ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="limner-faults-")))
        short = ends.enter_context(tempfile.TemporaryDirectory(prefix="vk-"))
        commands = ends.enter_context(Commands())
        program = ends.enter_context(running_postgres())
        valkey = Valkey(Path(short))
        ends.callback(valkey.close)
        async with Replicas(
            lambda *arguments: commands.start(*arguments, cwd=folder),
            folder,
            library=program.url,
            valkey=valkey.url,
            script=story_of,
            gate=asyncio.Event(),
            more=f"max_concurrent = {AT_ONCE}\nwork = {{grace = 0.5}}\n{more}",
            serve='draw = "elsewhere"' if workers else "",
        ) as cluster:
            here, there, *_ = await cluster.start(servers)
            await cluster.hire(workers)
            stage = Stage(cluster, valkey, program, here, there, asyncio.Event())
            stage.ticking.set()
            ticking = asyncio.create_task(stage.tick())
            try:
                yield stage
            finally:
                ticking.cancel()
