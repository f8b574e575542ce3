"""Two hundred `limner illustrate` and `limner resume` that are killed, and what they leave.

Meanwhile their library is locked now and then, and none of their files can grow for a while: not
the library's, and not the output.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.command.commands import Commands, Running
from tests.recovery.kill_faults import KILLS, locking
from tests.recovery.life import opened
from tests.recovery.test_kill import story
from tests.waiting import pause, until

from limner.illustration import Message, MessageState, SlotState
from limner.prompts import find_prompts
from limner.testing.a1111_server import A1111Server

LONGEST = 0.6
"""Seconds after which a command is killed at the latest, from its first picture on."""
DRAWING = 0.02
"""Seconds that a picture takes."""
PATIENT = {"LIMNER_LIBRARY_TIMEOUT": "60"}


@dataclass(slots=True)
class _Seen:
    """What stood in the library when somebody looked.

    Attributes:
        text: The longest that was there.
        pictures: For each prompt with a picture, that, and how often it was asked for by then.
    """

    text: str = ""
    pictures: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class CommandKills:
    """Kills commands, and looks at what is there after each death.

    Attributes:
        folder: Where all of it is.
        chance: Says what happens when.
        commands: Starts them.
        painter: Draws, and outlives them.
        killed: How many were killed.
        full: How many could not write for a while.
        told: Why commands ended by themselves with an error, and how often.
    """

    folder: Path
    chance: random.Random
    commands: Commands
    painter: A1111Server
    killed: int = 0
    full: int = 0
    told: Counter[str] = field(default_factory=Counter)
    _seen: dict[str, _Seen] = field(default_factory=dict)

    @property
    def place(self) -> Path:
        """The library."""
        return self.folder / "kept"

    @property
    def asked(self) -> Counter[str]:
        """How often each prompt was asked for."""
        return Counter(job.body["prompt"] for job in self.painter.jobs)

    async def finish(self, number: int) -> None:
        """Have a story illustrated, by as many commands as it takes.

        Raises:
            AssertionError: Something is lost, was drawn again, or is not written.
        """
        name = f"tale{number}"
        source, output = self.folder / f"{name}.md", self.folder / f"{name}.html"
        text = story(number, self.chance).replace("refused", "wolf")
        source.write_text(text)
        draw = ("--backend", f"a1111+{self.painter.url}", "--library", str(self.place))
        begun = False
        while True:
            if begun:
                arguments = ["resume", *draw]
            else:
                arguments = ["illustrate", str(source), "-o", str(output), *draw]
                arguments += ["--size", "64x64"]
            code = await self._one(arguments)
            await self._look(name, output, text)
            begun = bool(self._seen[name].text)
            if code == 0 and _written(output) is not None:
                break
        await self._check_the_end(name, output, text)

    async def _one(self, arguments: list[str]) -> int:
        """Run one command, perhaps not to its end; gives its code."""
        running = self.commands.start(*arguments, cwd=self.folder, environment=PATIENT)
        try:
            ending, asked = asyncio.create_task(running.ended()), len(self.painter.jobs)
            if self.chance.random() < 0.8:  # the others may die while they begin
                await until(lambda: ending.done() or len(self.painter.jobs) > asked, every=0.01)
            async with asyncio.TaskGroup() as faults:
                if self.chance.random() < 0.5:
                    self.full += 1
                    faults.create_task(self._have_no_room(running))
                if self.killed < KILLS:
                    after = self.chance.uniform(0, LONGEST)
                    await asyncio.wait({ending}, timeout=after)
                    running.kill()
            code, _, said = await ending
            await pause(0.05, because="what it had asked for by then comes to the painter")
            if code == -signal.SIGKILL:
                self.killed += 1
            elif code != 0:
                self.told[said.strip().splitlines()[-1] if said.strip() else str(code)] += 1
            assert "Traceback" not in said, said
            return code
        finally:
            running.end()

    async def _have_no_room(self, running: Running) -> None:
        """None of its files can grow for a while."""
        begin = self.chance.uniform(0, LONGEST / 2)
        await pause(begin, because="that is when the disk is full")
        await self._room(running, 0)
        length = self.chance.uniform(0.02, 0.3)
        await pause(length, because="that is how long it is")
        await self._room(running, -1)

    async def _room(self, running: Running, size: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has ended
            hard = resource.prlimit(running.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (size, hard))

    async def _look(self, name: str, output: Path, text: str) -> None:
        """What is there is whole, and nothing that was kept was drawn again."""
        if (written := _written(output)) is not None:  # it is there whole, or not at all
            assert written.rstrip().endswith("</html>")
        seen = self._seen.setdefault(name, _Seen())
        asked = self.asked
        message = await self._message(text)
        if message is None:
            assert not seen.text, "the message is lost"
            return
        assert text.startswith(message.text)
        assert message.text.startswith(seen.text), "text is lost"
        seen.text = message.text
        pictures = {
            slot.prompt: getattr(slot.image, "digest", "")
            for slot in message.slots
            if slot.image is not None
        }
        for prompt, (picture, count) in seen.pictures.items():
            assert pictures.get(prompt) == picture, f"the picture of {prompt} is lost"
            assert asked[prompt] == count, f"{prompt} was drawn again"
        for prompt, picture in pictures.items():
            seen.pictures[prompt] = picture, asked[prompt]

    async def _message(self, text: str) -> Message | None:
        """The one that is made of a text, once there is some of it."""
        async with await opened({"place": str(self.place), "busy": 60.0}) as library:
            for chat in await library.chats(limit=1000):
                for message in await library.messages(chat.id):
                    # Each story has its number in its first tag; what has no text is of none.
                    if message.text and text.startswith(message.text):
                        return message
        return None

    async def _check_the_end(self, name: str, output: Path, text: str) -> None:
        """The story is whole in the library, and so is its output."""
        message = await self._message(text)
        assert message is not None
        assert message.state is MessageState.COMPLETE
        assert message.text == text
        assert {slot.state for slot in message.slots} == {SlotState.READY}
        tags = find_prompts(text)
        assert [slot.prompt for slot in message.slots] == [tag.prompt for tag in tags]
        written = _written(output)
        assert written is not None
        assert written.count("data:image/") >= len(tags), f"{name} is written without its pictures"
        for tag in tags:
            assert tag.prompt in written

    async def check_library(self) -> None:
        """Nothing in it is missing, damaged, or left to do."""
        async with await opened({"place": str(self.place)}) as library:
            report = await library.check()
            assert report.is_sound, report
            assert await library.unfinished() == []


def _written(output: Path) -> str | None:
    """What was written, if anything."""
    return output.read_text() if output.exists() else None


async def kill_commands(folder: Path, seed: int) -> str:
    """Kill them, look at what is there after each death, and tell what was seen.

    Raises:
        AssertionError: Something is lost, was drawn again, or is not written.
    """
    chance = random.Random(seed)
    number = 0
    with Commands() as commands:
        async with A1111Server(seconds=DRAWING) as painter:
            kills = CommandKills(folder, chance, commands, painter)
            with locking(kills.place, seed):
                while kills.killed < KILLS:
                    number += 1
                    await kills.finish(number)
            await kills.check_library()
            asked = kills.asked
    again = sum(count - 1 for count in asked.values())
    ends = "".join(f"\n    {count} ended with: {line}" for line, count in kills.told.items())
    return (
        f"{kills.killed} killed, {kills.full} of all commands had no room for a while, the lock"
        f" came and went: {number} stories whole and written, {len(asked)} pictures there; {again}"
        f" times one was asked for again of which only the dead knew, never one that was kept{ends}"
    )
