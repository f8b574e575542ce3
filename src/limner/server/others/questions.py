"""Questions that servers of one library ask one another."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from limner.server.events import EventHub

Said: TypeAlias = Mapping[str, Any]


class Questions:
    """Asks the others, and answers them.

    Args:
        hub: Tells them, and hears them.
        kind: What it is about.
        answer: Answers a question of another server; ``None``: that is for others to answer.
    """

    def __init__(
        self, hub: EventHub, kind: str, answer: Callable[[Said], Awaitable[Said | None]]
    ) -> None:
        self._hub = hub
        self._kind, self._answers = kind, f"{kind}.answer"
        self._answer = answer
        self._open: dict[str, list[Said]] = {}
        self._heard = asyncio.Event()
        self._answering: set[asyncio.Task[None]] = set()
        hub.on_others(self._kind, self._asked)
        hub.on_others(self._answers, self._answered)

    async def ask(
        self,
        question: Said,
        *,
        enough: Callable[[Sequence[Said]], bool],
        patience: float,
    ) -> Sequence[Said]:
        """What the others say to a question, as far as they do in time.

        Args:
            question: What.
            enough: Whether no more answers are waited for.
            patience: Seconds for which they are.
        """
        if not self._hub.has_others:
            return ()
        name = secrets.token_hex(8)
        answers = self._open[name] = []
        self._hub.tell_others(self._kind, {**question, "ask": name})
        try:
            async with asyncio.timeout(patience):
                while not enough(answers):
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            pass
        finally:
            del self._open[name]
        return answers

    def _asked(self, question: Said) -> None:
        task = asyncio.create_task(self._answer_to(question), name=f"answering {self._kind}")
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer_to(self, question: Said) -> None:
        answer = await self._answer(question)
        if answer is not None:
            self._hub.tell_others(self._answers, {**answer, "ask": question["ask"]})

    def _answered(self, answer: Said) -> None:
        answers = self._open.get(answer["ask"])
        if answers is not None:
            answers.append(answer)
            self._heard.set()
