"""Where an answer is written: among a library's conversations, or alone.

It is decided the moment its first picture needs an address.
"""

import asyncio
import secrets
from collections.abc import Collection
from typing import Protocol

from limner.illustration import Message
from limner.server.proxy.history.chat_recorder import WholeAnswer
from limner.server.proxy.history.message_target import MessageTarget
from limner.server.proxy.picture_id import STEM


class TargetResolver(Protocol):
    """Finds the place of an answer while its first words come."""

    @property
    def at_once(self) -> bool:
        """Whether an answer is kept from its first word on, even if no picture comes."""
        ...

    @property
    def order(self) -> int:
        """The number of the question: what was asked later waits for it, and never it for that."""
        ...

    @property
    def continuing(self) -> bool:
        """Whether the answer may go on from another text, which is known when this is `ready`."""
        ...

    @property
    def known(self) -> bool:
        """Whether the place is known, or cannot be found out."""
        ...

    def hurry(self) -> None:
        """Somebody waits for the place: find it now."""
        ...

    async def ready(self) -> None:
        """Wait until the place is known, or cannot be found out."""
        ...

    def take(self) -> MessageTarget:
        """The place, as far as it is known by now; asked once for each choice."""
        ...

    async def keep(self, target: MessageTarget) -> str:
        """Keep what stands before the answer; gives its conversation. Never fails."""
        ...

    async def keep_whole(self, answer: WholeAnswer) -> Message | None:
        """Keep an answer that has ended together with what stands before it, if that can be.

        ``None``: it is to be kept like any other. Never fails.
        """
        ...

    def named(self, answer_id: str) -> None:
        """The model server calls the answer so, and may be asked for what follows it."""
        ...

    def unanswered(self) -> None:
        """The answer came to its end without a word: a call of a tool, say."""
        ...

    async def turn(self, target: MessageTarget) -> None:
        """Wait until nobody else writes the answer that goes on."""
        ...

    @property
    def unseen(self) -> str:
        """What the front-end does not have of the text that goes on: an open tag; else ``""``."""
        ...

    @property
    def chat(self) -> str | None:
        """The conversation, where that is known by now."""
        ...

    def answers(self, ids: Collection[str]) -> bool:
        """Whether the answer may be to one of these messages."""
        ...

    def close(self) -> None:
        """There is no answer after all."""
        ...


class ActiveAnswers(Protocol):
    """Knows the answers that are being kept."""

    async def begun(self, ids: Collection[str], asking: TargetResolver) -> None:
        """Wait until those of them that are of these messages can be found."""
        ...

    def drawn_for(self, key: tuple[str, int]) -> "list[asyncio.Task[None]]":
        """What runs for an answer, but for who asks."""
        ...


class UnrecordedTargetResolver:
    """Gives each answer with a picture a message of its own.

    Args:
        chat_id: In this conversation.
    """

    at_once = False
    continuing = False
    order = 0
    known = True
    unseen = ""

    def __init__(self, chat_id: str) -> None:
        self._chat_id = chat_id

    @property
    def chat(self) -> str | None:
        """The one of all."""
        return self._chat_id

    def hurry(self) -> None:
        """It is known always."""

    async def ready(self) -> None:
        """It is known always."""

    def take(self) -> MessageTarget:
        """A new message; all of its id, of 80 random bits, stands in those of its pictures."""
        return MessageTarget(message_id=secrets.token_hex(STEM // 2))

    async def keep(self, target: MessageTarget) -> str:
        """Nothing stands before it."""
        return self._chat_id

    async def keep_whole(self, answer: WholeAnswer) -> Message | None:
        """Of a text without a picture nothing is kept."""
        return None

    def named(self, answer_id: str) -> None:
        """Nothing goes on behind it."""

    def unanswered(self) -> None:
        """Nothing goes on behind it."""

    async def turn(self, target: MessageTarget) -> None:
        """Nobody else does."""

    def answers(self, ids: Collection[str]) -> bool:
        """It is none of anybody's messages."""
        return False

    def close(self) -> None:
        """Nothing was begun."""
