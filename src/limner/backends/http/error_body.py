"""What the body of an error answer says, whatever its shape.

The shapes are those of OpenAI, vLLM, llama.cpp, Ollama, koboldcpp, FastAPI servers, OpenRouter,
Gemini's compatible endpoint, A1111, SD.Next and the AI Horde. What a server says is hostile text:
it is shown on one line, without control characters, and not longer than `LONGEST` characters.
"""

import html
import re
from dataclasses import dataclass, replace
from typing import Any

import msgspec

LONGEST = 500
"""Characters of a server's message that are passed on."""


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What an error object says.

    Attributes:
        message: Its words, on one line; may be empty.
        kinds: Its ``code``, ``type`` and ``rc``, as far as they are words.
        status: Its ``code``, where it is an HTTP status.
    """

    message: str
    kinds: tuple[str, ...] = ()
    status: int | None = None


def one_line(text: str) -> str:
    """Hostile text made fit for one line of a terminal."""
    cleaned = "".join(c if c.isprintable() else " " for c in text[: 4 * LONGEST])
    cleaned = " ".join(cleaned.split())
    return cleaned if len(cleaned) <= LONGEST else cleaned[: LONGEST - 1] + "…"


def html_title(page: str) -> str:
    """The title of an HTML page, or ``""``."""
    found = re.search(r"<title[^>]{0,200}>([^<]{0,1000})", page, re.IGNORECASE)
    return one_line(html.unescape(found[1])) if found else ""


def looks_like_html(body: str) -> bool:
    """Whether a body is a web page rather than an answer of an API."""
    return body.lstrip("\ufeff \t\r\n")[:1] == "<"


def appearance(text: str, content_type: str = "") -> str:
    """What an answer that was not expected looks like, in words.

    Args:
        text: Its beginning; hostile.
        content_type: The media type it claims.

    Examples:
        >>> appearance("<title>My Router</title>"), appearance("hello", "text/plain")
        ('a web page titled “My Router”', 'text/plain that begins “hello”')
    """
    if looks_like_html(text):
        title = html_title(text)
        return "a web page" + (f" titled “{title}”" if title else "")
    return f"{content_type or 'something'} that begins “{one_line(text[:60])}”"


def read_body(body: bytes) -> ErrorBody:
    """What the body of an error answer says, whatever its shape."""
    text = body.decode("utf-8", "replace")
    try:
        return read_error(msgspec.json.decode(text.strip()))
    except (msgspec.DecodeError, RecursionError):
        if looks_like_html(text):
            return ErrorBody(html_title(text))
        return ErrorBody(one_line(text))


def read_error(value: Any) -> ErrorBody:
    """What an error object says, whatever its shape.

    Examples:
        >>> read_error({"error": {"message": "no such model", "code": "model_not_found"}})
        ErrorBody(message='no such model', kinds=('model_not_found',), status=None)
        >>> read_error({"detail": [{"loc": ["body", "n"], "msg": "too many"}]}).message
        'body.n: too many'
    """
    if isinstance(value, list):
        parts = [read_error(part) for part in value[:5]]
        told = one_line("; ".join(part.message for part in parts if part.message))
        first = parts[0] if parts else ErrorBody("")
        return ErrorBody(told, first.kinds, first.status)
    if not isinstance(value, dict):
        return ErrorBody(one_line(value) if isinstance(value, str) else "")
    for name in ("error", "detail", "errors"):
        inner = value.get(name)
        if isinstance(inner, dict | list) and inner:
            found = read_error(inner)
            return found if found.kinds else replace(found, kinds=_flat(value).kinds)
    return _flat(value)


def _flat(value: dict[Any, Any]) -> ErrorBody:
    """An error object whose words are its own fields."""
    words = (value.get(name) for name in ("message", "msg", "detail", "error"))
    told = next((word for word in words if isinstance(word, str) and word.strip()), "")
    place = value.get("loc")
    if isinstance(place, list) and told:
        told = f"{'.'.join(str(part) for part in place)}: {told}"
    codes = [value.get(name) for name in ("code", "type", "rc", "name")]
    number = next((code for code in codes if type(code) is int and 400 <= code <= 599), None)
    kinds = tuple(one_line(code) for code in codes if isinstance(code, str) and code)
    return ErrorBody(one_line(told), kinds, number)
