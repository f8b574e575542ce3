"""Who talks with a real `limner serve` in short turns without pictures, and what it has to keep.

Such an answer has ended before it is kept: question and answer are kept together, or not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from tests.waiting import pause

from limner.illustration import Message, MessageState
from limner.storage import Library

BETWEEN = 0.3
"""Seconds from an answer to the next question."""
ASKED = re.compile(r"Talk (\d+), question (\d+)\.")


def answer(question: str) -> str | None:
    """What the model says to a question of a talk; ``None``: it is none."""
    found = ASKED.search(question)  # the prompt for pictures may stand beside it
    return f"Of talk {found[1]}, the answer {found[2]}." if found else None


def told_by(line: bytes) -> str:
    """The words in a line of an answer that is streamed.

    Raises:
        AssertionError: It tells of an error.
    """
    if not line.startswith(b"data: {"):
        return ""
    told = json.loads(line[6:])
    assert "error" not in told, told
    return "".join(choice["delta"].get("content") or "" for choice in told["choices"])


@dataclass(slots=True)
class Talk:
    """A conversation that goes on as long as the server answers and it is not told to end.

    Attributes:
        number: Which one.
        said: Its messages, as a front-end sends them; behind the last question comes its answer.
        ending: Whether no more is asked.
    """

    number: int
    said: list[dict[str, str]] = field(default_factory=list)
    ending: bool = False

    async def go_on(self, address: str) -> None:
        """Ask one question after another."""
        async with aiohttp.ClientSession() as client:
            while not self.ending and await self._turn(client, address):
                await pause(BETWEEN, because="a user reads the answer")

    async def ask(self, address: str) -> None:
        """Ask one more question.

        Raises:
            AssertionError: It was not answered.
        """
        async with aiohttp.ClientSession() as client:
            assert await self._turn(client, address)

    async def _turn(self, client: aiohttp.ClientSession, address: str) -> bool:
        question = f"Talk {self.number}, question {len(self.said) // 2}."
        messages = [*self.said, {"role": "user", "content": question}]
        asked: dict[str, Any] = {"model": "test-model", "stream": True, "messages": messages}
        content = ""
        try:
            async with client.post(f"{address}/v1/chat/completions", json=asked) as told:
                assert told.status == 200, await told.text()
                async for line in told.content:
                    content += told_by(line)
        except aiohttp.ClientError:
            return False
        assert content == answer(question)
        self.said = [*messages, {"role": "assistant", "content": content}]
        return True

    def check(self, kept: Sequence[Message]) -> None:
        """All that was said is kept: once, in order, and no answer without its question.

        Raises:
            AssertionError: Something is lost, or stands there twice.
        """
        there = [(message.role.value, message.text) for message in kept]
        assert there == [(one["role"], one["content"]) for one in self.said], self.number
        assert {message.state for message in kept} <= {MessageState.COMPLETE}

    def check_beginning(self, kept: Sequence[Message]) -> None:
        """What is kept of it is its beginning; of the last answer a part may be.

        Raises:
            AssertionError: Something else is, or a part of an answer that is not the last.
        """
        assert len(kept) <= len(self.said), self.number
        for at, (message, one) in enumerate(zip(kept, self.said, strict=False)):
            assert message.role.value == one["role"]
            assert one["content"].startswith(message.text)
            if at < len(kept) - 1:
                assert message.text == one["content"]
                assert message.state is MessageState.COMPLETE


async def kept_talks(library: Library, *, at_rest: bool = False) -> dict[int, list[Message]]:
    """The talks that stand in a library, by their numbers.

    Args:
        library: The library.
        at_rest: Whether nobody writes into it meanwhile, so that it counts what there is.

    Raises:
        AssertionError: One stands there as two conversations, or it counts others.
    """
    found: dict[int, list[Message]] = {}
    for chat in await library.chats():
        messages = await library.messages(chat.id)
        first = ASKED.fullmatch(messages[0].text) if messages else None
        if first is not None:
            assert int(first[1]) not in found, f"talk {first[1]} stands there twice"
            assert not at_rest or (chat.messages, chat.writing) == (len(messages), 0)
            found[int(first[1])] = list(messages)
    return found
