"""Requests whose answer no reader sees as part of the story.

Front-ends send them to the same address: for titles, tags and follow-up questions, for summaries,
for answers that a program reads. Pictures would only spoil them.
"""

import re
from typing import Any

from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.mode import Mode

_TASK = "### Task:"
_TITLE = re.compile(
    r"\b(?:generate|create|provide|write|suggest|give|return)\b[^.\n]{0,80}\btitle\b[^.\n]{0,80}"
    r"\b(?:this|the|our|following|a)\s+(?:conversation|chat|dialogue|discussion)\b",
    re.IGNORECASE,
)
_HEAD = 400
"""Characters of a message in which it says what it wants."""


def mode_of(request: ChatRequest, *, asked: str | None, default: Mode) -> Mode:
    """How the answer to a request is illustrated.

    Requests that a program makes or reads are not, whatever they ask for. Those that are not
    streamed are only if the header or the model's suffix says so.

    Args:
        request: The request.
        asked: The header ``X-Limner-Mode``, if it is there.
        default: What holds otherwise.

    Raises:
        ValueError: The header names no mode.

    Example:
        >>> body = b'{"stream": true, "messages": [{"role": "user", "content": "%s"}]}'
        >>> ask = lambda text, header=None: str(
        ...     mode_of(ChatRequest.read(body % text), asked=header, default=Mode.INLINE))
        >>> ask(b"A story!"), ask(b"A story!", "hold"), ask(b"### Task: Suggest tags.", "hold")
        ('inline', 'hold', 'off')
    """
    wanted = Mode(asked.strip().lower()) if asked and asked.strip() else request.suffix
    if wanted is Mode.OFF or is_side_request(request):
        return Mode.OFF
    if wanted is None and request.get("stream") is not True:
        return Mode.OFF
    return wanted or default


def is_side_request(request: ChatRequest) -> bool:
    """Whether a request is for something else than a story."""
    if (request.get("tools") or request.get("functions")) and request.get("tool_choice") != "none":
        return True
    form = request.get("response_format")
    if isinstance(form, dict) and str(form.get("type", "text")) != "text":
        return True
    if any(request.get(name) for name in _GRAMMARS):
        return True
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        return True
    return _is_task([message for message in messages if isinstance(message, dict)])


_GRAMMARS = ("json_schema", "grammar", "guided_json", "guided_grammar", "guided_regex")
"""With these, local servers write what a program reads."""


def _is_task(messages: list[dict[str, Any]]) -> bool:
    asking = [message for message in messages if message.get("role") == "user"]
    told = messages[:1] if messages[:1] != asking[-1:] else []
    last = _text(asking[-1]) if asking else ""
    if last.lstrip().startswith(_TASK):
        return True
    # Who asks for a title says so at once, and has no longer conversation before it.
    heads = [_text(message).lstrip()[:_HEAD] for message in (*told, *asking[-1:])]
    return len(asking) <= 1 and any(_TITLE.search(head) for head in heads)


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        return "\n".join(str(part["text"]) for part in parts if isinstance(part.get("text"), str))
    return ""
