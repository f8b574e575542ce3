"""A conversation in chapters: each answer with what was asked for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from limner.illustration.model.message import Message, Role
from limner.illustration.rendering.story import heading

LONGEST_TITLE = 60
"""Characters of a question that can be a chapter's title."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """An answer, and what was asked for it.

    Attributes:
        number: Its place in the conversation, from 1.
        asked: What people said since the answer before.
        answer: The answer; ``None`` if there is none yet.
    """

    number: int
    asked: tuple[Message, ...] = ()
    answer: Message | None = None

    @property
    def messages(self) -> tuple[Message, ...]:
        """All that was said, in order."""
        return (*self.asked, self.answer) if self.answer is not None else self.asked

    def title(self) -> str:
        r"""The heading it begins with, else the first words of what was asked, else its number.

        Examples:
            >>> Chapter(2, answer=Message(id="m", text="# The Fox\n\nOnce")).title()
            'The Fox'
            >>> Chapter(2, (Message(id="q", text="Tell me of the owl."),)).title()
            'Tell me of the owl.'
        """
        found = heading(self.answer) if self.answer is not None else None
        asked = " ".join(self.asked[-1].text[:1000].split()) if self.asked else ""
        return found or _short(asked) or f"Part {self.number}"


def chapters(messages: Iterable[Message]) -> Iterator[Chapter]:
    """The chapters of a conversation; what the system said to the model is left out.

    Examples:
        >>> made = [
        ...     Message(id="a", text="Be kind.", role=Role.SYSTEM),
        ...     Message(id="b", text="A tale!", role=Role.USER),
        ...     Message(id="c", text="Once"),
        ...     Message(id="d", text="More!", role=Role.USER),
        ... ]
        >>> [[message.id for message in chapter.messages] for chapter in chapters(made)]
        [['b', 'c'], ['d']]
    """
    asked: list[Message] = []
    number = 1
    for message in messages:
        if message.role is Role.USER:
            asked.append(message)
        elif message.role is Role.ASSISTANT:
            yield Chapter(number, tuple(asked), message)
            number += 1
            asked.clear()
    if asked:
        yield Chapter(number, tuple(asked))


def _short(words: str) -> str:
    if len(words) <= LONGEST_TITLE:
        return words
    cut = words[:LONGEST_TITLE].rfind(" ")
    return words[: cut if cut > LONGEST_TITLE // 2 else LONGEST_TITLE].rstrip(" ,;:–—-") + "…"
