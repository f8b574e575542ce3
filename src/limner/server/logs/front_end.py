"""Which program asked, as far as its requests give it away."""

from collections.abc import Mapping

_BY_HEADER = (
    ("x-openwebui-chat-id", "Open WebUI"),
    ("x-openwebui-user-id", "Open WebUI"),
    ("x-limner-generation", "SillyTavern"),
)
_BY_AGENT = (
    ("sillytavern", "SillyTavern"),
    ("node-fetch", "SillyTavern"),
    ("open webui", "Open WebUI"),
    ("aiohttp", "Open WebUI"),
    ("librechat", "LibreChat"),
    ("lobe", "LobeChat"),
)
"""What stands in ``User-Agent``: some send their library's only, and then it is the likeliest."""
_LONGEST = 60


def front_end_of(headers: Mapping[str, str]) -> str:
    """The name of the program that asks: what it calls itself, or what is known of its requests.

    Args:
        headers: Of the request, their names in small letters.

    Examples:
        >>> front_end_of({"user-agent": "node-fetch"})
        'SillyTavern'
        >>> front_end_of({"user-agent": "OpenAI/Python 2.8.0"})
        'OpenAI/Python 2.8.0'
        >>> front_end_of({})
        ''
    """
    for name, program in _BY_HEADER:
        if headers.get(name):
            return program
    agent = headers.get("user-agent", "")
    for part, program in _BY_AGENT:
        if part in agent.lower():
            return program
    words = "".join(char if char.isprintable() else " " for char in agent).split()
    return " ".join(words)[:_LONGEST]
