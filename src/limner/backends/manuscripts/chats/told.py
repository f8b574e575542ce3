"""What was said in a chat, as one story: the answers as they are, what was asked as quotations."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from limner.backends.manuscripts.front import About, with_front


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a chat.

    Attributes:
        text: What was said.
        asked: Whether a person said it, and no model.
    """

    text: str
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A chat.

    Attributes:
        title: What it is called.
        said: Its messages, in order.
    """

    title: str | None
    said: tuple[Said, ...]


def as_story(chat: Told) -> str:
    r"""A chat as Markdown.

    Examples:
        >>> as_story(Told("Fox", (Said("A tale!", asked=True), Said("Once."))))
        '---\ntitle: "Fox"\n---\n\n> A tale!\n\nOnce.\n'
    """
    parts = (_quoted(one.text) if one.asked else one.text.strip("\n") for one in chat.said)
    text = "\n\n".join(part for part in parts if part.strip())
    return with_front(About(title=chat.title), f"{text}\n" if text else "")


def with_names(text: str, *, user: str, character: str) -> str:
    """The text with its places for names filled, as role-playing programs do.

    Examples:
        >>> with_names("{{char}} greets {{User}}.", user="Ann", character="Fox")
        'Fox greets Ann.'
    """
    filled = re.sub(r"\{\{char\}\}|<BOT>", lambda _: character, text, flags=re.IGNORECASE)
    return re.sub(r"\{\{user\}\}|<USER>", lambda _: user, filled, flags=re.IGNORECASE)


def titles(chats: Iterable[Told]) -> str:
    """The titles of some chats, to choose from."""
    found = [chat.title or "without a title" for chat in chats]
    told = ", ".join(repr(title[:60]) for title in found[:6])
    return f"{told}{f' and {len(found) - 6} more' if len(found) > 6 else ''}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line.strip() else ">" for line in text.strip("\n").split("\n"))
