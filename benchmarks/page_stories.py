"""What the page is measured with: an answer at a steady pace, and very many pictures."""

import asyncio
import io
from collections.abc import Iterator
from itertools import cycle, islice

import PIL.Image

from limner.illustration import (
    Alternative,
    Image,
    Message,
    MessageState,
    Role,
    Slot,
    SlotId,
    SlotState,
)
from limner.illustration.model.prompt_tree import PromptTree
from limner.prompts import find_prompts, format_tag
from limner.storage import Library
from limner.testing.chat_server import Reply

WORDS = [
    "the",
    "old",
    "keeper",
    "of",
    "*the",
    "light*",
    "went",
    "down",
    "to",
    "the",
    "shore",
    "where",
    "a",
    "small",
    "**fox**",
    "had",
    "waited",
    "all",
    "night",
    "for",
    "the",
    "ship",
    "with",
    "“three",
    "lanterns”",
    "that",
    "would",
    "never",
    "come",
    "back,",
    "and",
    "so",
    "he",
    "sat",
    "beside",
    "it,",
    "said",
    "nothing",
    "at",
    "all,",
    "and",
    "looked",
    "at",
    "`the",
    "water`",
    "until",
    "the",
    "stars",
    "had",
    "gone",
    "out",
    "one",
    "by",
    "one",
]
PARAGRAPH = 70
"""Words between two paragraphs."""


def tokens(count: int, pictures: int) -> Iterator[str]:
    """An answer in pieces of about a word, with so many requests for pictures in it."""
    apart = max(count // max(pictures, 1), 1)
    for number, word in enumerate(islice(cycle(WORDS), count), start=1):
        yield f"{word} "
        if number % PARAGRAPH == 0:
            yield "\n\n"
        if pictures and number % apart == 0:
            yield f"\n\n{format_tag(f'picture {number // apart} of the shore at night')}\n\n"


class Paced:
    """An answer that comes at a steady pace.

    Args:
        pieces: Its pieces.
        rate: How many a second.
    """

    def __init__(self, pieces: list[str], rate: float) -> None:
        self._gates = [asyncio.Event() for _ in pieces]
        self._rate = rate
        steps: list[str | asyncio.Event] = []
        for gate, piece in zip(self._gates, pieces, strict=True):
            steps += [gate, piece]
        self.reply = Reply.stream(*steps)

    async def go(self) -> None:
        """Let it come."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, gate in enumerate(self._gates):
            await asyncio.sleep(max(0.0, began + number / self._rate - loop.time()))
            gate.set()


async def paced(pieces: list[str], rate: float) -> Paced:
    """One that is made where it is used."""
    return Paced(pieces, rate)


def picture(number: int) -> Image:
    """A small picture; there are fifty different ones."""
    out = io.BytesIO()
    colour = (number * 5 % 256, number * 11 % 256, 128)
    PIL.Image.new("RGB", (96, 64), colour).save(out, "PNG")
    return Image(data=out.getvalue(), media_type="image/png", width=96, height=64, seed=number)


async def fill(library: Library, count: int) -> None:
    """Keep so many pictures in messages of fifty each: ten places with five pictures."""
    pictures = [picture(number) for number in range(50)]
    for number in range(count // 50):
        name = f"many-{number}"
        text = "\n\n".join(format_tag(f"animal {number} {n}") for n in range(10))
        slots = []
        for ordinal, tag in enumerate(find_prompts(text)):
            made = tuple(
                Alternative(pictures[(ordinal * 5 + n) % 50], tag.prompt, id=f"{ordinal}-{n}")
                for n in range(5)
            )
            slots.append(
                Slot(
                    id=SlotId(name, 0, ordinal), tag=tag, prompts=PromptTree.of(tag.prompt),
                    state=SlotState.READY, alternatives=made, selected=0, attempts=5,
                )
            )  # fmt: skip
        message = Message(
            id=name, chat_id=f"chat-{number // 20}", text=text, role=Role.ASSISTANT,
            state=MessageState.COMPLETE, slots=tuple(slots),
        )  # fmt: skip
        await library.save(message)
