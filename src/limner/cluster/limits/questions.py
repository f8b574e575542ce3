"""Who wants to know what the limits look like, until the next exchange tells."""

import asyncio

from limner.cluster.limits.wire import Answer
from limner.errors import SharedLimitsUnavailable

Question = asyncio.Future[Answer]


class Questions:
    """Questions that travel with an exchange, and are answered by it."""

    def __init__(self) -> None:
        self._open: list[Question] = []

    def ask(self) -> Question:
        """Ask with the next exchange."""
        question: Question = asyncio.get_running_loop().create_future()
        self._open.append(question)
        return question

    def take(self) -> list[Question]:
        """Let the questions so far travel."""
        taken, self._open = self._open, []
        return taken

    def put_back(self, taken: list[Question]) -> None:
        """They were not answered."""
        self._open = [one for one in taken if not one.done()] + self._open

    def fail(self, error: SharedLimitsUnavailable) -> None:
        """Nobody answers."""
        for question in self.take():
            if not question.done():
                question.set_exception(error)


def answer_all(taken: list[Question], answer: Answer) -> None:
    """Answer those who still want to know."""
    for question in taken:
        if not question.done():
            question.set_result(answer)
