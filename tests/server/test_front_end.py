"""Which front-end asked, by what programs say of themselves."""

import pytest

from limner.server.logs.front_end import front_end_of

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("headers", "program"),
    [
        ({"user-agent": "node-fetch"}, "SillyTavern"),
        ({"user-agent": "node-fetch", "x-limner-generation": "swipe"}, "SillyTavern"),
        ({"user-agent": "node", "x-limner-generation": "quiet"}, "SillyTavern"),
        ({"user-agent": "Python/3.11 aiohttp/3.13.2"}, "Open WebUI"),
        (
            {"user-agent": "Python/3.11 aiohttp/3", "x-limner-generation": "title_generation"},
            "Open WebUI",
        ),
        ({"user-agent": "python", "x-openwebui-chat-id": "5f"}, "Open WebUI"),
        ({"user-agent": "OpenAI/JS 6.9.1", "x-title": "LibreChat"}, "LibreChat"),
        ({"user-agent": "OpenAI/JS 6.9.1", "http-referer": "https://lobehub.com"}, "LobeChat"),
        ({"user-agent": BROWSER, "origin": "https://lobechat.example.org"}, "LobeChat"),
        ({"user-agent": "OpenAI/JS 6.9.1"}, "OpenAI/JS 6.9.1"),
        ({"user-agent": "curl/8.5.0"}, "curl/8.5.0"),
        ({"user-agent": "Python/3.12 aiohttp/3.14", "x-title": "My notebook"}, "My notebook"),
        ({"user-agent": "a\x1b[31m\tb" * 40}, "a [31m b" * 7 + "a [3"),
    ],
)
def test_each_is_known_by_what_it_sends(headers: dict[str, str], program: str) -> None:
    """What a program calls itself goes before what its library does."""
    assert front_end_of(headers) == program
