"""A server's "no", in whatever dialect, as one of our errors.

The shapes of error bodies are those of OpenAI, vLLM, llama.cpp, Ollama, koboldcpp, FastAPI
servers, OpenRouter and Gemini's compatible endpoint; which status means what follows RFC 9110
and what these servers do. What a server says is hostile text: it is shown on one line, without
control characters, and not longer than `LONGEST` characters.
"""

import html
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from limner.backends.text.endpoint import without_secrets
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    ContentRefused,
)

LONGEST = 500
"""Characters of a server's message that are passed on."""

KEY_REMEDY = "set the environment variable LIMNER_LLM_KEY to a key this server accepts"

_BUSY_KINDS = ("rate_limit_exceeded", "insufficient_quota", "overloaded_error", "rate_limit_error")
_FILTER_KINDS = ("content_filter", "content_policy_violation", "moderation_blocked")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error object says.

    Attributes:
        message: Its words, on one line; may be empty.
        kinds: Its ``code`` and ``type``, as far as they are words.
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


def read_body(body: bytes) -> Complaint:
    """What the body of an error answer says, whatever its shape."""
    text = body.decode("utf-8", "replace")
    try:
        return read_complaint(msgspec.json.decode(text.strip()))
    except (msgspec.DecodeError, RecursionError):
        if looks_like_html(text):
            return Complaint(html_title(text))
        return Complaint(one_line(text))


def read_complaint(value: Any) -> Complaint:
    """What an error object says, whatever its shape.

    Example:
        >>> read_complaint({"error": {"message": "no such model", "code": "model_not_found"}})
        Complaint(message='no such model', kinds=('model_not_found',), status=None)
        >>> read_complaint({"detail": [{"loc": ["body", "n"], "msg": "too many"}]}).message
        'body.n: too many'
    """
    if isinstance(value, list):
        parts = [read_complaint(part) for part in value[:5]]
        told = one_line("; ".join(part.message for part in parts if part.message))
        first = parts[0] if parts else Complaint("")
        return Complaint(told, first.kinds, first.status)
    if not isinstance(value, dict):
        return Complaint(one_line(value) if isinstance(value, str) else "")
    for name in ("error", "detail"):
        inner = value.get(name)
        if isinstance(inner, dict | list) and inner:
            return read_complaint(inner)
    return _flat(value)


def _flat(value: dict[Any, Any]) -> Complaint:
    """An error object whose words are its own fields."""
    words = (value.get(name) for name in ("message", "msg", "detail", "error"))
    told = next((word for word in words if isinstance(word, str) and word.strip()), "")
    place = value.get("loc")
    if isinstance(place, list) and told:
        told = f"{'.'.join(str(part) for part in place)}: {told}"
    codes = [value.get("code"), value.get("type")]
    number = next((code for code in codes if type(code) is int and 400 <= code <= 599), None)
    kinds = tuple(one_line(code) for code in codes if isinstance(code, str) and code)
    return Complaint(one_line(told), kinds, number)


def parse_retry_after(value: str | None, *, now: float) -> float | None:
    """Seconds to wait, from a ``Retry-After`` header (RFC 9110 §10.2.3).

    Args:
        value: The header: seconds, or an HTTP date.
        now: The present, in seconds since 1970.

    Returns:
        Seconds from now, at least 0, or ``None`` if the header is absent or makes no sense.

    Example:
        >>> parse_retry_after("7", now=0.0), parse_retry_after("soon", now=0.0)
        (7.0, None)
        >>> parse_retry_after("Thu, 01 Jan 1970 00:01:00 GMT", now=45.0)
        15.0
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def refusal(
    status: int,
    complaint: Complaint,
    *,
    server: str,
    headers: Mapping[str, str] | None = None,
    now: float = 0.0,
    wanted: str = "chat completions",
) -> BackendError:
    """The error for an HTTP status that is no success.

    Args:
        status: The status.
        complaint: What the body said.
        server: The server's address, fit to be shown.
        headers: The answer's headers, with names that compare without case.
        now: The present, in seconds since 1970, to read a date in ``Retry-After``.
        wanted: What was asked for, to name it where there is no such thing.
    """
    headers = headers or {}
    said = f": {complaint.message}" if complaint.message else ""
    if any(kind in _FILTER_KINDS for kind in complaint.kinds):
        return ContentRefused(
            f"the content filter of {server} refused{said}", server=server, status=status
        )
    if status in (429, 503, 529):
        wait = parse_retry_after(headers.get("Retry-After"), now=now)
        later = "" if wait is None else f"; it asks to come back in {wait:.0f} s"
        return BackendBusy(
            f"{server} is busy ({status}){said}{later}",
            retry_after=wait,
            server=server,
            status=status,
        )
    if status in (408, 504):
        return BackendTimeout(
            f"{server} gave up waiting ({status}){said}", server=server, status=status
        )
    if status >= 500:
        return BackendUnavailable(f"{server} failed ({status}){said}", server=server, status=status)
    if status in (404, 405):
        message = (
            f"{server} has no {wanted} ({status}){said}; "
            "is the address right? It usually ends in /v1"
        )
    else:
        message = _rejection(status, said, server, headers)
    return BackendRejected(message, server=server, status=status)


def is_unknown_model(status: int, complaint: Complaint) -> bool:
    """Whether a refusal says that there is no such model, rather than no such address."""
    told = complaint.message.lower()
    return (
        "model_not_found" in complaint.kinds
        or (status == 404 and "model" in told)
        or (status == 400 and "valid model" in told)
    )


def _rejection(status: int, said: str, server: str, headers: Mapping[str, str]) -> str:
    if 300 <= status < 400:
        target = one_line(without_secrets(headers.get("Location", "elsewhere")))
        return f"{server} redirects to {target}; if that is the model server, give its address"
    if status in (401, 403):
        return f"{server} refused the key ({status}){said}; {KEY_REMEDY}"
    return f"{server} rejected the request ({status}){said}"


def failure_in_stream(body: str | bytes, *, server: str) -> BackendError:
    """The error for an error object that came inside an answer which had begun well."""
    complaint = read_body(body.encode() if isinstance(body, str) else body)
    status = complaint.status
    if status is None and any(kind in _BUSY_KINDS for kind in complaint.kinds):
        status = 429
    if status is None and "invalid_request_error" in complaint.kinds:
        status = 400
    if status is not None or any(kind in _FILTER_KINDS for kind in complaint.kinds):
        return refusal(status or 400, complaint, server=server)
    said = complaint.message or "without saying why"
    return BackendUnavailable(f"{server} failed while it was writing: {said}", server=server)


def not_an_endpoint(body: str, content_type: str, *, server: str) -> BackendRejected:
    """The error for an answer that is no chat completion at all."""
    if looks_like_html(body):
        title = html_title(body)
        seen = "an HTML page" + (f" titled “{title}”" if title else "")
    else:
        seen = f"{content_type or 'something'} that begins “{one_line(body[:60])}”"
    return BackendRejected(
        f"{server} is not an OpenAI-compatible endpoint: it answered with {seen}; "
        "is the URL right (…/v1)?",
        server=server,
    )
