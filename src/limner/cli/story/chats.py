"""Finding the chats that somebody means by a name."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.storage import ChatSummary, Library

_WORD = re.compile(r"\w+")


async def all_chats(library: "Library") -> list["ChatSummary"]:
    """Every chat, the one changed last before all others."""
    found: list[ChatSummary] = []
    while page := await library.chats(limit=500, after=found[-1].id if found else None):
        found += page
    return found


async def chats_called(library: "Library", name: str) -> list["ChatSummary"]:
    """The chat with this id, else those whose title it is, in upper or lower case."""
    exact = await library.chat(name)
    if exact is not None:
        return [exact]
    asked = name.casefold()
    return [chat for chat in await all_chats(library) if (chat.title or "").casefold() == asked]


async def chats_meant(library: "Library", name: str) -> list["ChatSummary"]:
    """The chats called so, else those whose title has all these words: to go on with one."""
    asked = name.casefold()
    return await chats_called(library, name) or [
        chat for chat in await all_chats(library) if has_words((chat.title or "").casefold(), asked)
    ]


async def find_chats(library: "Library", name: str) -> list["ChatSummary"]:
    """The chats somebody can mean by a name.

    Those called so, else those whose id begins so, else those whose title does, else those whose
    title holds it, else those whose title has all its words; upper and lower case of titles count
    as the same.
    """
    called = await chats_called(library, name)
    if called:
        return called
    chats = await all_chats(library)
    asked = name.casefold()
    titles = [(chat, (chat.title or "").casefold()) for chat in chats]
    return (
        [chat for chat in chats if chat.id.startswith(name)]
        or [chat for chat, title in titles if title.startswith(asked)]
        or [chat for chat, title in titles if asked in title]
        or [chat for chat, title in titles if has_words(title, asked)]
    )


def has_words(title: str, words: str) -> bool:
    """Whether a title has all of these words, in whatever order.

    Examples:
        >>> has_words("the owl and the fox", "fox owl"), has_words("the owl", "ow")
        (True, False)
    """
    asked = _WORD.findall(words)
    return bool(asked) and set(asked) <= set(_WORD.findall(title))


def several(name: str, found: list["ChatSummary"]) -> str:
    """That a name fits several chats, and which."""
    told = ", ".join(f"{chat.id} ({chat.title or 'no title'})" for chat in found[:8])
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    return f"{name!r} can be any of {told}{more}; give the id"
