"""Which program asked, as far as its requests give it away."""

from collections.abc import Mapping
from functools import lru_cache

_BY_HEADER = (
    ("x-openwebui-chat-id", "Open WebUI"),
    ("x-openwebui-user-id", "Open WebUI"),
)
_BY_NAME = (
    ("sillytavern", "SillyTavern"),
    ("open webui", "Open WebUI"),
    ("openwebui", "Open WebUI"),
    ("librechat", "LibreChat"),
    ("lobe", "LobeChat"),
)
"""What stands in what a program calls itself: ``X-Title``, ``HTTP-Referer``, ``User-Agent``."""
_SAYING = ("x-title", "http-referer", "referer", "origin", "user-agent")
_BY_AGENT = (
    ("node-fetch", "SillyTavern"),
    ("aiohttp", "Open WebUI"),
)
"""Libraries that these send with, and that say nothing else: then it is the likeliest."""
_LONGEST = 60


def front_end_of(headers: Mapping[str, str]) -> str:
    """The name of the program that asks: what it calls itself, or what is known of its requests.

    A program may be taken for another one that sends with the same library and says no more.

    Args:
        headers: Of the request, their names in small letters.

    Examples:
        >>> front_end_of({"user-agent": "node-fetch"})
        'SillyTavern'
        >>> front_end_of({"user-agent": "Python/3.11 aiohttp/3.14", "x-title": "My notebook"})
        'My notebook'
        >>> front_end_of({"user-agent": "OpenAI/Python 2.8.0"})
        'OpenAI/Python 2.8.0'
        >>> front_end_of({})
        ''
    """
    for name, program in _BY_HEADER:
        if headers.get(name):
            return program
    generation = bool(headers.get("x-limner-generation"))
    return _said(*[headers.get(name, "") for name in _SAYING], generation=generation)


@lru_cache(maxsize=64)  # every request says it, and most say the same
def _said(title: str, *more: str, generation: bool) -> str:
    """The program that calls itself so, in the order of `_SAYING`."""
    for said in (title, *more):
        for part, program in _BY_NAME:
            if part in said.lower():
                return program
    if plain := _plain(title):
        return plain
    agent = more[-1]
    for part, program in _BY_AGENT:
        if part in agent.lower():
            return program
    if generation:  # others can be told to send it, too
        return "SillyTavern"
    return _plain(agent)


def _plain(said: str) -> str:
    words = "".join(char if char.isprintable() else " " for char in said).split()
    return " ".join(words)[:_LONGEST]
