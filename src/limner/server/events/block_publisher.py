"""Tells what is being written as HTML, block by block, to those who show it.

A block that is finished is told once; the one that still grows again and again, as often as an eye
can follow. Where nobody listens nothing is rendered.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from limner.illustration import (
    Event,
    Finished,
    Message,
    PromptFound,
    PromptGone,
    Session,
    StreamingSession,
    TextChunk,
    TextRewritten,
)
from limner.illustration.rendering import BlockHtml
from limner.server.events.hub import EventHub
from limner.server.events.wire_event import BLOCKS

EVERY = 0.1
"""Seconds between two tellings of one answer."""


@dataclass(slots=True)
class _Told:
    """An answer that is being written, and what was told of it."""

    renderer: BlockHtml
    blocks: list[str] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


class BlockPublisher:
    """Feeds ``message.blocks`` events: from which block on an answer is another, and those blocks.

    Args:
        hub: Who is told.
    """

    def __init__(self, hub: EventHub) -> None:
        self._hub = hub
        self._told: dict[Session, _Told] = {}

    def happened(self, session: Session, event: Event) -> None:
        """Something happened to an answer; tell soon if its text is another."""
        if isinstance(event, Finished):
            self._finish(session, event.result.message)
        elif not isinstance(event, TextChunk | TextRewritten | PromptFound | PromptGone):
            return
        elif isinstance(session, StreamingSession) and self._hub.wants(BLOCKS):
            told = self._told.setdefault(session, _Told(BlockHtml(place_prefix(session))))
            if told.timer is None:
                loop = asyncio.get_running_loop()
                told.timer = loop.call_later(EVERY, self._tell, session, told)

    def close(self) -> None:
        """Tell nothing more."""
        for told in self._told.values():
            if told.timer is not None:
                told.timer.cancel()
        self._told.clear()

    def _finish(self, session: Session, message: Message) -> None:
        told = self._told.pop(session, None)
        if told is None:
            return
        if told.timer is not None:
            told.timer.cancel()
        self._publish(session, told, message)

    def _tell(self, session: StreamingSession, told: _Told) -> None:
        told.timer = None
        self._publish(session, told, session.readable())

    def _publish(self, session: Session, told: _Told, message: Message) -> None:
        blocks = told.renderer.render(message)
        start = same(told.blocks, blocks)
        if start == len(blocks) == len(told.blocks):
            return
        told.blocks = blocks
        data = {
            "message": message.id,
            "variant": message.variant,
            "start": start,
            "blocks": blocks[start:],
        }
        self._hub.publish(BLOCKS, data, chat=session.chat_id)


def place_prefix(answer: Session | Message) -> str:
    """What begins the names of places in an answer, so that no two texts have the same."""
    return f"{answer.message_id if isinstance(answer, Session) else answer.id}-"


def same(old: Iterable[str], new: Iterable[str]) -> int:
    """How many blocks at the beginning are the same.

    Examples:
        >>> same(["a", "b"], ["a", "b, and", "c"])
        1
    """
    count = 0
    for before, now in zip(old, new, strict=False):
        if before != now:
            break
        count += 1
    return count
