"""A model for the extension's checks: it writes what it is asked for, and can be held."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from tests.frontends.story_model import text_of, told

from limner.testing.chat_server import ChatRequest, ChatServer, Cut, Reply
from limner.testing.chat_server.reply import Step

FOX = '<!--img-prompt="a red fox in the snow, moonlight"-->'
HOSTILE = "<img src=x onerror=alert(1)> <script>alert(2)</script> & \"quotes\" 'too' ](x)"
REFINED = "a red fox in the snow at noon"
LONG = 12
"""Pictures in a long answer."""


@dataclass
class Story:
    """The model, and what holds it.

    Attributes:
        on: Set, the middle of an answer that is held goes on.
        numbers: Counts the answers that differ each time.
    """

    on: asyncio.Event = field(default_factory=asyncio.Event)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def server(self) -> ChatServer:
        """Its server, on this machine."""
        return ChatServer(self.answer, models=["story"])

    def answer(self, request: ChatRequest) -> Reply:
        """What it says to a request."""
        messages = told(request)
        asked = next((text_of(one) for one in reversed(messages) if one["role"] == "user"), "")
        if asked.startswith("Prompt:"):
            return Reply.completion(f'<!--img-prompt="{REFINED}"-->')
        if not request.body.get("stream"):
            quiet = messages[-1]["role"] == "system"
            return Reply.completion("Quietly." if quiet else f"All at once. {FOX} Done.")
        return Reply.stream(*self._pieces(asked))

    def _pieces(self, asked: str) -> Iterator[str | Step]:
        if "long" in asked:
            for number in range(LONG):
                yield f"Scene {number}.\n\n"
                yield f'<!--img-prompt="scene {number} of a long tale"-->'
                yield "\n\nAnd so on. "
        elif "hold" in asked:
            yield from self._held("Very dark. ")
            yield '<!--img-prompt="a lantern"--> It is light.'
        elif "break" in asked:
            # What comes at once with the error is shown by no SillyTavern before 1.13.
            yield from self._held("And then. ")
            yield Cut()
        elif "hostile" in asked:
            prompt = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
            yield f'See. <!--img-prompt="{prompt}"--> Well.'
        elif "anew" in asked:
            yield f"The {next(self.numbers)}. time. {FOX} The end."
        else:
            yield f"Once there was a fox. {FOX} He ran through the snow."

    def _held(self, words: str) -> Iterator[str | Step]:
        """A picture and some words, so that what came before is shown; and no more for now."""
        yield f"Once. {FOX} It is dark. "
        for number in range(5):
            yield _later(0.2 * number)
            yield words
        yield self.on


def _later(seconds: float) -> asyncio.Event:
    """Something that has happened so long from now."""
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, event.set)
    return event
